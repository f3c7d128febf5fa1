from odoo import Command
from odoo.fields import Date

from .common import CustomerSegmentationCommon


class TestMetricsBehaviour(CustomerSegmentationCommon):
    """O04: how a customer decides and what he is granted."""

    def set_created(self, order, moment):
        order.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = %s WHERE id = %s", [moment, order.id]
        )
        order.invalidate_recordset()

    def test_decision(self):
        for made, ordered in (
            ("2026-03-01 12:00:00", "2026-03-02 12:00:00"),
            ("2026-03-01 12:00:00", "2026-03-05 12:00:00"),
            ("2026-03-01 12:00:00", "2026-03-11 12:00:00"),
            ("2024-03-01 12:00:00", "2024-03-31 12:00:00"),  # before
        ):
            order = self.make_order(self.card_east, 100, ordered)
            self.set_created(order, made)
        self.refresh(Date.to_date("2026-06-30"))
        self.assertRecordValues(
            self.get_row(self.card_east),
            [{"quotations": 3, "orders": 3, "decision_days": 4.0, "amount": 0}],
        )

    def test_discount(self):
        order = self.make_order(self.card_east, 100, "2026-03-01 12:00:00")
        order.order_line.discount = 10
        order.order_line = [
            Command.create(
                {
                    "product_id": self.product.id,
                    "product_uom_qty": 1,
                    "price_unit": -15,
                    "tax_ids": [Command.clear()],
                }
            )
        ]
        self.refresh(Date.to_date("2026-06-30"))
        self.assertEqual(self.get_row(self.card_east).discount_rate, 25)

    def test_basis_ordered(self):
        """An order counts on the company's day, at the rate of the order."""
        self.company.metrics_basis = "ordered"
        self.company.partner_id.tz = "Asia/Seoul"
        self.make_order(self.card_east, 100, "2025-06-30 14:59:00")  # 23:59 before
        self.make_order(self.card_east, 200, "2025-06-30 15:00:00")  # July 1
        self.make_invoice(self.card_east, 500, "2026-01-01")
        self.make_invoice(self.card_east, -50, "2026-01-02")
        self.refresh(Date.to_date("2026-06-30"))
        self.assertRecordValues(
            self.get_row(self.card_east),
            [
                {
                    "amount": 200,
                    "amount_previous": 100,
                    "amount_refunded": 50,
                    "return_rate": 10,
                    "documents": 1,
                    "refunds": 1,
                    "purchase_days_lifetime": 2,
                    "products_count": 1,
                }
            ],
        )

    def test_products_and_margin(self):
        self.product.with_company(self.company).standard_price = 30
        other = self.env["product.product"].create(
            {
                "name": "Other Goods",
                "categ_id": self.env["product.category"].create({"name": "Other"}).id,
            }
        )
        self.make_invoice(self.card_east, 100, "2026-03-01")
        move = self.make_invoice(self.card_east, 100, "2026-03-01")
        move.button_draft()
        move.invoice_line_ids.product_id = other
        move.invoice_line_ids.write({"price_unit": 80, "tax_ids": [Command.clear()]})
        move.action_post()
        self.refresh(Date.to_date("2026-06-30"))
        self.assertRecordValues(
            self.get_row(self.card_east),
            [
                {
                    "amount": 180,
                    "products_count": 2,
                    "categories_count": 2,
                    "margin": 70,
                    "margin_rate": 70,
                }
            ],
        )
