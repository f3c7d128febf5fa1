from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException

from .common import CustomerCardCommon, CustomerCardHttp


class LeaveWorld:
    """Helpers to name a deputy."""

    def wizard(self, user, custodian=None, deputy=None, days=(0, 7), **values):
        custodian = custodian or user
        today = custodian._card_today()
        return (
            self.env["customer.card.deputize"]
            .with_user(user)
            .create(
                {
                    "custodian_id": custodian.id,
                    "deputy_id": (deputy or self.deputy_east).id,
                    "date_from": today + timedelta(days=days[0]),
                    "date_until": today + timedelta(days=days[1]),
                    **values,
                }
            )
        )

    def deputize(self, *args, **values):
        result = self.wizard(*args, **values).action_confirm()
        self.env.invalidate_all()
        return result

    def without_commits(self):
        """Let the scheduled actions run inside the test."""

        def commit_progress(_cron, *_args, **_kwargs):
            return float("inf")

        self.patch(type(self.env["ir.cron"]), "_commit_progress", commit_progress)

    def deputyships(self, user, domain=()):
        return self.env["customer.card.deputyship"].with_user(user).search(domain)

    def can(self, user, operation, partner=None):
        self.env.invalidate_all()
        partner = partner or self.card_east
        return partner.with_user(user).has_access(operation)

    def make_cards_of(self, custodian, count, **values):
        cards = self.env["res.partner"].create(
            [
                {"name": f"Many {index}", "is_company": True, **values}
                for index in range(count)
            ]
        )
        cards._open_cards(custodian=custodian)
        return cards


@tagged("post_install", "-at_install")
class TestCardDeputize(LeaveWorld, CustomerCardCommon):
    """C05, A06: while a custodian is on leave his deputy carries on."""

    def test_a_custodian_names_his_deputy_and_both_are_told(self):
        self.card_east.active = False  # archived cards are looked after too
        self.deputy_east.lang = "en_US"
        before = self.env["mail.message"].search([], limit=1, order="id desc").id
        self.deputize(self.custodian_east)
        tree = self.card_east | self.contact_east | self.address_east
        for partner in tree:
            self.assertEqual(partner.card_deputy_id, self.deputy_east)
            self.assertTrue(self.can(self.deputy_east, "write", partner))
        self.assertFalse(self.can(self.deputy_east, "read", self.card_west))
        messages = self.env["mail.message"].search([("id", ">", before)])
        told = messages.notified_partner_ids | messages.partner_ids
        self.assertEqual(
            told, (self.custodian_east | self.deputy_east).partner_id, messages
        )
        for message in messages:
            self.assertIn("Cards: 1.", message.body)
            self.assertNotIn("Alpha", message.body)
            self.assertNotIn("Alpha", message.subject)
        event = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id), ("kind", "=", "deputy_changed")]
        )
        self.assertIn("Deputy East", event.description)

    def test_before_and_after_the_days_nothing(self):
        today = self.custodian_east._card_today()
        self.deputize(self.custodian_east, days=(2, 3))
        for day, expected in ((0, False), (2, True), (3, True), (4, False)):
            moment = fields.Datetime.to_datetime(today + timedelta(days=day))
            with freeze_time(moment + timedelta(hours=12)):
                self.assertEqual(self.can(self.deputy_east, "read"), expected, day)

    def test_only_colleagues_of_the_own_department(self):
        with self.assertRaises(AccessError):
            self.deputize(self.custodian_east, deputy=self.custodian_west)
        with self.assertRaises(AccessError):
            self.deputize(self.custodian_east, deputy=self.employee)
        # the manager names whom he wants, as long as it is a user of the cards
        self.deputize(
            self.manager_east, self.custodian_east, deputy=self.custodian_west
        )
        self.assertTrue(self.can(self.custodian_west, "write"))
        with self.assertRaises(AccessError):
            self.deputize(
                self.manager_east,
                self.custodian_east,
                deputy=self.employee,
                conflict="replace",
            )

    def test_the_company_may_leave_it_to_the_manager(self):
        self.env.company.card_deputy_policy = "manager"
        with self.assertRaisesRegex(AccessError, "Manager East"):
            self.deputize(self.custodian_east)
        self.deputize(self.manager_east, self.custodian_east)
        self.assertTrue(self.can(self.deputy_east, "read"))

    def test_nobody_names_a_deputy_for_cards_of_others(self):
        for user in (self.deputy_east, self.custodian_west, self.manager_west):
            with self.assertRaises(UserError):
                self.deputize(user, self.custodian_east)
        with self.assertRaises(AccessError):
            self.wizard(self.employee, self.custodian_east)
        self.assertFalse(self.card_east.card_deputy_id)

    def test_a_selection_of_own_cards_only(self):
        other = self.make_cards_of(self.custodian_east, 1)
        self.deputize(
            self.custodian_east,
            scope="selected",
            partner_ids=[Command.set(other.ids)],
        )
        self.assertTrue(self.can(self.deputy_east, "read", other))
        self.assertFalse(self.can(self.deputy_east, "read", self.card_east))
        with self.assertRaises(AccessError) as refusal:
            self.deputize(
                self.custodian_east,
                scope="selected",
                partner_ids=[Command.set((self.card_east | self.card_west).ids)],
            )
        self.assertNotIn("Beta", str(refusal.exception))

    def test_a_deputy_who_is_there_already_is_named_and_asked_about(self):
        self.deputize(self.custodian_east, days=(0, 5))
        colleague = self.card_admin
        with self.assertRaisesRegex(UserError, "Deputy East"):
            self.deputize(self.manager_east, self.custodian_east, deputy=colleague)
        other = self.make_cards_of(self.custodian_east, 1)
        self.deputize(
            self.manager_east, self.custodian_east, deputy=colleague, conflict="keep"
        )
        self.assertEqual(self.card_east.card_deputy_id, self.deputy_east)
        self.assertEqual(other.card_deputy_id, colleague)
        self.deputize(
            self.manager_east, self.custodian_east, deputy=colleague, conflict="replace"
        )
        self.assertEqual(self.card_east.card_deputy_id, colleague)
        self.assertFalse(self.can(self.deputy_east, "read"))

    def test_dates_that_make_no_sense(self):
        for days in ((3, 1), (-5, -1)):
            with self.assertRaises(UserError):
                self.deputize(self.custodian_east, days=days)

    # who sees what, and the end

    def test_who_sees_the_deputyships(self):
        self.deputize(self.custodian_east)
        for user in (
            self.custodian_east,
            self.deputy_east,
            self.manager_east,
            self.regional_manager,
            self.card_admin,
        ):
            found = self.deputyships(
                user, [("custodian_id", "=", self.custodian_east.id)]
            )
            self.assertEqual(found.card_count, 1, user.name)
            self.assertEqual(found.state, "running")
        for user in (self.custodian_west, self.manager_west):
            self.assertFalse(
                self.deputyships(user, [("custodian_id", "=", self.custodian_east.id)])
            )

    def test_the_end_of_the_leave_is_the_end(self):
        self.deputize(self.custodian_east)
        self.card_east.message_subscribe(self.deputy_east.partner_id.ids)
        task = self.card_east.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.deputy_east.id
        )
        mine = [("custodian_id", "=", self.custodian_east.id)]
        with self.assertRaises(AccessError):
            self.deputyships(self.deputy_east, mine).action_end()
        self.deputyships(self.custodian_east, mine).action_end()
        self.assertFalse(self.can(self.deputy_east, "read"))
        self.assertNotIn(
            self.deputy_east.partner_id, self.card_east.message_partner_ids
        )
        self.assertEqual(task.user_id, self.custodian_east)
        self.assertFalse(self.contact_east.card_deputy_id)
        self.assertFalse(self.deputyships(self.custodian_east, mine))

    def test_a_manager_ends_the_leave_and_a_strange_one_does_not(self):
        self.deputize(self.custodian_east)
        mine = [("custodian_id", "=", self.custodian_east.id)]
        row = self.deputyships(self.custodian_east, mine)
        with self.assertRaises(AccessError):
            row.with_user(self.manager_west).action_end()
        row.with_user(self.manager_east).action_end()
        self.assertFalse(self.card_east.card_deputy_id)

    # the scheduled action

    def reminders(self):
        return (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search([("user_id", "=", self.deputy_east.id), ("res_model", "=", False)])
        )

    def test_the_deputy_is_reminded_once_on_his_first_day(self):
        self.without_commits()
        Deputyship = self.env["customer.card.deputyship"]
        today = self.custodian_east._card_today()
        self.deputize(self.custodian_east, days=(1, 4))
        Deputyship._cron_remind()
        self.assertFalse(self.reminders())
        noon = fields.Datetime.to_datetime(today + timedelta(days=1, hours=0))
        with freeze_time(noon + timedelta(hours=12)):
            Deputyship.invalidate_model()
            Deputyship._cron_remind()
            reminder = self.reminders()
            self.assertEqual(len(reminder), 1)
            self.assertIn("Custodian East", reminder.summary)
            reminder.action_done()
            Deputyship.invalidate_model()
            Deputyship._cron_remind()
            self.assertEqual(self.reminders(), reminder)

    def test_what_is_over_is_tidied_up(self):
        self.without_commits()
        today = self.custodian_east._card_today()
        self.deputize(self.custodian_east, days=(0, 1))
        self.card_east.message_subscribe(self.deputy_east.partner_id.ids)
        moment = fields.Datetime.to_datetime(today + timedelta(days=2))
        with freeze_time(moment + timedelta(hours=12)):
            self.env.invalidate_all()
            self.env["customer.card.deputyship"]._cron_remind()
        self.assertFalse(self.card_east.card_deputy_id)
        self.assertNotIn(
            self.deputy_east.partner_id, self.card_east.message_partner_ids
        )

    def test_queries_do_not_grow_with_the_cards(self):
        counts = []
        for size in (1, 100):
            self.make_cards_of(self.custodian_east, size)
            wizard = self.wizard(self.custodian_east, conflict="replace")
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            wizard.action_confirm()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - start)
            self.deputyships(
                self.custodian_east, [("custodian_id", "=", self.custodian_east.id)]
            ).action_end()
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestCardDeputizeHttp(LeaveWorld, CustomerCardHttp):
    """The same through the server."""

    def call(self, user, model, method, *args, **kwargs):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_a_forged_deputyship_is_refused(self):
        """A06: neither by the fields of the card nor by the list."""
        today = fields.Date.to_string(fields.Date.today())
        for user in (self.deputy_east, self.custodian_west, self.manager_west):
            with self.assertRaises(JsonRpcException):
                self.call(
                    user,
                    "res.partner",
                    "write",
                    self.card_east.ids,
                    {"card_deputy_id": user.id, "card_deputy_until": today},
                )
            with self.assertRaises(JsonRpcException):
                self.call(
                    user,
                    "customer.card.deputyship",
                    "create",
                    {"custodian_id": self.custodian_east.id, "deputy_id": user.id},
                )
        self.assertFalse(self.card_east.card_deputy_id)
