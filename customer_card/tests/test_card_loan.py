from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import CheckViolation, SerializationFailure

from odoo import Command, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCardCommon, CustomerCardWorld

TODO = "mail.mail_activity_data_todo"
RULE_LOGGER = "odoo.addons.base.models.ir_rule"


class LoanWorld(CustomerCardWorld):
    """Shortcuts around loans."""

    def ask(self, borrower, cards, **vals):
        now = fields.Datetime.now()
        return (
            self.env["customer.card.loan"]
            .with_user(borrower)
            .create(
                {
                    "card_ids": [Command.set(cards.ids)],
                    "purpose": "Trade fair",
                    "date_from": now,
                    "valid_until": now + timedelta(days=7),
                    **vals,
                }
            )
        )

    def lend(self, borrower, cards, manager=None, **vals):
        loan = self.ask(borrower, cards, **vals)
        loan.action_submit()
        loan.with_user(manager or self.manager_east).action_approve()
        return loan

    def can_read(self, user, partner):
        """As a new request sees it: nothing is cached."""
        self.env.invalidate_all()
        return bool(
            self.env["res.partner"].with_user(user).search([("id", "=", partner.id)])
        )

    def todos(self, loans):
        return self.env["mail.activity"].search(
            [("res_model", "=", "customer.card.loan"), ("res_id", "in", loans.ids)]
        )

    def kinds(self, partner):
        return (
            self.env["customer.card.event"]
            .search([("partner_id", "=", partner.id)], order="id")
            .mapped("kind")
        )


@tagged("post_install", "-at_install")
class TestCardLoan(LoanWorld, CustomerCardCommon):
    """From asking for a card to giving it back."""

    # lending

    def test_a_loan_opens_the_whole_tree_and_nothing_else(self):
        for partner in (self.card_east, self.contact_east, self.address_east):
            self.assertFalse(self.can_read(self.employee, partner))
        loan = self.lend(self.employee, self.card_east)
        self.assertEqual(loan.state, "lent")
        for partner in (self.card_east, self.contact_east, self.address_east):
            self.assertTrue(self.can_read(self.employee, partner))
            self.assertTrue(partner.with_user(self.employee).read(["phone"]))
            self.assertEqual(
                partner.with_user(self.employee).card_lent_until, loan.valid_until
            )
            self.assertFalse(partner.with_user(self.custodian_east).card_lent_until)
        self.assertFalse(self.can_read(self.employee, self.card_west))
        self.assertFalse(self.can_read(self.custodian_west, self.card_east))
        self.assertEqual(
            self.kinds(self.card_east)[-3:], ["loan_requested", "loan_lent", "read"]
        )

    @mute_logger(RULE_LOGGER)
    def test_a_borrower_changes_nothing(self):
        self.lend(self.employee, self.card_east)
        card = self.card_east.with_user(self.employee)
        self.assertFalse(card.has_access("write"))
        for change in (
            lambda: card.write({"phone": "1"}),
            lambda: card.unlink(),
            lambda: card.child_ids.create({"name": "x", "parent_id": card.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                change()

    def test_asking_opens_nothing(self):
        loan = self.ask(self.employee, self.card_east)
        self.assertFalse(self.can_read(self.employee, self.card_east))
        loan.action_submit()
        self.assertFalse(self.can_read(self.employee, self.card_east))
        loan.with_user(self.manager_east).action_refuse("No")
        self.assertFalse(self.can_read(self.employee, self.card_east))
        self.assertEqual(loan.state, "refused")
        self.assertEqual(self.kinds(self.card_east)[-1], "loan_refused")

    def test_every_role_may_borrow(self):
        for user in (self.employee, self.custodian_west, self.deputy_east):
            self.lend(user, self.card_east)
            self.assertTrue(self.can_read(user, self.card_east), user.name)

    def test_paper_opens_nothing_on_screen(self):
        self.lend(self.employee, self.card_east, mode="paper")
        self.assertFalse(self.can_read(self.employee, self.card_east))

    def test_a_loan_begins_at_its_time(self):
        now = fields.Datetime.now()
        self.lend(
            self.employee,
            self.card_east,
            date_from=now + timedelta(hours=1),
            valid_until=now + timedelta(hours=2),
        )
        self.assertFalse(self.can_read(self.employee, self.card_east))
        for minutes, expected in ((59, False), (60, True), (119, True), (120, False)):
            with freeze_time(now + timedelta(minutes=minutes)):
                self.assertEqual(
                    self.can_read(self.employee, self.card_east), expected, minutes
                )

    def test_a_loan_ends_to_the_second_without_cron_or_cache(self):
        loan = self.lend(self.employee, self.card_east)
        Partner = self.env["res.partner"].with_user(self.employee)
        domain = [("id", "=", self.card_east.id)]
        end = loan.valid_until
        with freeze_time(end - timedelta(seconds=1)):
            self.assertTrue(Partner.search(domain))
        with freeze_time(end):
            self.assertFalse(Partner.search(domain))
            self.assertFalse(Partner.search_count([("card_lent_to_me", "=", True)]))
        self.assertEqual(loan.state, "lent", "no scheduled action has run")

    def test_returning_and_revoking_take_effect_at_once(self):
        for end in ("action_return", "action_revoke"):
            loan = self.lend(self.employee, self.card_east)
            Partner = self.env["res.partner"].with_user(self.employee)
            self.assertTrue(Partner.search([("id", "=", self.card_east.id)]))
            getattr(loan.with_user(self.manager_east), end)()
            self.assertFalse(Partner.search([("id", "=", self.card_east.id)]))
            with self.assertRaises(AccessError), mute_logger(RULE_LOGGER):
                self.card_east.with_user(self.employee).check_access("read")

    def test_lent_to_me_searches_both_ways(self):
        self.lend(self.employee, self.card_east)
        Partner = self.env["res.partner"].with_user(self.employee)
        lent = Partner.search([("card_lent_to_me", "=", True)])
        self.assertEqual(lent, self.card_east | self.contact_east | self.address_east)
        others = Partner.search([("card_lent_to_me", "!=", True)])
        self.assertFalse(lent & others)
        self.assertIn(self.free_partner, others)
        self.assertTrue(self.contact_east.with_user(self.employee).card_lent_to_me)
        self.assertFalse(self.free_partner.with_user(self.employee).card_lent_to_me)

    # asking

    def test_whoever_asks_sees_plain_names_alone(self):
        loan = self.ask(self.employee, self.card_east | self.contact_west)
        self.assertFalse(loan.card_ids, "he may read none of them")
        self.assertEqual(loan.card_names, "Alpha Foods, Beta Tools")
        self.env.invalidate_all()
        self.assertFalse(loan.read(["card_ids"])[0]["card_ids"])
        self.assertFalse(
            loan.search([("card_ids.phone", "like", "290")]), "no oracle either"
        )
        self.assertEqual(
            loan._get_cards()[loan.id], (self.card_east | self.card_west).sudo()
        )

    def test_the_web_client_can_ask_for_hidden_cards(self):
        Loan = self.env["customer.card.loan"].with_user(self.employee)
        saved = Loan.web_save(
            {"card_ids": [[4, self.card_east.id]], "purpose": "x"},
            {
                "card_ids": {"fields": {"display_name": {}}},
                "card_names": {},
                "state": {},
            },
        )
        self.assertEqual(saved[0]["card_ids"], [])
        self.assertEqual(saved[0]["card_names"], "Alpha Foods")
        loan = Loan.browse(saved[0]["id"])
        loan.action_submit()
        seen = loan.web_read({"card_ids": {"fields": {"display_name": {}}}})
        self.assertEqual(seen[0]["card_ids"], [])
        manager = loan.with_user(self.manager_east)
        self.env.invalidate_all()
        seen = manager.web_read({"card_ids": {"fields": {"display_name": {}}}})
        self.assertEqual(seen[0]["card_ids"][0]["display_name"], "Alpha Foods")

    def test_defaults_of_the_client(self):
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.employee)
            .with_context(default_card_ids=[self.card_east.id], default_state="lent")
            .create({"purpose": "x"})
        )
        self.assertEqual(loan._get_cards()[loan.id].ids, self.card_east.ids)
        self.assertEqual(loan.state, "draft")

    def test_a_request_writes_no_contact(self):
        for command in (
            Command.create({"name": "x"}),
            Command.update(self.card_east.id, {"name": "x"}),
            Command.delete(self.card_east.id),
        ):
            with self.assertRaises(UserError):
                self.ask(self.employee, self.card_west, card_ids=[command])

    def test_no_loan_without_a_card(self):
        with self.assertRaisesRegex(UserError, "Free Supplier"):
            self.ask(self.employee, self.free_partner)

    def test_request_access_opens_one_request(self):
        Partner = self.env["res.partner"].with_user(self.employee)
        action = Partner.action_request_card_access(self.contact_east.ids)
        loan = self.env["customer.card.loan"].browse(action["res_id"])
        self.assertEqual(loan.borrower_id, self.employee)
        self.assertEqual(loan._get_cards()[loan.id].ids, self.card_east.ids)
        again = Partner.action_request_card_access(self.card_east.ids)
        self.assertEqual(again["res_id"], loan.id)
        other = Partner.action_request_card_access(self.card_west.ids)
        self.assertNotEqual(other["res_id"], loan.id)
        with self.assertRaises(UserError):
            Partner.action_request_card_access(self.free_partner.ids)

    def test_untouched_drafts_are_dropped(self):
        Partner = self.env["res.partner"].with_user(self.employee)
        action = Partner.action_request_card_access(self.card_east.ids)
        kept = self.ask(self.employee, self.card_west)
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.env["customer.card.loan"]._gc_drafts()
        loans = self.env["customer.card.loan"].browse([action["res_id"], kept.id])
        self.assertEqual(loans.exists(), kept)

    def test_what_a_request_needs(self):
        now = fields.Datetime.now()
        for vals in (
            {"purpose": " "},
            {"card_ids": []},
            {"search_text": "beta"},
            {
                "date_from": now - timedelta(days=2),
                "valid_until": now - timedelta(days=1),
            },
            {"valid_until": now + timedelta(days=31)},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.ask(self.employee, self.card_east, **vals).action_submit()
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.ask(
                self.employee, self.card_east, date_from=now, valid_until=now
            ).flush_recordset()

    def test_the_longest_loan_is_a_setting(self):
        self.env.company.card_loan_max_days = 3
        with self.assertRaisesRegex(UserError, "3 days"):
            self.ask(self.employee, self.card_east).action_submit()
        settings = self.env["res.config.settings"].create({"card_loan_max_days": 10})
        settings.execute()
        self.assertEqual(self.env.company.card_loan_max_days, 10)
        self.ask(self.employee, self.card_east).action_submit()

    def test_a_custodian_does_not_borrow_his_own_card(self):
        with self.assertRaises(UserError):
            self.ask(self.custodian_east, self.card_east).action_submit()

    def test_a_borrower_who_left_borrows_nothing(self):
        loan = self.ask(self.employee, self.card_east)
        loan.action_submit()
        self.employee.active = False
        with self.assertRaises(UserError):
            loan.with_user(self.manager_east).action_approve()

    def test_only_the_manager_asks_for_somebody_else(self):
        for user in (self.employee, self.custodian_east, self.manager_west):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.ask(user, self.card_east, borrower_id=self.custodian_west.id)
        loan = self.ask(
            self.manager_east, self.card_east, borrower_id=self.custodian_west.id
        )
        loan.action_submit()
        loan.action_approve()
        self.assertTrue(self.can_read(self.custodian_west, self.card_east))

    def test_nobody_lends_to_himself(self):
        loan = self.ask(self.manager_east, self.card_east, mode="paper")
        loan.action_submit()
        with self.assertRaises(AccessError):
            loan.action_approve()
        with self.assertRaises(AccessError):
            loan.write({"borrower_id": self.employee.id})
        loan.with_user(self.regional_manager).action_approve()

    # deciding

    def test_only_managers_of_the_card_lend(self):
        loan = self.ask(self.employee, self.card_east)
        loan.action_submit()
        for user in (
            self.employee,
            self.custodian_east,
            self.manager_west,
            self.reader,
        ):
            with self.assertRaises(AccessError), mute_logger(RULE_LOGGER):
                loan.with_user(user).action_approve()
        self.assertEqual(
            self.todos(loan).user_id, self.manager_east | self.regional_manager
        )
        loan.with_user(self.regional_manager).action_approve()
        self.assertFalse(self.todos(loan))

    def test_the_manager_lends_less(self):
        other = self.env["res.partner"].create(
            {
                "name": "Gamma",
                "is_company": True,
                "user_id": self.custodian_east.id,
            }
        )
        other._open_cards()
        loan = self.ask(self.employee, self.card_east | other)
        loan.action_submit()
        manager = loan.with_user(self.manager_east)
        sooner = fields.Datetime.now() + timedelta(days=1)
        for user in (self.employee, self.custodian_east):
            with self.assertRaises(AccessError):
                loan.with_user(user).write({"valid_until": sooner})
            with self.assertRaises(AccessError):
                loan.with_user(user).write({"card_ids": [Command.clear()]})
        manager.write({"card_ids": [Command.unlink(other.id)], "valid_until": sooner})
        manager.action_approve()
        self.assertTrue(self.can_read(self.employee, self.card_east))
        self.assertFalse(self.can_read(self.employee, other))
        with freeze_time(sooner):
            self.assertFalse(self.can_read(self.employee, self.card_east))
        with self.assertRaises(UserError):
            manager.write({"card_ids": [Command.link(other.id)]})
        with self.assertRaises(UserError):
            loan.write({"valid_until": sooner + timedelta(days=5)})

    def test_a_manager_adds_no_card_of_another_department(self):
        loan = self.ask(self.employee, self.card_east)
        loan.action_submit()
        manager = loan.with_user(self.manager_east)
        manager.write({"card_ids": [Command.link(self.card_west.id)]})
        with self.assertRaises(AccessError):
            manager.action_approve()

    def test_each_department_decides_on_its_own_cards(self):
        loan = self.ask(self.employee, self.card_east | self.card_west)
        loan.action_submit()
        loans = loan.search([("borrower_id", "=", self.employee.id)])
        self.assertEqual(len(loans), 2)
        self.assertEqual(set(loans.mapped("state")), {"submitted"})
        self.assertEqual(loans.team_id, self.team_east | self.team_west)
        east = loans.filtered(lambda part: part.team_id == self.team_east)
        west = loans - east
        self.assertEqual(east.card_names, "Alpha Foods")
        self.assertEqual(west.card_names, "Beta Tools")
        self.assertEqual(west.purpose, loan.purpose)
        self.assertEqual(west.requester_id, self.employee)
        with self.assertRaises(AccessError), mute_logger(RULE_LOGGER):
            west.with_user(self.manager_east).action_approve()
        east.with_user(self.manager_east).action_approve()
        west.with_user(self.manager_west).action_refuse("No")
        self.assertTrue(self.can_read(self.employee, self.card_east))
        self.assertFalse(self.can_read(self.employee, self.card_west))

    def test_state_cannot_be_forged(self):
        loan = self.ask(self.employee, self.card_east)
        for vals in (
            {"state": "lent"},
            {"decided_by_id": self.manager_east.id},
            {"name": "x"},
            {"extension_of_id": loan.id},
        ):
            with self.assertRaises(UserError):
                loan.write(vals)
            with self.assertRaises(UserError):
                self.ask(self.employee, self.card_east, **vals)

    # who sees loans

    def test_who_sees_a_request(self):
        loan = self.ask(self.employee, self.card_east)
        domain = [("id", "=", loan.id)]

        def seen_by(user):
            return bool(loan.with_user(user).search(domain))

        insiders = self.manager_east | self.regional_manager | self.custodian_east
        for user in insiders:
            self.assertFalse(seen_by(user), "a draft is private")
        loan.action_submit()
        for user in insiders | self.employee | self.card_admin:
            self.assertTrue(seen_by(user), user.name)
            loan.with_user(user).check_access("read")
        for user in (
            self.manager_west,
            self.custodian_west,
            self.deputy_east,
            self.reader,
        ):
            self.assertFalse(seen_by(user), user.name)
            with self.assertRaises(AccessError), mute_logger(RULE_LOGGER):
                loan.with_user(user).check_access("read")

    def test_searches_and_actions(self):
        loan = self.ask(self.employee, self.card_east)
        loan.action_submit()
        manager = loan.with_user(self.manager_east)
        self.assertEqual(manager.search([("can_decide", "=", True)]), loan)
        self.assertEqual(manager.search([("concerns_my_cards", "=", True)]), loan)
        self.assertFalse(loan.search([("concerns_my_cards", "=", True)]))
        for name in ("", "_mine", "_to_approve", "_due"):
            action = self.env.ref(f"customer_card.customer_card_loan_action{name}")
            self.assertEqual(action.res_model, "customer.card.loan")

    # searching customers that one may not see

    def _ask_for_search(self, **vals):
        return self.ask(
            self.employee,
            self.env["res.partner"],
            team_id=self.team_east.id,
            **vals,
        )

    def test_only_the_manager_sees_who_matches(self):
        loan = self._ask_for_search(search_text="alpha")
        loan.action_submit()
        self.assertFalse(loan.match_ids)
        self.assertFalse(loan.card_names)
        manager = loan.with_user(self.manager_east)
        self.assertEqual(manager.match_ids, self.card_east)
        self.assertFalse(
            loan.with_user(self.manager_west).search([("id", "=", loan.id)])
        )
        with self.assertRaises(AccessError):
            loan.action_lend_all_matches()
        with self.assertRaises(UserError):
            manager.action_approve()
        manager.action_lend_all_matches()
        self.env.invalidate_all()
        self.assertFalse(loan.card_names, "chosen is not lent")
        self.assertFalse(loan.card_ids)
        manager.action_approve()
        self.env.invalidate_all()
        self.assertEqual(loan.card_names, "Alpha Foods")
        self.assertTrue(self.can_read(self.employee, self.card_east))

    def test_what_was_chosen_and_refused_stays_unknown(self):
        loan = self._ask_for_search(search_text="alpha")
        loan.action_submit()
        manager = loan.with_user(self.manager_east)
        manager.action_lend_all_matches()
        manager.action_refuse("Nobody for you")
        self.env.invalidate_all()
        self.assertFalse(loan.card_names or loan.card_ids)

    def test_matches_stay_inside_the_department_and_its_manager(self):
        loan = self._ask_for_search(search_domain="[('email', 'ilike', 'example.com')]")
        loan.action_submit()
        self.assertEqual(loan.with_user(self.manager_east).match_ids, self.card_east)
        region = self.ask(
            self.employee,
            self.env["res.partner"],
            team_id=self.team_region.id,
            search_domain="[('email', 'ilike', 'example.com')]",
        )
        region.action_submit()
        matches = region.with_user(self.regional_manager).match_ids
        self.assertIn(self.card_east, matches)
        self.assertIn(self.card_west, matches)
        with self.assertRaises(AccessError), mute_logger(RULE_LOGGER):
            region.with_user(self.manager_east).action_approve()

    def test_empty_search_conditions_ask_for_nothing(self):
        loan = self._ask_for_search(search_domain="[]")
        self.assertFalse(loan.is_search)
        with self.assertRaises(UserError):
            loan.action_submit()

    def test_search_conditions_are_conditions(self):
        for text in (
            "__import__('os')",
            "[('nothing', '=', 1)]",
            "[('child_ids', 'any!', [])]",
            "nonsense",
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._ask_for_search(search_domain=text).flush_recordset()

    # ending

    def test_who_hands_back_and_who_revokes(self):
        loan = self.lend(self.employee, self.card_east)
        for user in (self.custodian_west, self.manager_west, self.reader):
            with self.assertRaises(AccessError):
                loan.with_user(user).action_return()
        for user in (self.employee, self.custodian_east, self.custodian_west):
            with self.assertRaises(AccessError):
                loan.with_user(user).action_revoke()
        self.assertTrue(loan.can_return)
        self.assertFalse(loan.can_revoke)
        loan.action_return()
        self.assertEqual(loan.state, "returned")
        self.assertEqual(loan.ended_by_id, self.employee)
        self.assertEqual(self.kinds(self.card_east)[-1], "loan_returned")
        for user in (self.custodian_east, self.manager_east):
            self.lend(self.employee, self.card_east).with_user(user).action_return()
        with self.assertRaises(UserError):
            loan.action_return()
        with self.assertRaises(UserError):
            loan.with_user(self.manager_east).action_revoke()

    def test_the_scheduled_action_ends_what_ran_out(self):
        loans = self.env["customer.card.loan"]
        for user in (self.employee, self.custodian_west):
            loans |= self.lend(user, self.card_east)
        running = self.lend(
            self.employee,
            self.card_east,
            valid_until=fields.Datetime.now() + timedelta(days=20),
        )
        paper = self.lend(self.employee, self.card_east, mode="paper")
        self.patch(type(self.env["ir.cron"]), "_commit_progress", self._no_commit)
        with freeze_time(loans[0].valid_until + timedelta(seconds=1)):
            loans._cron_expire()
            self.assertEqual(set(loans.mapped("state")), {"expired"})
            self.assertEqual(running.state, "lent")
            self.assertEqual(paper.state, "lent", "paper does not come back by itself")
            entries = len(self.kinds(self.card_east))
            loans._cron_expire()
        self.assertEqual(len(self.kinds(self.card_east)), entries, "once")

    def test_the_scheduled_action_goes_on_where_it_stopped(self):
        loans = self.env["customer.card.loan"]
        for user in (self.employee, self.custodian_west, self.deputy_east):
            loans |= self.lend(user, self.card_east)
        self.patch(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0
        )
        module = "odoo.addons.customer_card.models.customer_card_loan_term.BATCH"
        with (
            freeze_time(loans[0].valid_until + timedelta(days=1)),
            patch(module, 1),
        ):
            waiting = [
                ("state", "=", "lent"),
                ("mode", "=", "screen"),
                ("valid_until", "<=", fields.Datetime.now()),
            ]
            while left := loans.search_count(waiting):
                loans._cron_expire()
                self.assertEqual(loans.search_count(waiting), left - 1)
            self.assertEqual(set(loans.mapped("state")), {"expired"})

    @staticmethod
    def _no_commit(cron, processed=0, *, remaining=None, deactivate=False):
        return float("inf")

    def test_a_borrower_cannot_follow_a_card(self):
        self.lend(self.employee, self.card_east)
        card = self.card_east.with_user(self.employee)
        card.message_subscribe(self.employee.partner_id.ids)
        card.message_post(body="A note", subtype_xmlid="mail.mt_note")
        self.env["mail.activity"].with_user(self.employee).create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": card.id,
                "activity_type_id": self.env.ref(TODO).id,
                "user_id": self.employee.id,
            }
        )
        self.card_east.with_user(self.manager_east).message_subscribe(
            (self.employee | self.custodian_west).partner_id.ids
        )
        self.assertFalse(
            self.card_east.message_partner_ids
            & (self.employee | self.custodian_west).partner_id
        )

    def test_keepers_and_customers_follow_as_ever(self):
        self.card_east.with_user(self.custodian_east).message_subscribe(
            (self.custodian_east | self.manager_east).partner_id.ids
            + self.contact_east.ids
        )
        self.assertLessEqual(
            (self.custodian_east | self.manager_east).partner_id | self.contact_east,
            self.card_east.message_partner_ids,
        )
        self.free_partner.with_user(self.manager_east).message_subscribe(
            self.employee.partner_id.ids
        )
        self.assertIn(self.employee.partner_id, self.free_partner.message_partner_ids)

    def _leave_traces(self):
        """A follower from before the card, and to-dos of the borrower."""
        followers = self.env["mail.followers"].create(
            [
                {
                    "res_model": "res.partner",
                    "res_id": partner.id,
                    "partner_id": self.employee.partner_id.id,
                }
                for partner in (self.card_east, self.contact_east, self.card_west)
            ]
        )
        todos = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.contact_east.id,
                "activity_type_id": self.env.ref(TODO).id,
                "user_id": self.employee.id,
            }
        )
        return followers, todos

    def test_nothing_of_the_borrower_outlives_the_loan(self):
        loan = self.lend(self.employee, self.card_east)
        followers, todo = self._leave_traces()
        loan.action_return()
        self.assertEqual(followers.exists().mapped("res_id"), self.card_west.ids)
        self.assertEqual(todo.user_id, self.custodian_east)

    def test_to_dos_without_custodian_are_closed(self):
        loan = self.lend(self.employee, self.card_east)
        _followers, todo = self._leave_traces()
        self.card_east._with_card_trust().write({"card_custodian_id": False})
        loan.action_return()
        self.assertFalse(todo.exists())

    def test_another_right_keeps_them(self):
        loan = self.lend(self.employee, self.card_east)
        second = self.lend(self.employee, self.card_east)
        followers, todo = self._leave_traces()
        loan.action_return()
        self.assertEqual(followers.exists(), followers)
        self.assertEqual(todo.user_id, self.employee)
        self.assertTrue(self.can_read(self.employee, self.card_east))
        self.card_east._with_card_trust().write({"card_custodian_id": self.employee.id})
        second.action_return()
        self.assertEqual(followers.exists(), followers)

    # more time

    def test_an_extension_is_a_new_decision(self):
        loan = self.lend(self.employee, self.card_east)
        with self.assertRaises(AccessError):
            loan.with_user(self.manager_east).action_request_extension()
        action = loan.action_request_extension()
        extension = loan.browse(action["res_id"])
        self.assertEqual(extension.extension_of_id, loan)
        self.assertEqual(extension.date_from, loan.valid_until)
        self.assertEqual(extension.state, "draft")
        extension.action_submit()
        with self.assertRaises(AccessError):
            extension.action_approve()
        extension.with_user(self.manager_east).action_approve()
        self.assertEqual(self.kinds(self.card_east)[-1], "loan_extended")
        with freeze_time(loan.valid_until + timedelta(hours=1)):
            self.assertTrue(self.can_read(self.employee, self.card_east))
        with freeze_time(extension.valid_until):
            self.assertFalse(self.can_read(self.employee, self.card_east))

    def test_an_extension_takes_the_place_of_the_paper(self):
        loan = self.lend(self.employee, self.card_east, mode="paper")
        with freeze_time(loan.valid_until + timedelta(days=1)):
            extension = loan.browse(loan.action_request_extension()["res_id"])
            extension.action_submit()
            extension.with_user(self.manager_east).action_approve()
            self.assertEqual(loan.state, "returned")
            self.assertEqual(extension.state, "lent")

    def test_no_extension_of_what_was_never_lent(self):
        loan = self.ask(self.employee, self.card_east)
        with self.assertRaises(UserError):
            loan.action_request_extension()

    # paper

    def test_overdue_paper_is_chased_until_it_is_back(self):
        loan = self.lend(self.employee, self.card_east, mode="paper")
        self.patch(type(self.env["ir.cron"]), "_commit_progress", self._no_commit)
        loan._cron_chase()
        self.assertFalse(self.todos(loan), "not due yet")
        with freeze_time(loan.valid_until + timedelta(days=1)):
            self.env.invalidate_all()
            self.assertEqual(loan.due_state, "overdue")
            self.assertEqual(loan.search([("due_state", "=", "overdue")]), loan)
            for _again in range(2):
                loan._cron_chase()
                self.assertEqual(self.todos(loan).mapped("user_id"), self.employee)
                self.assertEqual(len(self.todos(loan)), 1)
            self.todos(loan).with_user(self.employee).action_done()
            loan._cron_chase()
            self.assertEqual(len(self.todos(loan)), 1, "asked again")
        with freeze_time(loan.valid_until + timedelta(days=4)):
            for _again in range(2):
                loan._cron_chase()
                self.assertEqual(
                    self.todos(loan).user_id,
                    self.employee | self.manager_east | self.regional_manager,
                )
                self.assertEqual(len(self.todos(loan)), 3)
            loan.with_user(self.employee).action_return()
            self.assertFalse(self.todos(loan))
            loan._cron_chase()
            self.assertFalse(self.todos(loan))

    def test_new_leaders_get_the_to_dos_that_wait(self):
        loan = self.ask(self.employee, self.card_east)
        loan.action_submit()
        self.team_east.user_id = self.deputy_east
        self.patch(type(self.env["ir.cron"]), "_commit_progress", self._no_commit)
        loan._cron_chase()
        self.assertIn(self.deputy_east, self.todos(loan).user_id)

    # views, numbers

    def test_pipeline_by_due_state(self):
        self.lend(self.employee, self.card_east)
        self.ask(self.employee, self.card_west)
        Loan = self.env["customer.card.loan"].with_user(self.employee)
        bars = Loan.read_progress_bar(
            [],
            "state",
            {"field": "due_state", "colors": {"running": "success", "due": "warning"}},
        )
        self.assertEqual(bars["lent"]["running"], 1)
        groups = dict(Loan._read_group([], ["due_state"], ["__count"]))
        self.assertEqual(groups, {"running": 1, False: 1})

    def test_loan_count_of_a_card(self):
        self.lend(self.employee, self.card_east)
        card = self.card_east.with_user(self.manager_east)
        self.assertEqual(card.card_loan_count, 1)
        action = card.action_card_loans()
        self.assertEqual(
            self.env["customer.card.loan"].search_count(action["domain"]), 1
        )

    def test_queries_do_not_grow_with_the_loans(self):
        def measure(count):
            loans = self.env["customer.card.loan"]
            for _index in range(count):
                loans |= self.ask(self.employee, self.card_east)
            self.env.flush_all()
            used = []
            for user, run in (
                (self.employee, lambda loans: loans.action_submit()),
                (self.manager_east, lambda loans: loans.action_approve()),
                (
                    self.employee,
                    lambda loans: loans.web_read(
                        {"card_names": {}, "due_state": {}, "can_return": {}}
                    ),
                ),
                (self.employee, lambda loans: loans.action_return()),
            ):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                run(loans.with_user(user))
                self.env.flush_all()
                used.append(self.env.cr.sql_log_count - before)
            return used

        measure(1)
        few, many = measure(2), measure(30)
        for one, some in zip(few, many, strict=True):
            self.assertLessEqual(some, one + 6, (few, many))


@tagged("post_install", "-at_install")
class TestCardLoanAtOnce(TransactionCase):
    """Two people at the same time, in two transactions of the database."""

    LOGINS = ("at_once_above", "at_once_leader", "at_once_borrower")

    def setUp(self):
        super().setUp()
        self._drop()
        self.addCleanup(self._drop)
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"no_reset_password": True})
            above, leader, borrower = (
                new_test_user(env, login) for login in self.LOGINS
            )
            region = env["crm.team"].create(
                {"name": "At Once Above", "user_id": above.id}
            )
            team = env["crm.team"].create(
                {"name": "At Once", "user_id": leader.id, "parent_id": region.id}
            )
            card = env["res.partner"].create({"name": "At Once", "is_company": True})
            card._open_cards(team=team)
            loan = (
                env["customer.card.loan"]
                .with_user(borrower)
                .create({"card_ids": [Command.set(card.ids)], "purpose": "x"})
            )
            loan.action_submit()
            self.loan_id = loan.id
            self.leader_id, self.above_id = leader.id, above.id

    def _drop(self):
        """What was committed goes again, the ledger past its own guard."""
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"active_test": False})
            users = env["res.users"].search([("login", "in", self.LOGINS)])
            cards = env["res.partner"].search([("name", "=", "At Once")])
            env["customer.card.loan"].search(
                [("borrower_id", "in", users.ids)]
            ).unlink()
            cr.execute("DELETE FROM customer_card_event WHERE partner_name = 'At Once'")
            cards.unlink()
            teams = env["crm.team"].search([("user_id", "in", users.ids)])
            teams.sorted("id", reverse=True).unlink()
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def _loan(self, cr, user_id):
        return api.Environment(cr, user_id, {})["customer.card.loan"].browse(
            self.loan_id
        )

    def test_the_second_decider_is_told(self):
        cursor = self.env.registry.cursor
        with cursor() as first, cursor() as second:
            approve = self._loan(first, self.leader_id)
            refuse = self._loan(second, self.above_id)
            self.assertEqual(approve.state, "submitted")
            self.assertEqual(refuse.state, "submitted")
            approve.action_approve()
            with self.assertRaisesRegex(UserError, "somebody else is working"):
                refuse.action_refuse("No")
            first.commit()
            # both began before the decision: the database itself refuses, and Odoo
            # runs the request again
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                refuse.action_refuse("No")
            second.rollback()
            with self.assertRaisesRegex(UserError, "Lent.*at_once_leader"):
                self._loan(second, self.above_id).action_refuse("No")
            events = (
                approve.env["customer.card.event"]
                .sudo()
                .search(
                    [
                        ("partner_name", "=", "At Once"),
                        ("kind", "in", ("loan_lent", "loan_refused")),
                    ]
                )
            )
            self.assertEqual(events.mapped("kind"), ["loan_lent"])
