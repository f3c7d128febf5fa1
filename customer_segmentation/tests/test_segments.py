from .common import CustomerSegmentationCommon


class TestSegments(CustomerSegmentationCommon):
    """The classes of a partner are those of his figures in the current company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.metrics"].create(
            [
                {
                    "partner_id": card.id,
                    "company_id": cls.company.id,
                    "as_of": "2026-01-31",
                    "abc_class": abc_class,
                    "is_key_customer": abc_class == "a",
                }
                for card, abc_class in ((cls.card_east, "a"), (cls.card_west, "c"))
            ]
        )

    def test_read_by_company(self):
        card = self.card_east.with_company(self.company)
        self.assertEqual(card.abc_class, "a")
        self.assertTrue(card.is_key_customer)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.card_east.with_company(other).abc_class)

    def test_search_sort_group(self):
        partners = self.env["res.partner"].with_company(self.company)
        cards = partners.browse((self.card_east | self.card_west).ids)
        mine = [("id", "in", cards.ids)]
        self.assertEqual(partners.search([*mine, ("abc_class", "=", "a")]), cards[0])
        self.assertEqual(partners.search([*mine, ("abc_class", "!=", "a")]), cards[1])
        self.assertFalse(partners.search([*mine, ("abc_class", "=", False)]))
        self.assertEqual(partners.search(mine, order="abc_class desc"), cards[::-1])
        self.assertEqual(
            partners._read_group(mine, ["abc_class"], ["__count"]),
            [("a", 1), ("c", 1)],
        )

    def test_class_of_hidden_card(self):
        """C04, P04: who may not see the card sees no class, however he asks."""
        partners = self.env["res.partner"].with_user(self.custodian_west)
        partners = partners.with_company(self.company)
        self.assertFalse(partners.search([("abc_class", "=", "a")]))
        self.assertEqual(
            self.env["customer.metrics"].with_user(self.custodian_west).search([]),
            self.get_row(self.card_west),
        )
