from .common import CustomerSegmentationCommon


class TestAbcExplain(CustomerSegmentationCommon):
    """O02: every class explains itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(1, 8)]
        )

    def buy(self, *amounts, date="2026-03-10"):
        for customer, amount in zip(self.customers, amounts, strict=False):
            if amount:
                self.make_invoice(customer, amount, date)

    def check_next(self, customer):
        """What a row says that he needs more is exact: with it he rises, with the
        smallest coin less he does not.

        :return: the amount and the class"""
        row = self.get_row(customer)
        before, needed, reached = (
            row.abc_computed,
            row.abc_next_amount,
            row.abc_next_class,
        )
        self.assertGreater(needed, 0)
        for amount, expected in ((needed, reached), (needed - 0.01, before)):
            if round(amount, 2) <= 0:
                continue
            with self.subTest(amount=amount), self.env.cr.savepoint() as savepoint:
                self.make_invoice(customer, round(amount, 2), "2026-03-11")
                self.refresh("2026-03-31")
                self.assertEqual(self.get_row(customer).abc_computed, expected)
                savepoint.rollback()
                self.env.invalidate_all()
        return round(needed, 2), reached

    def test_next_class(self):
        self.buy(600, 200, 100, 60, 40)
        self.refresh("2026-03-31")
        # before the third there are 800 of 1000: T' > 1000 is enough
        self.assertEqual(self.check_next(self.customers[2]), (0.01, "a"))
        # B ends at 95 %: (960 - ...) the fifth passes nobody: 960 / 0.95 - 1000
        self.assertEqual(self.check_next(self.customers[4]), (10.53, "b"))
        self.check_next(self.customers[3])
        row = self.get_row(self.customers[0])
        self.assertFalse(row.abc_next_class)
        self.assertFalse(row.abc_next_amount)

    def test_next_class_passes_others(self):
        """O02: where only passing somebody helps, he has to equal him."""
        self.buy(500, 250, 120, 60, 30, 20, 10)
        self.refresh("2026-03-31")
        for customer in self.customers:
            if self.get_row(customer).abc_computed in ("b", "c"):
                self.check_next(customer)

    def test_next_class_skips_b(self):
        self.buy(100, 5)
        self.refresh("2026-03-31")
        self.assertEqual(self.check_next(self.customers[1]), (0.27, "b"))
        self.buy(None, None, 5)
        self.refresh("2026-03-31")
        self.check_next(self.customers[2])

    def test_next_class_of_nothing(self):
        """O02: the first thing he buys gives him a class."""
        self.buy(100, 50)
        self.make_invoice(self.customers[1], -80, "2026-03-12")
        self.refresh("2026-03-31")
        self.assertEqual(self.check_next(self.customers[1]), (30.01, "c"))

    def test_sentences(self):
        self.buy(600, 200, 100, 60, 20, 20)
        self.refresh("2026-03-31")
        text = str(self.get_row(self.customers[4]).abc_explanation)
        self.assertIn("rank 5 together with others", text)
        self.assertIn("that is C", text)
        self.assertIn("more to become B", text)
        self.assertIn("Customer 4", text)
        self.assertNotIn("Customer 3", text)

    def test_neighbours_of_hidden_cards(self):
        """P04: a neighbour whose card the reader may not open is another customer, by
        name and by figures; his own neighbours have their names."""
        third = self.env["res.partner"].create(
            {
                "name": "Gamma Garden",
                "is_company": True,
                "user_id": self.custodian_east.id,
            }
        )
        third._open_cards()
        self.make_invoice(self.card_west, 600, "2026-03-10")
        self.make_invoice(self.card_east, 321, "2026-03-10")
        self.make_invoice(third, 100, "2026-03-10")
        self.refresh("2026-03-31")
        row = self.get_row(self.card_east)
        text = str(row.with_user(self.custodian_east).abc_explanation)
        self.assertIn("another customer", text)
        self.assertIn("Gamma Garden", text)
        self.assertNotIn("Beta Tools", text)
        self.assertNotIn("600", text)
        text = str(row.with_user(self.regional_manager).abc_explanation)
        self.assertIn("Beta Tools", text)
        self.assertIn("600", text)

    def test_on_the_card(self):
        """C04: the card explains the class in the company at hand, to who sees it."""
        self.make_invoice(self.card_west, 600, "2026-03-10")
        self.refresh("2026-03-31")
        card = self.card_west.with_company(self.company)
        self.assertIn("that is A", card.with_user(self.custodian_west).abc_explanation)
        self.assertFalse(
            card.with_company(self.env.ref("base.main_company")).sudo().abc_explanation
        )

    def test_queries(self):
        """Sixty explanations cost no more queries than two."""
        customers = self.env["res.partner"].create(
            [{"name": f"Many {number}"} for number in range(60)]
        )
        rows = self.env["customer.metrics"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "as_of": "2026-03-31",
                    "amount": 100 - number,
                    "amount_before": number,
                    "abc_computed": "c",
                    "abc_class": "c",
                    "rank": number + 1,
                }
                for number, customer in enumerate(customers)
            ]
        )
        self.env.flush_all()
        counts = []
        rows.mapped("abc_explanation")
        for some in (rows[:2], rows):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("abc_explanation")
            counts.append(self.env.cr.sql_log_count - before)
        # the neighbours of two are others, who are read as well
        self.assertLessEqual(counts[1], counts[0])
