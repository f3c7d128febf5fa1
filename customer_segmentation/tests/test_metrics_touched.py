from odoo.fields import Date

from .common import CustomerSegmentationCommon


class TestMetricsTouched(CustomerSegmentationCommon):
    """Only whose documents have changed since the last run is read line by line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_of = Date.to_date("2026-06-30")
        cls.move = cls.make_invoice(cls.card_east, 100, "2026-03-01")
        cls.make_invoice(cls.card_west, 100, "2026-03-01")
        for number in range(10):
            partner = cls.env["res.partner"].create({"name": f"Customer {number}"})
            cls.make_invoice(partner, 10, "2026-03-01")
        cls.refresh(cls.as_of)
        cls.env.flush_all()
        # as if all of it were of long ago, and wrong
        for table in ("account_move", "product_product", "product_template"):
            cls.env.cr.execute(f"UPDATE {table} SET write_date = '2026-01-01'")
        cls.env.cr.execute("UPDATE customer_metrics_product SET quantity = 77")
        cls.env.invalidate_all()

    def get_quantities(self, as_of=None):
        """:return: of East and West after a run; 77 when not computed anew"""
        self.refresh(as_of or self.as_of)
        return [
            self.env["customer.metrics.product"]
            .search(
                [("partner_id", "=", card.id), ("company_id", "=", self.company.id)]
            )
            .quantity
            for card in (self.card_east, self.card_west)
        ]

    def get_counts(self):
        """:return: products of East and West after a run; 77 when kept as they were"""
        self.env.cr.execute("UPDATE customer_metrics SET products_count = 77")
        self.env.invalidate_all()
        self.refresh(self.as_of)
        rows = [self.get_row(card) for card in (self.card_east, self.card_west)]
        return [row.products_count for row in rows]

    def test_nothing_happened(self):
        self.assertEqual(self.get_quantities(), [77, 77])
        self.assertEqual(self.get_quantities(Date.to_date("2026-07-01")), [77, 77])

    def test_new_document(self):
        self.make_invoice(self.card_east, 50, "2026-04-01")
        self.env.cr.execute("UPDATE account_move SET write_date = '2026-01-01'")
        self.assertEqual(self.get_quantities(), [2, 77])

    def test_document_written(self):
        self.move.ref = "changed"
        self.assertEqual(self.get_quantities(), [1, 77])

    def test_document_gone(self):
        self.move.button_draft()
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET write_date = '2026-01-01'")
        self.assertEqual(self.get_quantities(), [0, 77])

    def test_customer_moved(self):
        """Moved to another customer without a word in the documents."""
        contact = self.env["res.partner"].create({"name": "Handler"})
        self.env.cr.execute(
            "UPDATE account_move SET partner_id = %s WHERE id = %s",
            [contact.id, self.move.id],
        )
        contact.parent_id = self.card_west
        self.assertEqual(self.get_quantities(), [0, 2])

    def test_window_left(self):
        """A document leaves the window, then the window before."""
        self.make_invoice(self.card_east, 50, "2025-07-10")
        self.get_quantities()
        self.env.cr.execute("UPDATE account_move SET write_date = '2026-01-01'")
        self.env.cr.execute("UPDATE customer_metrics_product SET quantity = 77")
        self.env.invalidate_all()
        self.assertEqual(self.get_quantities(Date.to_date("2026-07-09")), [77, 77])
        self.assertEqual(self.get_quantities(Date.to_date("2026-07-10")), [1, 77])

    def test_cost_changed(self):
        self.product.with_company(self.company).standard_price = 5
        self.assertEqual(self.get_quantities(), [1, 1])

    def test_category_changed(self):
        category = self.env["product.category"].create({"name": "Another"})
        self.product.categ_id = category
        self.assertEqual(self.get_counts(), [1, 1])

    def test_summary_kept(self):
        """What is summed up from purchases by product is not added up again."""
        self.assertEqual(self.get_counts(), [77, 77])
        self.make_invoice(self.card_east, 50, "2026-04-01")
        self.assertEqual(self.get_counts(), [1, 77])

    def test_window_of_settings(self):
        self.company.metrics_months = 24
        self.assertEqual(self.get_quantities(), [1, 1])

    def test_look_back_and_return(self):
        self.assertEqual(self.get_quantities(Date.to_date("2026-02-01")), [0, 0])
        self.assertEqual(self.get_quantities(), [1, 1])

    def test_once_a_week(self):
        state = self.company.metrics_product_state
        self.company.metrics_product_state = {
            **state,
            "full_at": "2026-01-01 00:00:00",
        }
        self.assertEqual(self.get_quantities(), [1, 1])
