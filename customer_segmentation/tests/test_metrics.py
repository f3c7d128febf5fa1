from odoo.fields import Date

from .common import CustomerSegmentationCommon


class TestMetrics(CustomerSegmentationCommon):
    """C04: figures from posted documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_of = Date.to_date("2026-06-30")

    def test_value_and_rhythm(self):
        card = self.card_east
        for amount, day in (
            (100, "2024-06-30"),
            (200, "2025-06-30"),  # the last day of the window before
            (300, "2025-07-01"),  # the first of the window
            (50, "2025-07-01"),
            (-80, "2025-07-05"),
            (400, "2026-06-30"),
            (999, "2026-07-01"),  # after
        ):
            self.make_invoice(card, amount, day)
        self.refresh(self.as_of)
        row = self.get_row(card)
        self.assertRecordValues(
            row,
            [
                {
                    "amount": 670,
                    "amount_previous": 200,
                    "amount_lifetime": 970,
                    "amount_refunded": 80,
                    "documents": 3,
                    "refunds": 1,
                    "purchase_days": 2,
                    "purchase_days_lifetime": 4,
                    "repeat_purchases": 3,
                    "first_purchase": Date.to_date("2024-06-30"),
                    "last_purchase": self.as_of,
                    "recency_days": 0,
                    "interval_median": 364.0,
                    "monetary": 335,
                    "rank": 1,
                    "share": 100,
                    "share_before": 0,
                    "share_cumulated": 100,
                    "rfm_code": "555",
                }
            ],
        )
        self.assertAlmostEqual(row.interval_mean, 730 / 3)
        self.assertAlmostEqual(row.return_rate, 100 * 80 / 750)

    def test_places(self):
        """Equals share a place; who bought nothing has none."""
        third = self.env["res.partner"].create({"name": "No Card"})
        self.make_invoice(self.card_east, 100, "2026-05-01")
        self.make_invoice(self.card_west, 100, "2026-05-02")
        self.make_invoice(third, 50, "2026-05-02")
        self.refresh(self.as_of)
        rows = [self.get_row(one) for one in (self.card_east, self.card_west, third)]
        self.assertEqual([row.rank for row in rows], [1, 1, 3])
        self.assertEqual([row.share for row in rows], [40, 40, 20])
        self.assertEqual([row.share_before for row in rows], [0, 0, 80])
        self.assertEqual([row.share_cumulated for row in rows], [80, 80, 100])
        self.assertEqual([row.rfm_code for row in rows], ["155", "555", "551"])

    def test_rows_come_and_go(self):
        third = self.env["res.partner"].create({"name": "No Card"})
        move = self.make_invoice(third, 50, "2026-05-02")
        self.refresh(self.as_of)
        self.assertEqual(self.get_row(third).amount, 50)
        self.assertTrue(self.get_row(self.card_east), "a prospect's card has a row")
        move.button_draft()
        self.refresh(self.as_of)
        self.assertFalse(self.get_row(third))

    def test_some_customers(self):
        self.make_invoice(self.card_east, 100, "2026-05-01")
        self.refresh(self.as_of)
        self.make_invoice(self.card_east, 50, "2026-05-01")
        self.make_invoice(self.card_west, 900, "2026-05-01")
        self.env["customer.metrics"]._refresh(self.company, self.as_of, self.card_east)
        self.env.invalidate_all()
        self.assertRecordValues(
            self.get_row(self.card_east), [{"amount": 150, "rank": 1, "share": 100}]
        )
        self.assertFalse(self.get_row(self.card_west).amount)


class TestMetricsProduct(CustomerSegmentationCommon):
    """C04: what a customer buys of each product."""

    def get_rows(self, partner):
        return self.env["customer.metrics.product"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    def test_purchases(self):
        self.product.with_company(self.company).standard_price = 30
        for amount, day in (
            (100, "2025-06-30"),
            (120, "2026-03-01"),
            (140, "2026-03-01"),
            (-120, "2026-03-05"),
            (999, "2026-07-01"),
        ):
            self.make_invoice(self.card_east, amount, day)
        self.refresh(Date.to_date("2026-06-30"))
        self.assertRecordValues(
            self.get_rows(self.card_east),
            [
                {
                    "product_id": self.product.id,
                    "quantity": 1,
                    "amount": 140,
                    "quantity_previous": 1,
                    "amount_previous": 100,
                    "quantity_lifetime": 2,
                    "purchase_days": 1,
                    "purchase_days_lifetime": 2,
                    "first_purchase": Date.to_date("2025-06-30"),
                    "last_purchase": Date.to_date("2026-03-01"),
                    "last_price": 140,
                    "amount_costed": 140,
                    "margin": 110,
                }
            ],
        )

    def test_unit_and_no_cost(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        move = self.make_invoice(self.card_east, 120, "2026-03-01")
        move.button_draft()
        move.invoice_line_ids.product_uom_id = dozen
        move.invoice_line_ids.price_unit = 120
        move.action_post()
        self.refresh(Date.to_date("2026-06-30"))
        row = self.get_rows(self.card_east)
        self.assertRecordValues(
            row, [{"quantity": 12, "last_price": 10, "amount_costed": 0, "margin": 0}]
        )
        move.button_draft()
        self.refresh(Date.to_date("2026-06-30"))
        self.assertFalse(row.exists())


class TestMetricsSome(CustomerSegmentationCommon):
    """Some figures alone, and figures that follow the calendar."""

    def test_abc_alone(self):
        """The same classes as a run of everything; the other figures stay."""
        as_of = Date.to_date("2026-06-30")
        self.make_invoice(self.card_east, 100, "2026-05-01")
        self.refresh(as_of)
        self.make_invoice(self.card_east, 10, "2026-05-02")
        self.make_invoice(self.card_west, 900, "2026-05-02")
        Metrics = self.env["customer.metrics"]
        self.company.abc_downgrade_runs = 1
        names = Metrics._get_abc_fields()
        Metrics._refresh(self.company, as_of, names=names)
        self.env.invalidate_all()
        rows = self.get_row(self.card_east) + self.get_row(self.card_west)
        self.assertEqual(rows.mapped("abc_class"), ["b", "a"])
        self.assertEqual(rows.mapped("purchase_days"), [1, 0])
        found = rows.read(names)
        self.refresh(as_of)
        self.assertEqual(rows.read(names), found)
        self.assertEqual(rows.mapped("purchase_days"), [2, 1])

    def test_night_without_news(self):
        """A night on which nothing happened writes no row, yet recency goes on."""
        self.make_invoice(self.card_east, 100, "2026-05-01")
        self.refresh(Date.to_date("2026-06-29"))
        row = self.get_row(self.card_east)
        self.assertEqual((row.recency_days, str(row.as_of)), (59, "2026-06-29"))
        self.env.cr.execute("UPDATE customer_metrics SET write_date = '2026-01-01'")
        self.refresh(Date.to_date("2026-06-30"))
        self.assertEqual((row.recency_days, str(row.as_of)), (60, "2026-06-30"))
        self.assertEqual(str(row.write_date), "2026-01-01 00:00:00")

    def test_recency_as_a_column(self):
        self.make_invoice(self.card_east, 100, "2026-05-01")
        self.make_invoice(self.card_west, 100, "2026-06-20")
        self.refresh(Date.to_date("2026-06-30"))
        Metrics = self.env["customer.metrics"]
        mine = [("company_id", "=", self.company.id), ("amount", ">", 0)]
        rows = Metrics.search(mine, order="recency_days desc")
        self.assertEqual(rows.mapped("recency_days"), [60, 10])
        self.assertEqual(Metrics._read_group(mine, [], ["recency_days:avg"]), [(35,)])
        for domain, found in (
            ([("recency_days", ">", 10)], rows[0]),
            ([("recency_days", "<=", 10)], rows[1]),
            ([("recency_days", "=", 60)], rows[0]),
        ):
            self.assertEqual(Metrics.search(mine + domain), found)


class TestMetricsWhose(CustomerSegmentationCommon):
    """Whose documents are whose, today."""

    def test_merged(self):
        """P01: what was bought by two contacts that are one."""
        one, two = self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
        self.make_invoice(one, 100, "2026-05-01")
        self.make_invoice(two, 30, "2026-05-01")
        self.refresh(Date.to_date("2026-06-30"))
        self.env["base.partner.merge.automatic.wizard"]._merge((one + two).ids, one)
        self.env.invalidate_all()
        self.refresh(Date.to_date("2026-06-30"))
        self.assertRecordValues(
            self.get_row(one), [{"amount": 130, "purchase_days": 1, "documents": 2}]
        )
        self.assertFalse(two.exists())

    def test_companies_are_no_customers(self):
        other = self.env["res.company"].create({"name": "Other Traders"})
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": other.partner_id.id}
        )
        self.make_invoice(contact, 100, "2026-05-01")
        self.refresh(Date.to_date("2026-06-30"))
        self.assertFalse(self.get_row(other.partner_id))
        self.assertFalse(self.get_row(contact))

    def test_archived(self):
        """Whoever bought keeps his figures; an archived prospect has none."""
        buyer = self.env["res.partner"].create({"name": "Buyer"})
        self.make_invoice(buyer, 100, "2026-05-01")
        buyer.active = False
        self.refresh(Date.to_date("2026-06-30"))
        self.assertEqual(self.get_row(buyer).amount, 100)

    def test_card_of_another_company(self):
        """A prospect that another company works with is none of this one."""
        other = self.env["res.company"].create({"name": "Other Traders"})
        self.refresh(Date.to_date("2026-06-30"))
        self.assertTrue(self.get_row(self.card_west))
        self.card_west.company_id = other
        self.refresh(Date.to_date("2026-06-30"))
        self.assertFalse(self.get_row(self.card_west))
