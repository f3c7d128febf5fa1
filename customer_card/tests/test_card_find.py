from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CustomerCardCommon

EAST = "card_east"


@tagged("post_install", "-at_install")
class TestCardFind(CustomerCardCommon):
    """K11, A07: find a customer, exactly and fuzzily, never beyond what one may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_east.write(
            {"street": "Rue Neuve 12", "zip": "1000", "city": "Charleroi"}
        )
        cls.contact_east.phone = "+32 477 12 34 56"
        cls.env["customer.card.alias"].create(
            [
                {"partner_id": cls.card_east.id, "name": "Zuiderbakker"},
                {"partner_id": cls.contact_east.id, "name": "Adelheid"},
            ]
        )
        cls.env.flush_all()

    def find(self, term, user=None, **kwargs):
        Partner = self.env["res.partner"].with_user(user or self.custodian_east)
        return Partner.card_find(term, **kwargs)["rows"]

    def ids(self, term, user=None, **kwargs):
        return [row["id"] for row in self.find(term, user, **kwargs)]

    def new_cards(self, *names, user=None, **vals):
        cards = self.env["res.partner"].create(
            [{"name": name, "is_company": True, **vals} for name in names]
        )
        cards._open_cards(custodian=user or self.custodian_east)
        return cards

    def assertFinds(self, term, where, contact=""):
        rows = self.find(term)
        self.assertEqual([row["id"] for row in rows], self.card_east.ids, term)
        self.assertEqual(rows[0]["found"]["where"], where, term)
        self.assertEqual(rows[0]["found"]["contact"], contact, term)
        return rows[0]

    # each kind of find

    def test_by_name(self):
        for term in ("Alpha Foods", "alpha f", "foods ALPHA", "pha Foo"):
            self.assertFinds(term, "name")

    def test_by_a_misspelt_name(self):
        for term in ("Alfa Fods", "Aplha", "Alpha Fodds", "alfa foods", "Alpah Foods"):
            row = self.assertFinds(term, "fuzzy")
            self.assertEqual(row["found"]["label"], "Similar name")

    def test_by_an_old_name(self):
        self.card_east.name = "Omega Catering"
        row = self.assertFinds("alpha foods", "alias")
        self.assertEqual(row["name"], "Omega Catering")
        self.assertEqual(row["found"]["pieces"], [("Alpha Foods", True)])
        self.assertFinds("Zuiderbakkr", "fuzzy_alias")

    def test_by_the_other_name_of_a_contact(self):
        self.assertFinds("adelheid", "alias", "Ada Alpha")

    def test_a_struck_name_finds_nothing(self):
        self.card_east.card_alias_ids.action_strike_out()
        self.assertFalse(self.find("Zuiderbakker"))

    def test_by_part_of_a_phone_number_in_any_format(self):
        for term in ("0477 12", "+32 477/12", "12 34 56", "0032477.123", "(0)477 12"):
            row = self.assertFinds(term, "phone", "Ada Alpha")
            self.assertEqual(row["found"]["label"], "Phone")
        self.assertFinds("290-34-90", "phone")

    def test_a_number_as_it_was_typed_is_normalised(self):
        """Stored without a country code, found with it, and the reverse."""
        belgium = self.env.ref("base.be")
        self.contact_east.write({"phone": "0477 98 76 54", "country_id": belgium.id})
        self.assertEqual(self.contact_east.phone_sanitized, "+32477987654")
        for term in ("+32 477 98", "0477/98", "477 98 76", "0032 477 98"):
            self.assertFinds(term, "phone", "Ada Alpha")

    def test_by_address(self):
        for term in ("rue neuve", "Charleroi", "1000 charl"):
            self.assertFinds(term, "address")
        self.assertFinds("hidden street", "address", "Alpha Warehouse")

    def test_by_words_of_several_fields(self):
        self.assertFinds("alpha charleroi", "words")

    def test_by_codes(self):
        number = self.card_east.card_number
        for term in (number, "BE 0477.472.701", "0477472701", "office@alpha", "ALPHA"):
            rows = self.find(term)
            self.assertEqual(rows[0]["id"], self.card_east.id, term)
        self.assertFinds("BE 0477.472.701", "code")
        self.assertFinds("ada@alpha.example.com", "code", "Ada Alpha")

    def test_by_a_chinese_or_korean_name(self):
        chinese, korean = self.new_cards("阿尔法食品有限公司", "삼성전자판매")
        for term in ("食品", "阿尔法", "法"):
            self.assertEqual(self.ids(term), chinese.ids, term)
        for term in ("전자", "삼성전자"):
            self.assertEqual(self.ids(term), korean.ids, term)
        # misspelt: one character is another
        self.assertEqual(self.ids("阿尔发食品"), chinese.ids)
        self.assertEqual(self.ids("삼성전저"), korean.ids)

    def test_full_width_digits_and_letters(self):
        self.assertFinds("０４７７　１２", "phone", "Ada Alpha")

    def test_signs_mean_themselves(self):
        card = self.new_cards("100% Cotton_Wear")
        self.assertEqual(self.ids("100%"), card.ids)
        self.assertEqual(self.ids("n_w"), card.ids)
        self.assertFalse(self.find("%" * 3))
        self.assertFalse(self.find("'; DROP TABLE"))

    def test_nothing_to_find(self):
        for term in ("", "   ", None, False, "qwrtzpsdfg", "\0"):
            self.assertEqual(self.find(term), [])

    def test_very_long_terms(self):
        self.assertEqual(self.find("x" * 100_000), [])

    # ranking

    def test_best_first(self):
        contained, started, equal, word = self.new_cards(
            "Megacorona", "Corona Works", "Corona", "The Corona Shop"
        )
        aliased = self.new_cards("Something Else")
        self.env["customer.card.alias"].create(
            {"partner_id": aliased.id, "name": "Corona"}
        )
        addressed = self.new_cards("Elsewhere", street="Corona Road")
        cards = (equal, aliased, started, word, contained, addressed)
        self.assertEqual(self.ids("corona"), [card.id for card in cards])

    def test_the_customer_before_his_contacts_and_closed_cards_last(self):
        closed, active = self.new_cards("Delta One", "Delta Two")
        closed.with_user(self.manager_east).action_card_close()
        contact_of = self.new_cards("Epsilon")
        self.env["res.partner"].create(
            {"name": "Delta Person", "parent_id": contact_of.id}
        )
        self.assertEqual(self.ids("delta"), [active.id, closed.id, contact_of.id])
        row = self.find("delta one")[0]
        self.assertEqual((row["state"], row["state_label"]), ("closed", "Closed"))

    def test_the_best_is_not_lost_among_many(self):
        self.new_cards(*(f"Common Trade {n}" for n in range(40)))
        best = self.new_cards("Common")
        rows = (
            self.env["res.partner"]
            .with_user(self.custodian_east)
            .card_find("common", limit=5)
        )
        self.assertEqual(rows["rows"][0]["id"], best.id)
        self.assertEqual(len(rows["rows"]), 5)
        self.assertTrue(rows["more"])

    def test_hidden_customers_take_nobody_s_place(self):
        """Better matches that the user may not see are no part of the ranking."""
        self.new_cards(
            *(f"Alfa Fods {n}" for n in range(200)), user=self.custodian_west
        )
        self.assertEqual(self.ids("Alfa Fodz"), self.card_east.ids)
        self.assertEqual(self.ids("alpha"), self.card_east.ids)

    # whose

    def test_archived_customers_are_not_found(self):
        self.card_east.with_user(self.manager_east).active = False
        for term in ("Alpha Foods", "Zuiderbakker"):
            self.assertFalse(self.find(term))

    def test_who_finds(self):
        for user in (
            self.custodian_east,
            self.manager_east,
            self.regional_manager,
            self.card_admin,
            self.reader,
        ):
            self.assertEqual(self.ids("Zuiderbakker", user), self.card_east.ids)

    def test_strangers_find_nothing(self):
        terms = (
            "Alpha Foods",
            "Alfa Fods",
            "Zuiderbakker",
            "Adelheid",
            "0477 12",
            "290 34",
            "rue neuve",
            "BE0477472701",
            "office@alpha",
            "hidden street",
        )
        for user in (self.custodian_west, self.manager_west, self.employee):
            Partner = self.env["res.partner"].with_user(user)
            for term in terms:
                self.assertEqual(self.find(term, user), [], (user.login, term))
                self.assertFalse(Partner.search([("card_search", "ilike", term)]))
                self.assertFalse(Partner.name_search(term), (user.login, term))

    def test_a_borrower_finds_while_the_loan_lasts(self):
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.employee)
            .create(
                {"card_ids": [Command.set(self.card_east.ids)], "purpose": "Trade fair"}
            )
        )
        loan.action_submit()
        self.assertFalse(self.find("Alfa Fods", self.employee))
        loan.with_user(self.manager_east).action_approve()
        self.assertEqual(self.ids("Alfa Fods", self.employee), self.card_east.ids)
        loan.with_user(self.manager_east).action_revoke()
        self.assertFalse(self.find("Alfa Fods", self.employee))

    def test_not_for_portal_users(self):
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "test_find_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        Partner = self.env["res.partner"].with_user(portal)
        with self.assertRaises(AccessError):
            Partner.card_find("alpha")
        with self.assertRaises(AccessError):
            Partner.search([("card_search", "ilike", "alpha")])

    # the search bar and the boxes of other apps

    def test_the_list_finds_cards_by_their_contacts(self):
        Partner = self.env["res.partner"].with_user(self.custodian_east)
        cards = [("card_state", "!=", False)]
        for term in ("0477 12", "adelheid", "Alfa Fods", "hidden street"):
            found = Partner.search([*cards, ("card_search", "ilike", term)])
            self.assertEqual(found, self.card_east, term)
        self.assertNotIn(
            self.card_east, Partner.search([("card_search", "not ilike", "adelheid")])
        )

    def test_name_search_adds_customers_to_the_results_of_odoo(self):
        Partner = self.env["res.partner"].with_user(self.custodian_east)

        def ids(term, **kwargs):
            return [row[0] for row in Partner.name_search(term, **kwargs)]

        self.assertEqual(ids("Alfa Fods"), self.card_east.ids)
        self.assertEqual(ids("Zuiderbakker"), self.card_east.ids)
        self.assertEqual(ids("0477 12"), self.contact_east.ids)
        self.assertFalse(ids("Alfa Fods", domain=[("city", "=", "Bruges")]))
        self.assertFalse(ids("Alfa Fods", operator="="))
        named = self.new_cards("Zuiderbakker West")
        self.assertEqual(ids("Zuiderbakker"), [named.id, self.card_east.id])
        self.assertEqual(ids("Zuiderbakker", limit=1), named.ids)

    def test_a_full_name_search_costs_nothing_more(self):
        self.new_cards(*(f"Common {n}" for n in range(8)))
        Partner = self.env["res.partner"].with_user(self.custodian_east)
        find = type(Partner)._card_find_rows
        with patch.object(type(Partner), "_card_find_rows", autospec=True) as spy:
            spy.side_effect = find
            Partner.name_search("common", limit=8)
            Partner.name_search("co", limit=80)
            Partner.name_search("")
            Partner.sudo().name_search("nothing at all")
            self.assertFalse(spy.called)
            Partner.name_search("nothing at all")
            self.assertTrue(spy.called)

    # what it costs

    def test_queries_do_not_grow_with_the_results(self):
        self.new_cards("Single Trade")
        self.new_cards(*(f"Plenty Trade {n}" for n in range(100)))
        for few, many in (("single", "plenty"), ("Singles Trade", "Plentys Trade")):
            counts = []
            for term in (few, few, many):
                self.env.flush_all()
                self.env.invalidate_all()
                start = self.env.cr.sql_log_count
                rows = self.find(term, limit=100)
                counts.append(self.env.cr.sql_log_count - start)
            self.assertGreater(len(rows), 90)
            self.assertEqual(*counts[1:])

    # with and without the extensions of PostgreSQL

    def test_accents_do_not_matter_with_unaccent(self):
        card = self.new_cards("Société Générale d'Énergie")
        self.env.cr.execute(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'unaccent'"
        )
        if not self.env.cr.fetchone():
            self.skipTest("PostgreSQL comes without unaccent here")
        self.env.cr.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        with patch.object(
            self.env.registry, "unaccent", lambda sql: SQL("unaccent(%s)", sql)
        ):
            self.assertEqual(self.ids("societe generale"), card.ids)
            self.assertEqual(self.ids("Sociéte Genérale"), card.ids)
            self.assertEqual(self.ids("societee generalle"), card.ids)
            self.assertFinds("Álpha Fóods", "name")

    def test_without_trigrams(self):
        with patch.object(self.env.registry, "has_trigram", False):
            self.assertFinds("Alfa Fods", "fuzzy")
            self.assertFinds("alpha f", "name")
            self.assertFalse(self.find("Alfa Fods", self.custodian_west))
