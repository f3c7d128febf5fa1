from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import CustomerSegmentationCommon


class TestRouteAdjustment(CustomerSegmentationCommon):
    """M05: at the end of a month or quarter, time spent is compared with value."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cards = cls.env["res.partner"].create(
            [
                {
                    "name": f"Route {name}",
                    "is_company": True,
                    "user_id": cls.custodian_east.id,
                }
                for name in ("Large", "Small", "Prospect")
            ]
        )
        cls.cards._open_cards()
        cls.large, cls.small, cls.prospect = cls.cards

    def visit(self, card, day, hours=1.0, **values):
        """:return: a visit that took place, so many hours long"""
        start = datetime.combine(day, datetime.min.time()).replace(hour=9)
        visit = self.env["customer.visit"].create(
            {
                "partner_id": card.id,
                "user_id": self.custodian_east.id,
                "company_id": self.company.id,
                "date_planned": start,
                **values,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_visit SET state = 'reported', visit_date = %s,"
            " duration = %s WHERE id = %s",
            (day, hours, visit.id),
        )
        self.env.invalidate_all()
        return visit

    def compare(self, period="month", start=date(2026, 3, 1)):
        """:return: ``{card: row}``"""
        self.refresh("2026-03-31")
        self.env["customer.route.adjustment"]._generate(self.company, period, start)
        rows = self.env["customer.route.adjustment"].search(
            [("company_id", "=", self.company.id), ("period", "=", period)]
        )
        return {row.partner_id: row for row in rows}

    def make_story(self):
        self.make_invoice(self.large, 900, "2026-03-02")
        self.make_invoice(self.small, 100, "2026-03-02")
        self.visit(self.large, date(2026, 3, 3))
        for day in (4, 5, 6):
            self.visit(self.small, date(2026, 3, day))
        self.visit(self.prospect, date(2026, 3, 9))

    def test_findings(self):
        self.make_story()
        rows = self.compare()
        large, small = rows[self.large], rows[self.small]
        self.assertEqual((large.visits, large.hours, large.amount), (1, 1.0, 900.0))
        self.assertEqual((large.time_share, large.value_share), (20.0, 90.0))
        self.assertEqual((small.time_share, small.value_share), (60.0, 10.0))
        # five contacts in all: 90 % and 10 % of them
        self.assertEqual((large.visits_wanted, small.visits_wanted), (5, 1))
        self.assertEqual(large.finding, "too_little")
        self.assertEqual(small.finding, "too_much")
        self.assertEqual(rows[self.prospect].finding, "prospect")
        self.assertNotIn(self.card_east, rows, "neither contacts nor sales")

    def test_factor(self):
        self.make_story()
        self.company.route_factor = 5.0
        rows = self.compare()
        self.assertEqual(rows[self.large].finding, "fits")
        self.assertEqual(rows[self.small].finding, "too_much")
        self.company.route_factor = 7.0
        self.assertEqual(self.compare()[self.small].finding, "fits")

    def test_period(self):
        """Only contacts of the period count, and only those that took place."""
        self.make_story()
        self.visit(self.large, date(2026, 2, 27))
        self.visit(self.large, date(2026, 4, 1))
        planned = self.visit(self.large, date(2026, 3, 20))
        self.env.cr.execute(
            "UPDATE customer_visit SET state = 'planned' WHERE id = %s", (planned.id,)
        )
        self.assertEqual(self.compare()[self.large].visits, 1)
        self.assertEqual(
            self.compare("quarter", date(2026, 1, 1))[self.large].visits, 2
        )

    def test_unknown_duration(self):
        """Without a duration a contact counts as the average of the others."""
        self.make_invoice(self.large, 100, "2026-03-02")
        self.visit(self.large, date(2026, 3, 3), hours=3.0)
        self.visit(self.small, date(2026, 3, 4), hours=0.0)
        rows = self.compare()
        self.assertEqual(rows[self.small].hours, 3.0)
        self.assertEqual(rows[self.small].time_share, 50.0)

    def test_decision(self):
        self.make_story()
        rows = self.compare()
        large = rows[self.large]
        self.assertTrue(large.with_user(self.manager_east).can_decide)
        large.with_user(self.manager_east).action_more()
        self.assertEqual(large.decision, "more")
        self.assertEqual(large.decided_by_id, self.manager_east)
        todo = self.large.activity_ids.filtered(
            lambda activity: activity.user_id == self.custodian_east
        )
        self.assertIn("more often", todo[-1:].summary)
        # computed again: what was decided stays
        self.make_invoice(self.large, 5000, "2026-03-05")
        again = self.compare()[self.large]
        self.assertEqual((again, again.amount), (large, 900.0))
        self.assertEqual(again.decision, "more")

    def test_leave(self):
        """Decided to leave it: done, without a to-do."""
        self.make_story()
        small = self.compare()[self.small]
        before = self.small.activity_ids
        small.with_user(self.manager_east).action_keep()
        self.assertEqual(small.decision, "keep")
        self.assertEqual(self.small.activity_ids, before)

    def test_only_managers_decide(self):
        """The custodian sees his rows and decides nothing; managers of others neither
        see nor decide."""
        self.make_story()
        large = self.compare()[self.large]
        own = large.with_user(self.custodian_east)
        self.assertEqual(own.visits, 1)
        self.assertFalse(own.can_decide)
        for user in (self.custodian_east, self.deputy_east, self.manager_west):
            with (
                self.subTest(user=user.name),
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                large.with_user(user).action_more()
        with self.assertRaises(AccessError):
            own.write({"decision": "keep"})
        self.assertFalse(
            self.env["customer.route.adjustment"]
            .with_user(self.custodian_west)
            .search([("partner_id", "in", self.cards.ids)])
        )
        self.assertFalse(large.decision)

    def test_who_compares(self):
        Route = self.env["customer.route.adjustment"].with_company(self.company)
        with self.assertRaises(AccessError):
            Route.with_user(self.custodian_east).action_generate()
        self.make_story()
        self.refresh()
        Route.with_user(self.manager_east).action_generate()

    def test_due_once(self):
        """Both periods are made once; made again they are brought up to date."""
        self.make_story()
        self.refresh()
        Route = self.env["customer.route.adjustment"]
        for _time in range(2):
            Route._generate_due(self.company)
        periods = Route._get_ended_periods(self.company)
        self.assertEqual([period for period, _start in periods], ["month", "quarter"])
        for period, start in periods:
            rows = Route.search(
                [
                    ("company_id", "=", self.company.id),
                    ("period", "=", period),
                    ("date_from", "=", start),
                ]
            )
            self.assertEqual(rows.partner_id, self.large | self.small)

    def test_queries(self):
        """One statement, whatever the number of cards."""

        def count(number):
            cards = self.env["res.partner"].create(
                [
                    {"name": f"Many {row}", "user_id": self.custodian_east.id}
                    for row in range(number)
                ]
            )
            cards._open_cards()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["customer.route.adjustment"]._generate(
                self.company, "month", date(2026, 3, 1)
            )
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(1), count(100))
