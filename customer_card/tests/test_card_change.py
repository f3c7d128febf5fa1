from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCardCommon
from .test_card_loan import LoanWorld

TODO = "mail.mail_activity_data_todo"


class ChangeWorld(LoanWorld):
    """Shortcuts around proposals."""

    def propose(self, user, card, values, submit=True, **vals):
        """:return: the proposal, as ``user``"""
        Change = self.env["customer.card.change"].with_user(user)
        action = Change.propose(card.id if card else False, values)
        change = Change.browse(action["res_id"])
        if vals:
            change.write(vals)
        if submit:
            change.action_submit()
        return change

    def line(self, change, field_name=None, operation="set"):
        return change.line_ids.filtered(
            lambda line: (
                line.operation == operation and line.field_name == (field_name or False)
            )
        )

    def make_relative(self, **vals):
        return self.env["customer.card.relative"].create(
            {
                "partner_id": self.contact_east.id,
                "name": "Anna",
                "relation": "child",
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestCardChange(ChangeWorld, CustomerCardCommon):
    """A04, A06, P03: whoever sees a card without keeping it proposes."""

    # from proposing to applying

    def test_proposed_and_approved(self):
        change = self.propose(
            self.reader,
            self.card_east,
            {
                "phone": "+32 2 111 11 11",
                "child_ids": [
                    Command.update(self.contact_east.id, {"function": "CEO"})
                ],
            },
        )
        self.assertEqual(change.state, "submitted")
        self.assertEqual(self.card_east.phone, "+32 2 290 34 90")
        phone = self.line(change, "phone")
        self.assertEqual(phone.old_text, "+32 2 290 34 90")
        self.assertEqual(phone.present_text, "+32 2 290 34 90")
        self.assertEqual(phone.new_text, "+32 2 111 11 11")
        self.assertEqual(phone.status, "open")
        self.assertEqual(phone.contact_name, "Alpha Foods")
        self.assertEqual(self.line(change, "function").contact_name, "Ada Alpha")
        change.with_user(self.manager_east).action_approve()
        self.assertEqual(change.state, "approved")
        self.assertEqual(self.card_east.phone, "+32 2 111 11 11")
        self.assertEqual(self.contact_east.function, "CEO")
        self.assertEqual(self.card_east.write_uid, self.manager_east)
        self.assertEqual(set(change.line_ids.mapped("result")), {"applied"})

    def test_ledger_says_who_proposed_and_who_approved(self):
        change = self.propose(self.reader, self.card_east, {"phone": "+32 2 111 11 11"})
        change.with_user(self.manager_east).action_approve()
        kinds = self.kinds(self.card_east)
        self.assertIn("change_proposed", kinds)
        event = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id), ("kind", "=", "change_applied")]
        )
        self.assertEqual(event.user_id, self.manager_east)
        self.assertIn("Reader", event.description)
        self.assertIn("Phone", event.description)
        self.assertEqual((event.res_model, event.res_id), (change._name, change.id))

    def test_refused_is_in_the_ledger_and_changes_nothing(self):
        change = self.propose(self.reader, self.card_east, {"phone": "+32 2 111 11 11"})
        change.with_user(self.manager_east).action_refuse("Wrong number")
        self.assertEqual(self.card_east.phone, "+32 2 290 34 90")
        self.assertIn("change_refused", self.kinds(self.card_east))
        self.assertNotIn("change_applied", self.kinds(self.card_east))

    def test_every_type_of_value(self):
        country = self.env.ref("base.be")
        tag, other = self.env["res.partner.category"].create(
            [{"name": "Change A"}, {"name": "Change B"}]
        )
        self.card_east.category_id = other
        self.contact_east.gender = "male"
        values = {
            "street": "Long Street 1",
            "comment": "<p>Likes <b>tea</b><script>x()</script></p>",
            "country_id": country.id,
            "category_id": [Command.link(tag.id), Command.unlink(other.id)],
            "child_ids": [
                Command.update(
                    self.contact_east.id,
                    {"birthdate_date": "1980-05-31", "gender": "female"},
                )
            ],
        }
        change = self.propose(self.reader, self.card_east, values)
        texts = {line.field_name: line.new_text for line in change.line_ids}
        self.assertEqual(texts["country_id"], country.name)
        self.assertEqual(texts["category_id"], "Change A")
        self.assertEqual(texts["birthdate_date"], "05/31/1980")
        self.assertEqual(texts["gender"], "Female")
        self.assertNotIn("script", change.sudo().line_ids.mapped("new_value").__str__())
        change.with_user(self.manager_east).action_approve()
        self.assertEqual(self.card_east.street, "Long Street 1")
        self.assertIn("<b>tea</b>", self.card_east.comment)
        self.assertEqual(self.card_east.country_id, country)
        self.assertEqual(self.card_east.category_id, tag)
        self.assertEqual(str(self.contact_east.birthdate_date), "1980-05-31")
        self.assertEqual(self.contact_east.gender, "female")

    def test_entries_are_added_altered_and_struck_out(self):
        anna = self.make_relative()
        old = self.env["customer.card.competitor"].create(
            {"partner_id": self.card_east.id, "brand": "Rival", "price": 5}
        )
        change = self.propose(
            self.reader,
            self.card_east,
            {
                "competitor_ids": [
                    Command.create({"brand": "New Rival", "price": 12.5}),
                    Command.delete(old.id),
                ],
                "child_ids": [
                    Command.update(
                        self.contact_east.id,
                        {
                            "relative_ids": [
                                Command.update(anna.id, {"hobbies": "Piano"}),
                                Command.create({"name": "Max", "relation": "child"}),
                            ]
                        },
                    ),
                    Command.create(
                        {
                            "name": "Cleo Alpha",
                            "function": "Buyer",
                            "relative_ids": [
                                Command.create({"name": "Tim", "relation": "spouse"})
                            ],
                        }
                    ),
                    Command.delete(self.address_east.id),
                ],
            },
        )
        self.assertEqual(len(change.line_ids), 6)
        struck = self.line(change, operation="strike")
        self.assertEqual(len(struck), 2)
        self.assertIn("Rival", struck.mapped("old_text")[0])
        change.with_user(self.manager_east).action_approve()
        self.assertEqual(anna.hobbies, "Piano")
        self.assertEqual(
            self.contact_east.relative_ids.mapped("name"),
            ["Anna", "Max"],
        )
        self.assertFalse(old.active)
        self.assertEqual(old.struck_by_id, self.manager_east)
        self.assertEqual(self.card_east.competitor_ids.mapped("brand"), ["New Rival"])
        self.assertEqual(self.card_east.competitor_ids.price, 12.5)
        self.assertFalse(self.address_east.active)
        cleo = self.card_east.child_ids.filtered(lambda c: c.name == "Cleo Alpha")
        self.assertEqual(cleo.function, "Buyer")
        self.assertEqual(cleo.relative_ids.name, "Tim")
        self.assertEqual(cleo.card_root_id, self.card_east)

    def test_a_line_is_edited_as_text(self):
        change = self.propose(
            self.reader,
            self.card_east,
            {
                "phone": "1",
                "country_id": self.env.ref("base.be").id,
                "brand_attitude": "loyal",
            },
            submit=False,
        )
        self.line(change, "phone").new_text = "+32 2 222 22 22"
        self.line(change, "country_id").new_text = "france"
        self.line(change, "brand_attitude").new_text = "Switcher"
        values = {line.field_name: line.new_value for line in change.sudo().line_ids}
        self.assertEqual(values["phone"], "+32 2 222 22 22")
        self.assertEqual(values["country_id"], self.env.ref("base.fr").id)
        self.assertEqual(values["brand_attitude"], "switcher")
        for name, text in (("country_id", "Nowhere"), ("brand_attitude", "sometimes")):
            with self.assertRaisesRegex(UserError, text):
                self.line(change, name).new_text = text

    def test_proposing_more_takes_the_place_of_the_same_field(self):
        change = self.propose(
            self.reader, self.card_east, {"phone": "1", "street": "A"}, submit=False
        )
        action = change.action_edit()
        self.assertEqual(action["res_id"], self.card_east.id)
        change.propose(self.card_east.id, {"phone": "2", "city": "Ghent"}, change.id)
        self.assertEqual(
            sorted(change.line_ids.mapped("field_name")), ["city", "phone", "street"]
        )
        self.assertEqual(self.line(change, "phone").new_text, "2")

    def test_nothing_changed_is_no_proposal(self):
        with self.assertRaisesRegex(UserError, "Nothing has been changed"):
            self.propose(self.reader, self.card_east, {"phone": "+32 2 290 34 90 "})

    # what may be proposed

    def test_only_listed_fields(self):
        for values in (
            {"card_custodian_id": self.reader.id},
            {"card_team_id": self.team_west.id},
            {"card_state": "closed"},
            {"parent_id": self.card_west.id},
            {"user_id": self.reader.id},
            {"company_id": self.env.company.id},
            {"bank_ids": [Command.create({"acc_number": "1"})]},
            {"message_follower_ids": [Command.create({})]},
            {"child_ids": [Command.link(self.contact_west.id)]},
            {"child_ids": [Command.update(self.contact_west.id, {"name": "X"})]},
            {"child_ids": [Command.delete(self.free_partner.id)]},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.propose(self.reader, self.card_east, values)
        # what a form sends along and nobody proposes does not come through
        change = self.propose(
            self.reader,
            self.card_east,
            {
                "user_id": self.reader.id,
                "child_ids": [
                    Command.create({"name": "X", "parent_id": self.card_west.id})
                ],
                "competitor_ids": [
                    Command.create({"brand": "X", "partner_id": self.card_west.id})
                ],
            },
        )
        self.assertEqual(
            change.sudo().line_ids.mapped("new_value"), [{"name": "X"}, {"brand": "X"}]
        )
        for name in ("card_state", "parent_id", "active", "user_id", "company_id"):
            self.assertNotIn(
                name, self.env["res.partner"]._get_card_proposable_fields()
            )

    def test_values_must_fit(self):
        for values in (
            {"country_id": 99999999},
            {"lang": "xx_YY"},
            {"phone": 5},
            {"child_ids": [Command.update(self.contact_east.id, {"gender": "blue"})]},
            {
                "child_ids": [
                    Command.update(self.contact_east.id, {"birthdate_date": "31.5."})
                ]
            },
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.propose(self.reader, self.card_east, values)

    def test_values_are_checked_again(self):
        tag = self.env["res.partner.category"].create({"name": "Gone Soon"})
        values = {"category_id": [Command.link(tag.id)]}
        change = self.propose(self.reader, self.card_east, values)
        tag.unlink()
        with self.assertRaisesRegex(AccessError, "Tags"):
            change.with_user(self.manager_east).action_approve()

    # who proposes

    def test_a_hidden_card_is_not_proposed_on(self):
        for values in ({"phone": "1"}, {}):
            with self.assertRaises(AccessError):
                self.propose(self.custodian_west, self.card_east, values)
        with self.assertRaises(AccessError):
            self.env["customer.card.change"].with_user(self.employee).create(
                {"partner_id": self.card_east.id}
            )

    def test_no_card_no_proposal(self):
        with self.assertRaisesRegex(UserError, "no customer card"):
            self.propose(self.employee, self.free_partner, {"phone": "1"})

    def test_the_button_is_for_readers_who_do_not_keep_the_card(self):
        for user, expected in (
            (self.reader, True),
            (self.custodian_east, False),
            (self.manager_east, False),
        ):
            card = self.card_east.with_user(user)
            self.assertEqual(card.card_can_propose, expected, user.name)
        self.assertFalse(self.free_partner.with_user(self.reader).card_can_propose)

    def test_a_borrower_sees_values_as_long_as_his_loan_lasts(self):
        loan = self.lend(self.employee, self.card_east)
        change = self.propose(self.employee, self.card_east, {"phone": "1"})
        line = self.line(change, "phone")
        self.assertEqual(line.old_text, "+32 2 290 34 90")
        loan.with_user(self.employee).action_return()
        self.env.invalidate_all()
        self.assertFalse(line.old_text)
        self.assertFalse(line.present_text)
        self.assertFalse(line.status)
        self.assertEqual(line.new_text, "1")
        self.assertFalse(change.can_see_card)
        change.with_user(self.manager_east).action_approve()
        self.env.invalidate_all()
        self.assertEqual(change.state, "approved")
        self.assertEqual(line.result, "applied")
        self.assertFalse(line.old_text or line.present_text)

    def test_a_loan_that_runs_out_hides_the_values(self):
        self.lend(self.employee, self.card_east)
        change = self.propose(self.employee, self.card_east, {"phone": "1"})
        self.env.invalidate_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.assertFalse(self.line(change, "phone").old_text)
            with self.assertRaises(AccessError):
                change.action_draft()
                change.action_submit()

    def test_a_draft_is_not_submitted_after_the_loan(self):
        loan = self.lend(self.employee, self.card_east)
        change = self.propose(
            self.employee, self.card_east, {"phone": "1"}, submit=False
        )
        loan.with_user(self.employee).action_return()
        with self.assertRaises(AccessError):
            change.action_submit()

    # who decides

    def test_managers_and_keepers_decide(self):
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        deciders = change._approval_deciders()[change.id]
        self.assertEqual(
            deciders, self.manager_east | self.regional_manager | self.custodian_east
        )
        todos = self.env["mail.activity"].search(
            [("res_model", "=", change._name), ("res_id", "=", change.id)]
        )
        self.assertEqual(todos.user_id, deciders)
        for user in (self.manager_west, self.custodian_west, self.deputy_east):
            with self.assertRaises(AccessError):
                change.with_user(user).action_approve()
        change.with_user(self.custodian_east).action_approve()
        self.assertEqual(self.card_east.phone, "1")

    def test_the_company_keeps_the_decision_with_the_managers(self):
        self.env.company.card_change_custodian_decides = False
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        with self.assertRaisesRegex(AccessError, "Manager East"):
            change.with_user(self.custodian_east).action_approve()
        # he is told all the same, and sees it
        told = self.env["mail.message"].search(
            [
                ("model", "=", change._name),
                ("res_id", "=", change.id),
                ("subject", "=", "A change of your card is proposed"),
            ]
        )
        self.assertEqual(told.partner_ids, self.custodian_east.partner_id)
        self.assertEqual(change.with_user(self.custodian_east).line_ids.new_text, "1")
        change.with_user(self.manager_east).action_approve()

    def test_a_deputy_decides_on_his_days(self):
        today = fields.Date.context_today(self.deputy_east)
        self.card_east.with_user(self.manager_east).write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": today,
                "card_deputy_until": today,
            }
        )
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        change.with_user(self.deputy_east).action_approve()
        self.assertEqual(self.card_east.phone, "1")

    def test_nobody_decides_his_own(self):
        for user, card in (
            (self.custodian_east, self.card_east),
            (self.manager_east, self.card_east),
        ):
            change = self.propose(user, card, {"phone": user.name})
            self.assertFalse(change.can_decide)
            with self.assertRaises(AccessError):
                change.action_approve()
            with self.assertRaises(AccessError):
                change.line_ids.action_accept()
        # the manager above decides on the manager's
        change.with_user(self.regional_manager).action_approve()
        self.assertEqual(self.card_east.phone, "Manager East")

    def test_the_settings_of_the_departments_company_count(self):
        company = self.env["res.company"].create({"name": "Other Company"})
        company.card_change_custodian_decides = False
        users = self.manager_east | self.custodian_east | self.regional_manager
        users |= self.deputy_east
        users.company_ids |= company
        self.team_region.company_id = self.team_east.company_id = company
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        self.assertNotIn(self.custodian_east, change._approval_deciders()[change.id])
        change.with_user(self.manager_east).with_company(company).action_approve()
        self.assertEqual(self.card_east.phone, "1")

    # deciding

    def test_partial_approval(self):
        change = self.propose(
            self.reader, self.card_east, {"phone": "1", "street": "A", "city": "Ghent"}
        )
        manager = change.with_user(self.manager_east)
        self.line(manager, "street").write(
            {"decision": "reject", "decision_reason": "They have not moved"}
        )
        self.line(manager, "city").action_accept()
        manager.action_approve()
        self.assertEqual(self.card_east.phone, "1")
        self.assertEqual(self.card_east.city, "Ghent")
        self.assertFalse(self.card_east.street)
        self.assertEqual(self.line(change, "street").result, "rejected")
        body = "".join(change.message_ids.mapped("body"))
        self.assertIn("They have not moved", body)
        self.assertNotIn("+32 2 290 34 90", body)

    def test_all_rejected_is_a_refusal(self):
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        manager = change.with_user(self.manager_east)
        manager.line_ids.action_reject()
        with self.assertRaisesRegex(UserError, "Refuse"):
            manager.action_approve()
        self.assertEqual(change.state, "submitted")

    def test_a_conflict_is_decided_with_open_eyes(self):
        change = self.propose(
            self.reader, self.card_east, {"phone": "1", "street": "A"}
        )
        manager = change.with_user(self.manager_east)
        line = self.line(manager, "phone")
        # agreed to before the value moved
        line.action_accept()
        self.assertEqual(line.decision, "accept")
        self.card_east.phone = "+32 2 333 33 33"
        self.env.invalidate_all()
        self.assertEqual(line.status, "conflict")
        self.assertEqual(line.old_text, "+32 2 290 34 90")
        self.assertEqual(line.present_text, "+32 2 333 33 33")
        self.assertEqual(manager.conflict_count, 1)
        with self.assertRaisesRegex(UserError, "Phone: the card has changed"):
            manager.action_approve()
        self.assertFalse(self.card_east.street)
        line.action_accept()
        self.assertEqual(line.decision, "overwrite")
        # and it moves once more after he has looked
        self.card_east.phone = "+32 2 444 44 44"
        with self.assertRaisesRegex(UserError, "Phone: the card has changed"):
            manager.action_approve()
        line.action_accept()
        manager.action_approve()
        self.assertEqual(self.card_east.phone, "1")

    def test_a_value_that_is_there_already_is_no_conflict(self):
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        self.card_east.phone = "1"
        self.assertEqual(self.line(change, "phone").status, "done")
        change.with_user(self.manager_east).action_approve()
        self.assertEqual(change.state, "approved")

    def test_a_proposal_changed_since_it_was_looked_at(self):
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        manager = change.with_user(self.manager_east)
        manager.line_ids.action_accept()
        seen = change.submit_count
        change.action_draft()
        self.line(change, "phone").new_text = "2"
        change.action_submit()
        self.assertFalse(change.line_ids.decision)
        with self.assertRaisesRegex(UserError, "submitted again"):
            manager.with_context(approval_seen=seen).action_approve()
        self.assertEqual(self.card_east.phone, "+32 2 290 34 90")

    def test_all_or_nothing_and_the_error_names_the_line(self):
        change = self.propose(
            self.reader,
            self.card_east,
            {"phone": "1", "vat": "BE123", "street": "A"},
        )
        manager = change.with_user(self.manager_east)
        with (
            patch.object(
                self.registry["res.partner"], "write", _refuse_vat(self.registry)
            ),
            self.assertRaises(UserError) as caught,
        ):
            manager.action_approve()
        self.assertIn("Tax ID: this cannot be written", str(caught.exception))
        self.assertIn("BE123 is not valid", str(caught.exception))
        self.env.invalidate_all()
        self.assertEqual(self.card_east.phone, "+32 2 290 34 90")
        self.assertFalse(self.card_east.street)
        self.assertEqual(change.state, "submitted")
        self.line(manager, "vat").action_reject()
        manager.action_approve()
        self.assertEqual(self.card_east.phone, "1")

    def test_the_approvers_own_right_applies(self):
        """A leader without the right to write contacts writes none."""
        leader = new_test_user(self.env, "plain_leader", groups="base.group_user")
        team = self.env["crm.team"].create({"name": "Plain", "user_id": leader.id})
        card = self.env["res.partner"].create({"name": "Plain Card"})
        card._open_cards(team=team)
        change = self.propose(self.reader, card, {"phone": "1"})
        with self.assertRaises(UserError) as caught:
            change.with_user(leader).action_approve()
        self.assertIn("Phone: this cannot be written", str(caught.exception))
        self.env.invalidate_all()
        self.assertFalse(card.phone)

    def test_sets(self):
        changes = self.propose(self.reader, self.card_east, {"phone": "1"})
        changes |= self.propose(self.reader, self.card_east, {"street": "A"})
        changes.with_user(self.manager_east).action_approve()
        self.assertEqual(set(changes.mapped("state")), {"approved"})
        self.assertEqual((self.card_east.phone, self.card_east.street), ("1", "A"))

    def test_a_set_with_a_foreign_card_is_refused_as_a_whole(self):
        changes = self.propose(self.reader, self.card_east, {"phone": "1"})
        changes |= self.propose(self.reader, self.card_west, {"phone": "1"})
        with self.assertRaises(AccessError):
            changes.with_user(self.manager_east).action_approve()
        self.assertEqual(set(changes.mapped("state")), {"submitted"})

    def test_two_approvers_at_once(self):
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        with (
            patch.object(
                self.registry["customer.card.change"],
                "lock_for_update",
                side_effect=LockError("locked"),
            ),
            self.assertRaisesRegex(UserError, "somebody else is working"),
        ):
            change.with_user(self.manager_east).action_approve()
        change.with_user(self.regional_manager).action_approve()
        with self.assertRaisesRegex(UserError, "Regional Manager"):
            change.with_user(self.manager_east).action_approve()

    # what happens to the target meanwhile

    def test_a_deleted_contact(self):
        extra = self.env["res.partner"].create(
            {"name": "Extra", "parent_id": self.card_east.id}
        )
        change = self.propose(
            self.reader,
            self.card_east,
            {
                "street": "A",
                "child_ids": [Command.update(extra.id, {"phone": "1"})],
            },
        )
        extra.unlink()
        manager = change.with_user(self.manager_east)
        self.assertEqual(self.line(manager, "phone").status, "gone")
        with self.assertRaisesRegex(UserError, "no longer, on this card"):
            manager.action_approve()
        self.line(manager, "phone").action_reject()
        manager.action_approve()
        self.assertEqual(self.card_east.street, "A")

    def test_a_contact_that_left_the_card(self):
        change = self.propose(
            self.reader,
            self.card_east,
            {"child_ids": [Command.update(self.contact_east.id, {"phone": "1"})]},
        )
        self.contact_east.parent_id = self.card_west
        manager = change.with_user(self.manager_east)
        self.assertFalse(manager.line_ids.present_text)
        with self.assertRaisesRegex(UserError, "no longer, on this card"):
            manager.action_approve()
        self.assertNotEqual(self.contact_east.phone, "1")

    def test_an_archived_contact_can_still_be_corrected(self):
        change = self.propose(
            self.reader,
            self.card_east,
            {"child_ids": [Command.update(self.contact_east.id, {"phone": "1"})]},
        )
        self.contact_east.active = False
        change.with_user(self.manager_east).action_approve()
        self.assertEqual(self.contact_east.phone, "1")

    def test_a_merged_customer(self):
        double = self.env["res.partner"].create(
            {"name": "Alpha Foods", "email": self.card_east.email, "phone": "9"}
        )
        double._open_cards(custodian=self.custodian_east)
        change = self.propose(self.reader, double, {"phone": "1"})
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (double | self.card_east).ids, self.card_east
        )
        self.env.invalidate_all()
        self.assertEqual(change.sudo().partner_id, self.card_east)
        manager = change.with_user(self.manager_east)
        self.assertEqual(manager.line_ids.status, "conflict")
        manager.line_ids.action_accept()
        manager.action_approve()
        self.assertEqual(self.card_east.phone, "1")

    def test_a_deleted_customer_takes_his_proposals_along(self):
        change = self.propose(self.reader, self.card_west, {"phone": "1"})
        lines = change.line_ids
        self.contact_west.with_user(self.card_admin).unlink()
        self.card_west.with_user(self.card_admin).unlink()
        self.assertFalse(change.exists())
        self.assertFalse(lines.exists())
        self.assertFalse(
            self.env["mail.activity"].search(
                [("res_model", "=", change._name), ("res_id", "=", change.id)]
            )
        )

    # numbers

    def test_counts_on_the_card(self):
        self.propose(self.reader, self.card_east, {"phone": "1"})
        self.propose(self.reader, self.card_east, {"phone": "2"}, submit=False)
        cards = (self.card_east | self.card_west).with_user(self.card_admin)
        self.env.invalidate_all()
        self.assertEqual(cards.mapped("card_change_count"), [1, 0])
        for operator, value, expected in (
            (">", 0, self.card_east),
            ("=", 0, self.card_west),
            ("!=", 0, self.card_east),
            ("=", 1, self.card_east),
            ("<", 1, self.card_west),
        ):
            domain = [("card_change_count", operator, value), ("id", "in", cards.ids)]
            self.assertEqual(cards.search(domain), expected, (operator, value))
        action = self.card_east.action_card_changes()
        self.assertEqual(len(self.env[action["res_model"]].search(action["domain"])), 2)

    def test_one_query_counts_a_batch(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Batch {index}"} for index in range(100)]
        )
        self.assertEqual(
            self._count_queries(lambda: partners[:1].mapped("card_change_count")),
            self._count_queries(lambda: partners.mapped("card_change_count")),
        )

    def _count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        # warm up caches that are none of ours
        function()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_a_hundred_lines_cost_no_more_queries_than_one(self):
        """Checking, showing and recording are done for the set; of writing, each
        contact is one write and entries of one kind are one create."""

        def proposal(count):
            return self.propose(
                self.reader,
                self.card_east,
                {
                    "competitor_ids": [
                        Command.create({"brand": f"Brand {index}", "note": "x"})
                        for index in range(count)
                    ]
                },
            )

        def cost(change):
            self.env.flush_all()
            self.env.invalidate_all()
            manager = change.with_user(self.manager_east)
            before = self.cr.sql_log_count
            manager.line_ids.mapped("new_text")
            manager.line_ids.mapped("old_text")
            manager.action_approve()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(proposal(1))
        one, hundred = cost(proposal(1)), cost(proposal(100))
        self.assertLessEqual(hundred, one + 2, f"1 line: {one}, 100 lines: {hundred}")

    def test_old_drafts_are_dropped(self):
        change = self.propose(self.reader, self.card_east, {"phone": "1"}, submit=False)
        kept = self.propose(self.reader, self.card_east, {"phone": "1"})
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.env["customer.card.change"]._gc_drafts()
        self.assertFalse(change.exists())
        self.assertTrue(kept.exists())

    def test_the_editor_shows_what_may_be_proposed(self):
        view = self.env.ref("customer_card.res_partner_view_form_propose")
        for user in (self.employee, self.reader):
            arch = (
                self.env["res.partner"]
                .with_user(user)
                .get_view(view.id, "form")["arch"]
            )
            tree = etree.fromstring(arch)
            self.assertEqual(tree.get("js_class"), "card_propose_form")
            self.assertEqual(tree.get("edit"), "1")
            self.assertFalse(tree.xpath("//header | //chatter"))
            allowed = self.env["res.partner"]._get_card_proposable_fields()
            shown = set()
            for node in tree.xpath("//field[not(ancestor::field)]"):
                name = node.get("name")
                if name in allowed | {"company_type"}:
                    shown.add(name)
                    self.assertNotEqual(node.get("readonly"), "1", name)
                else:
                    self.assertIn(node.get("invisible"), ("1", "True"), name)
            self.assertLessEqual({"name", "phone", "child_ids", "legal_form"}, shown)
            # a list of the form: what may not be proposed has no column
            columns = "//field[@name='relative_ids']/list/field[not(@column_invisible)]"
            relatives = tree.xpath(f"{columns}/@name")
            self.assertIn("relation", relatives)
            self.assertNotIn("age", relatives)
            self.assertNotIn("next_birthday", relatives)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_strangers_see_no_proposal(self):
        change = self.propose(self.reader, self.card_east, {"phone": "1"})
        for user in (self.employee, self.custodian_west, self.manager_west):
            records = change.with_user(user)
            self.assertFalse(records.search([("id", "=", change.id)]), user.name)
            self.assertFalse(
                self.env["customer.card.change.line"]
                .with_user(user)
                .search([("change_id", "=", change.id)]),
                user.name,
            )
            with self.assertRaises(AccessError):
                records.read(["name"])
        draft = self.propose(self.reader, self.card_east, {"phone": "2"}, submit=False)
        for user in (self.manager_east, self.custodian_east):
            records = change.with_user(user)
            self.assertTrue(records.search([("id", "=", change.id)]))
            self.assertFalse(records.search([("id", "=", draft.id)]))


def _refuse_vat(registry):
    """:return: ``write`` of res.partner that refuses a tax id, as base_vat does"""
    write = registry["res.partner"].write

    def refuse(self, vals):
        if vals.get("vat"):
            raise UserError("The tax id BE123 is not valid.")  # pylint: disable=C8107
        return write(self, vals)

    return refuse
