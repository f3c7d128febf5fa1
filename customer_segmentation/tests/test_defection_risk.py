from datetime import timedelta

from odoo import fields

from .common import CustomerSegmentationCommon


class TestDefectionRisk(CustomerSegmentationCommon):
    """O05: each customer is measured by his own rhythm."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        # every 30 days, the last time 40 days ago
        for days in (100, 70, 40):
            cls.make_invoice(cls.card_east, 500, cls.today - timedelta(days=days))

    def get_risk(self, card, days=0):
        """:return: his risk so many days from now"""
        self.refresh(self.today + timedelta(days=days))
        return self.get_row(card).defection_risk

    def test_levels(self):
        """limit = max(60, floor(2 x 30)) = 60 days of silence; high above 90, lost above
        180: each limit itself still belongs to the level below."""
        row_days = {20: "low", 21: "medium", 50: "medium", 51: "high", 140: "high"}
        row_days[141] = "lost"
        for days, risk in row_days.items():
            self.assertEqual(self.get_risk(self.card_east, days), risk, days)
        self.assertEqual(self.get_row(self.card_east).silence_limit, 60)

    def test_slow_rhythm(self):
        """The same silence means nothing with a customer who buys twice a year."""
        for days in (400, 220, 40):
            self.make_invoice(self.card_west, 500, self.today - timedelta(days=days))
        self.assertEqual(self.get_risk(self.card_west, 60), "low")
        self.assertEqual(self.get_row(self.card_west).silence_limit, 360)
        self.assertEqual(self.get_row(self.card_east).defection_risk, "high")

    def test_limit_is_whole_days(self):
        """floor(1.1 x 61) = 67, and no binary fraction makes 66 of floor(1.1 x 60)."""
        self.company.risk_factor = 1.1
        for days in (161, 100):
            self.make_invoice(self.card_west, 500, self.today - timedelta(days=days))
        self.refresh(self.today)
        self.assertEqual(self.get_row(self.card_west).silence_limit, 67)
        self.make_invoice(self.card_west, 1, self.today - timedelta(days=41))
        self.make_invoice(self.card_west, 1, self.today - timedelta(days=220))
        self.refresh(self.today)
        # gaps 59, 61, 59: median 59, floor(64.9)
        self.assertEqual(self.get_row(self.card_west).silence_limit, 64)
        self.company.risk_factor = 1.15
        self.make_invoice(self.card_west, 1, self.today - timedelta(days=280))
        self.refresh(self.today)
        # gaps 60, 59, 61, 59: median 59.5, floor(68.425)
        self.assertEqual(self.get_row(self.card_west).silence_limit, 68)

    def test_single_purchase(self):
        self.make_invoice(self.card_west, 500, self.today - timedelta(days=180))
        self.assertEqual(self.get_risk(self.card_west), "low")
        self.assertEqual(self.get_risk(self.card_west, 1), "medium")
        self.assertFalse(self.get_row(self.card_west).next_purchase_date)

    def test_never_bought(self):
        """A card without purchases has nothing to lose; a credit note is none."""
        self.refresh(self.today)
        self.assertTrue(self.get_row(self.card_west))
        self.assertFalse(self.get_row(self.card_west).defection_risk)
        self.make_invoice(self.card_west, -50, self.today - timedelta(days=300))
        self.refresh(self.today)
        self.assertFalse(self.get_row(self.card_west).defection_risk)

    def test_money_at_stake(self):
        """What the better of the last two windows brought, once he is at risk."""
        self.refresh(self.today)
        self.assertEqual(self.get_row(self.card_east).money_at_stake, 0)
        self.refresh(self.today + timedelta(days=30))
        self.assertEqual(self.get_row(self.card_east).money_at_stake, 1500)
        # a window later his purchases are those of the window before
        self.refresh(self.today + timedelta(days=364))
        row = self.get_row(self.card_east)
        self.assertEqual((row.amount, row.money_at_stake), (0, 1500))
        self.refresh(self.today + timedelta(days=900))
        self.assertEqual(self.get_row(self.card_east).money_at_stake, 0)

    def test_next_purchase(self):
        self.refresh(self.today)
        row = self.get_row(self.card_east)
        self.assertEqual(row.next_purchase_date, self.today - timedelta(days=10))
        self.assertTrue(row.is_purchase_overdue)
        overdue = [("is_purchase_overdue", "=", True)]
        self.assertIn(row, self.env["customer.metrics"].search(overdue))
        card = self.card_east.with_company(self.company)
        self.assertEqual(card.next_purchase_date, row.next_purchase_date)
        self.assertIn(
            card,
            card.search([("next_purchase_date", "<", self.today)]),
        )

    def test_median_of_half_days_rounds_up(self):
        for days in (50, 39, 29):
            self.make_invoice(self.card_west, 5, self.today - timedelta(days=days))
        self.refresh(self.today)
        # gaps 11 and 10: median 10.5
        self.assertEqual(
            self.get_row(self.card_west).next_purchase_date,
            self.today - timedelta(days=18),
        )

    def test_by_company(self):
        """One company's silent customer buys from the other."""
        other = self.env["res.company"].create(
            {"name": "Other Traders", "risk_window_days": 10, "risk_factor": 1}
        )
        self.refresh(self.today + timedelta(days=30))
        self.refresh(self.today + timedelta(days=30), other)
        self.assertEqual(self.get_row(self.card_east).defection_risk, "medium")
        self.assertFalse(self.get_row(self.card_east, other).defection_risk)
