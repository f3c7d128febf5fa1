from .common import CustomerSegmentationCommon


class TestAbc(CustomerSegmentationCommon):
    """O02: few customers who buy most are A, many who buy little are C."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(1, 7)]
        )

    def buy(self, *amounts, date="2026-03-10"):
        """Invoice the customers, one amount each; None buys nothing."""
        for customer, amount in zip(self.customers, amounts, strict=False):
            if amount:
                self.make_invoice(customer, amount, date)

    def get_classes(self, name="abc_class"):
        """:return: the classes of the customers, as one word; - for none"""
        rows = [self.get_row(customer) for customer in self.customers]
        return "".join("-" if row[name] == "none" else row[name] for row in rows if row)

    def test_limits(self):
        self.buy(600, 200, 100, 60, 40)
        self.refresh("2026-03-31")
        # before them: 0, 60, 80, 90, 96 %
        self.assertEqual(self.get_classes(), "aabbc")
        row = self.get_row(self.customers[2])
        self.assertEqual((row.share_before, row.amount_before), (80.0, 800.0))

    def test_largest_is_a(self):
        """O02: one customer with nearly everything is A, not B."""
        self.buy(950, 50)
        self.refresh("2026-03-31")
        self.assertEqual(self.get_classes(), "ac")

    def test_equals_share_a_class(self):
        self.buy(100, 100, 100, 100, 100)
        self.refresh("2026-03-31")
        self.assertEqual(self.get_classes(), "aaaaa")
        self.make_invoice(self.customers[0], 500, "2026-03-11")
        self.company.abc_limit_a = 1
        self.refresh("2026-03-31")
        # 60 % are held by the first, and nobody of the others is larger than another
        self.assertEqual(self.get_classes("abc_computed"), "abbbb")

    def test_nothing_bought(self):
        """O02: who gave back what he bought has no class and is not in the total."""
        self.buy(100, 50, 30)
        self.make_invoice(self.customers[1], -50, "2026-03-12")
        self.make_invoice(self.customers[2], -90, "2026-03-12")
        self.refresh("2026-03-31")
        self.assertEqual(self.get_classes(), "a--")
        self.assertEqual(self.get_row(self.customers[0]).share, 100.0)

    def test_nobody_bought(self):
        """O02: a total of nothing or less divides nothing."""
        self.buy(100)
        self.make_invoice(self.customers[0], -100, "2026-03-12")
        self.refresh("2026-03-31")
        self.assertEqual(self.get_classes(), "-")

    def test_own_limits(self):
        self.company.write({"abc_limit_a": 60, "abc_limit_b": 80.1})
        self.buy(600, 200, 100, 60, 40)
        self.refresh("2026-03-31")
        self.assertEqual(self.get_classes(), "abbcc")
