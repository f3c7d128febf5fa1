from datetime import datetime, timedelta

from odoo import Command

from odoo.addons.customer_card.tests.test_card_print import PRINT, read_print

from .common import CustomerSegmentationCommon


class TestTradeSection(CustomerSegmentationCommon):
    """C04 on paper: the section *Trade* of prints and extracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = cls.env.user._card_today()
        cls.make_invoice(cls.card_east, 300, today)
        cls.make_invoice(cls.card_west, 7654, today)
        cls.refresh()
        cls.section = cls.env.ref("customer_segmentation.customer_card_section_trade")

    def render(self, user, cards):
        Report = (
            self.env["ir.actions.report"].with_user(user).with_company(self.company)
        )
        data = {"card_ids": cards.ids, "section_ids": self.section.ids}
        return read_print(Report._render_qweb_pdf(PRINT, None, data=data)[0])

    def test_print(self):
        text = self.render(self.custodian_east, self.card_east)
        self.assertIn("[trade]", text)
        self.assertIn("300.00", text)
        self.assertIn("Test Goods", text)
        self.assertNotIn("7,654", text)

    def test_print_of_another(self):
        """Who may not open the card prints nothing of its trade."""
        with self.assertRaises(Exception) as caught:
            self.render(self.custodian_west, self.card_east)
        self.assertNotIn("300", str(caught.exception))

    def test_extract(self):
        """A borrower on paper gets the section that was lent, of that card only."""
        now = datetime.now().replace(microsecond=0)
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.custodian_west)
            .with_company(self.company)
            .create(
                {
                    "card_ids": [Command.set(self.card_east.ids)],
                    "mode": "paper",
                    "purpose": "Trade fair",
                    "date_from": now,
                    "valid_until": now + timedelta(days=3),
                    "section_ids": [Command.set(self.section.ids)],
                }
            )
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()
        self.assertEqual(loan.sudo().section_ids, self.section)

    def test_queries(self):
        """As many queries for many cards as for one."""
        cards = self.env["res.partner"].create(
            [
                {"name": f"Print {number}", "user_id": self.custodian_east.id}
                for number in range(20)
            ]
        )
        cards._open_cards()
        for card in cards:
            self.make_invoice(card, 10, self.env.user._card_today())
        self.refresh()
        Print = (
            self.env["report.customer_card.card_print"]
            .with_user(self.custodian_east)
            .with_company(self.company)
        )

        def count(some):
            some = some.with_env(Print.env)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(Print._get_section_trade(some)), len(some))
            return self.env.cr.sql_log_count - before

        count(cards[:1])
        self.assertEqual(count(cards[:1]), count(cards))
