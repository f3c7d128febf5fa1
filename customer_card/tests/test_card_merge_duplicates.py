from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CustomerCardCommon


@tagged("post_install", "-at_install")
class TestCardMergeDuplicates(CustomerCardCommon):
    """K11: what stands there twice is found by its manager, merged by the guarded
    wizard, and goes on being found by all its names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = cls.env["res.partner"].create(
            {
                "name": "ALPHA FOODS LIMITED",
                "is_company": True,
                "email": cls.card_east.email,
            }
        )
        cls.double._open_cards(custodian=cls.custodian_east)
        cls.free_double = cls.env["res.partner"].create(
            {"name": "Alfa", "is_company": True, "vat": cls.card_east.vat}
        )
        cls.env["customer.card.alias"].create(
            [
                {"partner_id": cls.card_east.id, "name": "AF"},
                {"partner_id": cls.double.id, "name": "af"},
                {"partner_id": cls.double.id, "name": "Alfoods"},
            ]
        )

    def duplicates(self, user):
        Duplicate = self.env["customer.card.duplicate"].with_user(user)
        Duplicate.action_find()
        return Duplicate.search([])

    # finding

    def test_the_manager_finds_groups(self):
        rows = self.duplicates(self.manager_east)
        groups = {
            (kind, value): rows.filtered(
                lambda row, k=kind, v=value: (row.kind, row.value) == (k, v)
            ).partner_id
            for kind, value in {(row.kind, row.value) for row in rows}
        }
        self.assertEqual(
            groups[("email", "office@alpha.example.com")],
            self.card_east | self.double,
        )
        self.assertEqual(
            groups[("vat", "BE0477472701")], self.card_east | self.free_double
        )
        self.assertNotIn(
            ("name", "alphafoods"), groups, "the same two are one group, not two"
        )

    def test_only_what_one_manages(self):
        twin = self.env["res.partner"].create(
            {"name": "Beta Tools", "is_company": True}
        )
        twin._open_cards(custodian=self.custodian_west)
        found = self.duplicates(self.manager_west).partner_id
        self.assertLessEqual(self.card_west | twin, found)
        self.assertFalse(found & (self.card_east | self.double))
        self.assertFalse(self.duplicates(self.manager_east).partner_id & twin)
        everything = self.duplicates(self.card_admin).partner_id
        self.assertLessEqual(self.card_west | twin | self.card_east, everything)

    def test_nobody_else_opens_the_list(self):
        for user in (self.custodian_east, self.employee, self.reader):
            with self.assertRaises(AccessError):
                self.env["customer.card.duplicate"].with_user(user).action_find()

    def test_one_s_list_is_one_s_own(self):
        self.duplicates(self.card_admin)
        rows = self.env["customer.card.duplicate"].with_user(self.manager_west)
        self.assertFalse(rows.search([]))

    def test_nobody_puts_a_hidden_customer_on_his_list(self):
        """A10: the list shows e-mail and phone of who stands on it."""
        self.env["res.partner"].create(
            {"name": "Beta Tools", "is_company": True}
        )._open_cards(custodian=self.custodian_west)
        rows = self.duplicates(self.manager_west)
        own = rows.filtered(lambda row: row.partner_id == self.card_west)
        self.assertEqual(own.read(["email"])[0]["email"], "office@beta.example.com")
        values = {"partner_id": self.card_east.id}
        spec = {"partner_id": {}, "email": {}, "phone": {}}
        for attack in (
            lambda: rows.browse().create(values),
            lambda: own.write(values),
            lambda: rows.browse().onchange(values, ["partner_id"], spec),
            lambda: own.onchange(values, ["partner_id"], spec),
        ):
            with self.assertRaises(AccessError):
                attack()

    def test_the_list_ends_with_the_right_to_read(self):
        rows = self.duplicates(self.manager_east)
        self.assertIn(self.card_east, rows.partner_id)
        self.team_east.user_id = self.manager_west
        self.env.invalidate_all()
        left = rows.search([])
        self.assertFalse(left.sudo().partner_id & (self.card_east | self.double))
        with self.assertRaises(AccessError):
            rows.read(["email"])

    # merging

    def merge(self, user, row):
        action = row.with_user(user).action_merge()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        return wizard.with_user(user).with_context(**action["context"]).create({})

    def test_merging_keeps_all_names(self):
        rows = self.duplicates(self.manager_east)
        row = rows.filtered(
            lambda row: row.kind == "email" and row.partner_id == self.double
        )
        wizard = self.merge(self.manager_east, row)
        self.assertEqual(wizard.partner_ids, self.card_east | self.double)
        wizard.dst_partner_id = self.card_east
        wizard.action_merge()
        self.assertFalse(self.double.exists())
        aliases = self.card_east.with_context(active_test=False).card_alias_ids
        self.assertEqual(
            sorted(aliases.mapped("name")), ["AF", "ALPHA FOODS LIMITED", "Alfoods"]
        )
        self.assertEqual(aliases.card_root_id, self.card_east)
        Partner = self.env["res.partner"].with_user(self.custodian_east)
        for term in ("alfoods", "foods limited"):
            rows = Partner.card_find(term)["rows"]
            self.assertEqual([row["id"] for row in rows], self.card_east.ids)

    def test_a_stranger_merges_nothing(self):
        rows = self.duplicates(self.card_admin)
        row = rows.filtered(lambda row: row.partner_id == self.double)[:1]
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": (self.card_east | self.double).ids,
                "dst_partner_id": self.card_east.id,
            }
        )
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager_west)._merge(
                wizard.partner_ids.ids, self.card_east
            )
        with self.assertRaises(AccessError):
            row.with_user(self.manager_west).action_merge()
        self.assertEqual(self.double.card_alias_ids.mapped("name"), ["Alfoods", "af"])
