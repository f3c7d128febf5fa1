from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import CustomerVisitCommon


class TestMyDay(CustomerVisitCommon):
    """Issue 4, My Day: the salesperson's start page, read by one call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.custodian_east._card_today()

    def day_of(self, user, day=None):
        return self.env["customer.my.day"].with_user(user).get_day(day)

    def block_of(self, user, code, day=None):
        blocks = {block["code"]: block for block in self.day_of(user, day)["blocks"]}
        return blocks.get(code)

    def visit_today(self, hour=9, **values):
        moment = fields.Datetime.to_datetime(str(self.today)) + timedelta(hours=hour)
        return self.make_visit(
            values.pop("card", self.card_east),
            values.pop("user", self.custodian_east),
            date_planned=moment,
            **values,
        )

    def test_empty_day(self):
        """Somebody without any work sees what he can do, not an error."""
        page = self.day_of(self.employee)
        route = next(block for block in page["blocks"] if block["code"] == "route")
        self.assertFalse(route["rows"])
        self.assertTrue(route["empty"]["button"])
        self.assertEqual(len(page["week"]), 7)
        self.assertEqual(page["progress"], {"done": 0, "count": 0})

    def test_route(self):
        late = self.visit_today(14)
        early = self.visit_today(8)
        self.visit_today(card=self.card_west, user=self.custodian_west)
        rows = self.block_of(self.custodian_east, "route")["rows"]
        self.assertEqual([row["id"] for row in rows], (early | late).ids)
        self.assertTrue(rows[0]["next"])
        self.assertFalse(rows[1]["next"])
        methods = [button["method"] for button in rows[0]["buttons"]]
        self.assertEqual(methods, ["action_start", "action_open_preparation"])

    def test_length_of_the_route(self):
        """As the crow flies, and only when all stops are on the map."""
        other = self.free_partner
        other.user_id = self.custodian_east
        other._open_cards()
        self.card_east.write({"partner_latitude": 51.05, "partner_longitude": 3.72})
        self.visit_today(8)
        self.visit_today(9, card=other)
        block = self.block_of(self.custodian_east, "route")
        self.assertFalse(block["km"])
        self.assertFalse(block["maps"])
        # Ghent to Brussels
        other.write({"partner_latitude": 50.85, "partner_longitude": 4.35})
        block = self.block_of(self.custodian_east, "route")
        self.assertIn("49", block["km"])
        self.assertIn("51.050000%2C3.720000", block["maps"])

    def test_week_counts_own_visits(self):
        self.visit_today()
        page = self.day_of(self.custodian_east)
        today = next(day for day in page["week"] if day["is_today"])
        self.assertEqual(today["count"], 1)
        self.assertTrue(today["is_chosen"])
        tomorrow = self.today + timedelta(days=1)
        self.assertEqual(
            self.day_of(self.custodian_east, str(tomorrow))["day"], str(tomorrow)
        )

    def test_wrong_day_is_today(self):
        for day in ("nonsense", "9999-12-31", 7):
            self.assertEqual(self.day_of(self.employee, day)["day"], str(self.today))

    def test_only_the_name_of_a_hidden_card(self):
        """A visit whose card the visitor may not open (any more): the plain name."""
        self.card_east.write({"street": "Secret Street 1", "partner_latitude": 50.5})
        visit = self.visit_today(user=self.custodian_east, objective="Secret objective")
        visit.sudo().user_id = self.employee
        row = self.block_of(self.employee, "route")["rows"][0]
        self.assertEqual(row["title"], "Alpha Foods")
        self.assertNotIn("Secret Street", str(row))
        self.assertNotIn("50.5", str(self.block_of(self.employee, "route")))
        self.assertFalse(row["links"])
        # once it is reported, the visit itself is a part of the card
        visit.sudo().state = "reported"
        row = self.block_of(self.employee, "route")["rows"][0]
        self.assertFalse(row["id"])
        self.assertNotIn("Secret objective", str(row))

    def test_address_of_an_own_card(self):
        """The twin: whoever keeps the card has its phone and the way there."""
        self.card_east.write({"street": "Open Street 1", "city": "Ghent"})
        self.visit_today()
        row = self.block_of(self.custodian_east, "route")["rows"][0]
        self.assertIn("Open Street 1, Ghent", row["note"])
        self.assertTrue(any(link[2].startswith("tel:") for link in row["links"]))
        self.assertTrue(any("Open%20Street" in link[2] for link in row["links"]))

    def test_reports_owed(self):
        visit = self.visit_today(8)
        visit.sudo().write({"state": "report_due"})
        visit.sudo().date_planned -= timedelta(days=2)
        block = self.block_of(self.custodian_east, "reports")
        self.assertEqual([row["id"] for row in block["rows"]], visit.ids)
        self.assertFalse(self.block_of(self.custodian_west, "reports"))

    def test_left_undone(self):
        visit = self.visit_today(8)
        visit.sudo().date_planned -= timedelta(days=3)
        block = self.block_of(self.custodian_east, "left")
        self.assertEqual([row["id"] for row in block["rows"]], visit.ids)
        self.assertTrue(block["rows"][0]["late"])
        # it is too late to check in; not too late for another day
        methods = [button["method"] for button in block["rows"][0]["buttons"]]
        self.assertEqual(methods, ["action_reschedule", "action_open_report"])

    def test_not_before_the_day(self):
        visit = self.visit_today(8)
        visit.sudo().date_planned += timedelta(days=2)
        rows = self.block_of(self.custodian_east, "route", visit.visit_date)["rows"]
        methods = [button["method"] for button in rows[0]["buttons"]]
        self.assertEqual(methods, ["action_open_preparation"])
        self.assertFalse(rows[0]["next"])

    def test_reminders(self):
        activity = self.card_east.activity_schedule(
            "mail.mail_activity_data_todo",
            summary="Send the list",
            user_id=self.custodian_east.id,
        )
        block = self.block_of(self.custodian_east, "activities")
        self.assertEqual([row["key"] for row in block["rows"]], [str(activity.id)])
        self.assertEqual(block["rows"][0]["note"], "Send the list")
        self.assertFalse(self.block_of(self.custodian_west, "activities"))

    def test_approvals(self):
        """A request waits in the manager's day, and not in that of whoever asked."""
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.custodian_west)
            .create({"card_ids": [Command.set(self.card_east.ids)], "purpose": "Trip"})
        )
        loan.action_submit()
        block = self.block_of(self.manager_east, "approvals")
        self.assertEqual([row["id"] for row in block["rows"]], loan.ids)
        self.assertEqual(block["rows"][0]["model"], "customer.card.loan")
        self.assertFalse(self.block_of(self.custodian_west, "approvals"))
        # it is a decision, not a reminder as well
        self.assertFalse(self.block_of(self.manager_east, "activities"))

    def test_contacts_due(self):
        """The customers of the user who are due, and not those of colleagues."""
        self.env["customer.contact.policy"].search([]).active = False
        self.env["customer.contact.policy"].create(
            {"name": "Weekly", "interval_number": 1, "interval_type": "week"}
        )
        # sudo: neglected for a month
        cards = (self.card_east | self.card_west).sudo()
        cards.contact_since = self.today - timedelta(days=30)
        cards._refresh_contacts()
        block = self.block_of(self.custodian_east, "due")
        self.assertEqual([row["id"] for row in block["rows"]], self.card_east.ids)
        self.assertTrue(block["rows"][0]["late"])
        self.assertEqual(block["rows"][0]["note"], "Never contacted")
        # whoever is planned is no longer asked for
        self.visit_today()
        cards._refresh_contacts()
        self.assertFalse(self.block_of(self.custodian_east, "due"))

    def test_promises(self):
        promise = self.env["customer.promise"].create(
            {
                "name": "A sample",
                "partner_id": self.card_east.id,
                "user_id": self.custodian_west.id,
                "date_due": self.today + timedelta(days=2),
            }
        )
        # he has to keep it, and may not open the card: the plain name
        row = self.block_of(self.custodian_west, "promises")["rows"][0]
        self.assertEqual((row["title"], row["note"]), ("A sample", "Alpha Foods"))
        self.assertFalse(self.block_of(self.custodian_east, "promises"))
        promise.with_user(self.custodian_west).action_keep()
        self.assertFalse(self.block_of(self.custodian_west, "promises"))

    def test_plan_sent_back(self):
        Plan = self.env["customer.visit.plan"]
        plan = Plan.with_user(self.custodian_east).create(
            {"user_id": self.custodian_east.id, "date_start": Plan._get_next_week()}
        )
        # sudo: what the manager decided
        plan.sudo()._approval_move("refused", {"refusal_reason": "Too few visits"})
        row = self.block_of(self.custodian_east, "plan")["rows"][0]
        self.assertEqual((row["id"], row["note"]), (plan.id, "Too few visits"))
        self.assertFalse(self.block_of(self.deputy_east, "plan"))

    def test_birthdays(self):
        self.contact_east.birthdate_date = (self.today + timedelta(days=2)).replace(
            year=1980
        )
        row = self.block_of(self.custodian_east, "birthdays")["rows"][0]
        self.assertEqual((row["title"], row["note"]), ("Ada Alpha", "Alpha Foods"))
        self.assertFalse(self.block_of(self.custodian_west, "birthdays"))

    def test_portal_user_refused(self):
        portal = new_test_user(self.env, "day_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.day_of(portal)

    def test_queries_do_not_grow(self):
        """One page costs as much for one visit as for twenty."""
        cards = self.env["res.partner"].create(
            [
                {"name": f"Card {number}", "user_id": self.custodian_east.id}
                for number in range(20)
            ]
        )
        cards._open_cards()
        counts = []
        for upto in (1, 20):
            for card in cards[len(counts) : upto]:
                self.visit_today(card=card)
                card.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=self.custodian_east.id
                )
            self.env.flush_all()
            # groups and rules are remembered from the second time on
            self.day_of(self.custodian_east)
            self.day_of(self.custodian_east)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.day_of(self.custodian_east)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertLess(counts[1], 40)
