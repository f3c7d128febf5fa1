from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CustomerCardCommon


@tagged("post_install", "-at_install")
class TestCardAlias(CustomerCardCommon):
    """K11: an old name is kept and found."""

    def aliases(self, partner):
        return partner.with_context(active_test=False).card_alias_ids

    def test_a_new_name_keeps_the_old_one(self):
        card = self.card_east.with_user(self.custodian_east)
        card.name = "Omega Foods"
        alias = self.aliases(card)
        self.assertEqual(alias.name, "Alpha Foods")
        self.assertEqual(alias.kind, "former")
        self.assertEqual(alias.date_until, self.custodian_east._card_today())
        entry = self.env["customer.card.event"].search(
            [("partner_id", "=", card.id), ("kind", "=", "changed")], limit=1
        )
        self.assertIn("Alpha Foods", entry.description)

    def test_of_a_contact_too(self):
        self.contact_east.name = "Ada Omega"
        self.assertEqual(self.aliases(self.contact_east).name, "Ada Alpha")

    def test_a_name_stands_once(self):
        for name in ("Omega", "Alpha Foods", "Omega", "ALPHA foods", "Gamma"):
            self.card_east.name = name
        self.assertEqual(
            sorted(self.aliases(self.card_east).mapped("name")),
            ["Alpha Foods", "Omega"],
        )

    def test_case_alone_is_no_other_name(self):
        self.card_east.name = "ALPHA FOODS"
        self.assertFalse(self.aliases(self.card_east))

    def test_no_card_no_alias(self):
        self.free_partner.name = "Free Trader"
        self.assertFalse(self.aliases(self.free_partner))

    def test_a_struck_name_stays_struck(self):
        self.card_east.name = "Omega"
        self.aliases(self.card_east).action_strike_out()
        self.card_east.name = "Alpha Foods"
        self.card_east.name = "Omega"
        alias = self.aliases(self.card_east).filtered(lambda a: a.name == "Alpha Foods")
        self.assertFalse(alias.active)

    def test_queries_do_not_grow_with_the_cards(self):
        """One name for many, as an import or a merge script writes it."""
        partners = self.env["res.partner"].create(
            [{"name": f"Many {n}", "is_company": True} for n in range(102)]
        )
        partners._open_cards(custodian=self.custodian_east)
        counts = []
        # the first one fills the caches
        for cards in (partners[:1], partners[1:2], partners[2:]):
            former = [(card, card.name) for card in cards]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["customer.card.alias"]._record_names(former)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(*counts[1:])

    def test_the_keeper_edits(self):
        Alias = self.env["customer.card.alias"].with_user(self.custodian_east)
        alias = Alias.create({"partner_id": self.card_east.id, "name": "AF"})
        alias.name = "A.F."
        alias.action_strike_out()
        self.assertTrue(alias.struck_date)
        alias.unlink()

    def test_nobody_else_edits(self):
        alias = self.env["customer.card.alias"].create(
            {"partner_id": self.card_east.id, "name": "AF"}
        )
        for user in (self.custodian_west, self.employee, self.reader):
            theirs = alias.with_user(user)
            with self.assertRaises(AccessError):
                theirs.write({"name": "forged"})
            with self.assertRaises(AccessError):
                theirs.unlink()
            with self.assertRaises(AccessError):
                theirs.create({"partner_id": self.card_east.id, "name": "forged"})

    def test_who_reads(self):
        alias = self.env["customer.card.alias"].create(
            {"partner_id": self.card_east.id, "name": "AF"}
        )
        for user in (self.custodian_east, self.manager_east, self.reader):
            self.assertTrue(alias.with_user(user).search([("name", "=", "AF")]))
        for user in (self.custodian_west, self.manager_west, self.employee):
            self.assertFalse(alias.with_user(user).search([("name", "=", "AF")]))
            with self.assertRaises(AccessError):
                alias.with_user(user).read(["name"])

    def test_a_stranger_cannot_move_his_alias_to_a_hidden_card(self):
        alias = self.env["customer.card.alias"].create(
            {"partner_id": self.card_west.id, "name": "BT"}
        )
        with self.assertRaises(Exception) as caught:
            alias.with_user(self.custodian_west).partner_id = self.card_east
        self.assertNotIn("Alpha", str(caught.exception))

    def test_over_the_customers_form(self):
        self.card_east.with_user(self.custodian_east).write(
            {"card_alias_ids": [Command.create({"name": "AF"})]}
        )
        self.assertEqual(self.aliases(self.card_east).name, "AF")
