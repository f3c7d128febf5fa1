import json

from odoo import fields
from odoo.tests import tagged

from .common import CustomerSegmentationHttp


@tagged("post_install", "-at_install")
class TestFiguresAccess(CustomerSegmentationHttp):
    """P04, A10: figures are read, grouped and taken out as the card itself is. Computed
    from real documents, over RPC."""

    @classmethod
    def make_books(cls):
        result = super().make_books()
        today = fields.Date.today()
        for card, amount in ((cls.card_east, 4321), (cls.card_west, 60)):
            cls.make_invoice(card, amount, today)
        cls.make_invoice(cls.free_partner, 7, today)
        cls.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        ).user_ids |= cls.manager_west
        cls.refresh()
        cls.env.flush_all()
        return result

    def get_partners(self, user, model="customer.metrics"):
        """:return: ids of the customers whose rows a user reads"""
        rows = self.call(
            user,
            model,
            "search_read",
            [("company_id", "=", self.company.id), ("amount", "!=", 0)],
            ["partner_id"],
        )
        return {row["partner_id"][0] for row in rows}

    def test_whose_figures_one_reads(self):
        east, west, free = self.card_east.id, self.card_west.id, self.free_partner.id
        for user, expected in (
            (self.custodian_east, {east}),
            (self.custodian_west, {west}),
            (self.manager_east, {east}),
            # who sees all orders in Odoo anyway sees what they come to
            (self.manager_west, {west, free}),
            (self.regional_manager, {east, west}),
            (self.card_admin, {east, west}),
            (self.reader, {east, west}),
            (self.employee, set()),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.get_partners(user), expected)

    def test_totals_are_of_what_one_reads(self):
        for user, amount in (
            (self.custodian_east, 4321),
            (self.custodian_west, 60),
            (self.employee, 0),
        ):
            [group] = self.call(
                user,
                "customer.metrics",
                "formatted_read_group",
                [("company_id", "=", self.company.id)],
                [],
                ["amount:sum"],
            )
            self.assertAlmostEqual(group["amount:sum"] or 0, amount)
        for spec in ("partner_id.phone", "partner_id.name", "custodian_id"):
            told = json.dumps(
                self.call(
                    self.custodian_west,
                    "customer.metrics",
                    "formatted_read_group",
                    [],
                    [spec],
                    ["amount:sum"],
                )
            )
            self.assertNotIn("4321", told)
            self.assertNotIn("290 34", told)

    def test_a_hidden_row_is_refused_without_a_name(self):
        row = self.get_row(self.card_east)
        self.assertTrue(
            self.call(self.custodian_east, "customer.metrics", "read", row.ids, [])
        )
        told = self.get_refusal(
            self.custodian_west, "customer.metrics", "read", row.ids, []
        )
        self.assertIn("CardAccessError", told)
        self.assertNotIn("Alpha", told)

    def test_nobody_writes_a_figure(self):
        row = self.get_row(self.card_east)
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            for method, args in (
                ("write", (row.ids, {"abc_class": "a"})),
                ("create", ({"partner_id": self.card_east.id},)),
                ("unlink", (row.ids,)),
                ("_refresh", ([self.company.id],)),
            ):
                self.assertTrue(
                    self.get_refusal(user, "customer.metrics", method, *args),
                    (user.name, method),
                )

    def test_only_keepers_take_figures_out(self):
        row = self.get_row(self.card_east)
        names = ["partner_id/name", "amount"]
        rows = self.call(
            self.custodian_east, "customer.metrics", "export_data", row.ids, names
        )
        self.assertIn("4321", json.dumps(rows))
        self.assertIn("exported", self.get_kinds(self.card_east))
        # the back office reads them, and leaves them here
        self.assertTrue(
            self.call(self.reader, "customer.metrics", "read", row.ids, ["amount"])
        )
        told = self.get_refusal(
            self.reader, "customer.metrics", "export_data", row.ids, ["amount"]
        )
        self.assertIn("CardAccessError", told)

    def test_what_is_read_on_loan_is_recorded(self):
        row = self.get_row(self.card_east)
        self.lend_card(self.custodian_west, self.card_east)
        self.env.flush_all()
        for user, recorded in ((self.manager_east, 0), (self.custodian_west, 1)):
            self.call(user, "customer.metrics", "read", row.ids, ["amount"])
            self.env.invalidate_all()
            self.assertEqual(self.get_kinds(self.card_east).count("read"), recorded)
