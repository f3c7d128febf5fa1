"""A10, A01: who prints a card, and what is on it."""

import json
from urllib.parse import urlencode

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import CustomerCardCommon, CustomerCardHttp, CustomerCardWorld

PRINT = "customer_card.card_print"


def read_print(content):
    """:return: what a reader sees of a print made as HTML, on one line; and which
    sections it has, as ``[code]``"""
    tree = html.fromstring(content)
    (article,) = tree.xpath("//div[contains(@class, 'o_card_print')]")
    for style in article.xpath(".//style"):
        style.drop_tree()
    sections = [f"[{code}]" for code in article.xpath(".//@data-section")]
    return " ".join([*article.text_content().split(), *sections])


class FilledCards(CustomerCardWorld):
    """The card of Alpha Foods tells something in every section."""

    @classmethod
    def fill_cards(cls):
        cls.card_east.write(
            {
                "legal_form": "Limited partnership",
                "main_products": "Canned fruit",
                "economic_status": "average",
                "habit_purchase": "Orders on Mondays",
                "comment": "<p>Prefers the back door</p>",
            }
        )
        cls.contact_east.write(
            {"contact_role": "legal_representative", "hobbies": "Rowing"}
        )
        cls.env["customer.card.relative"].create(
            {"partner_id": cls.contact_east.id, "name": "Adrian", "relation": "child"}
        )
        cls.env["customer.card.competitor"].create(
            {"partner_id": cls.card_east.id, "brand": "Rivalbrand", "price": 12.5}
        )
        cls.env["customer.card.competitor"].create(
            {"partner_id": cls.card_east.id, "brand": "Goneaway", "active": False}
        )
        product = cls.env["customer.card.product"].create(
            {"name": "Jam jars", "uom": "box"}
        )
        cls.env["customer.card.consumption"].create(
            {
                "partner_id": cls.card_east.id,
                "product_id": product.id,
                "stock_quantity": 40,
                "usage_quantity": 2,
                "usage_period": "day",
            }
        )
        cls.env["customer.card.contract"].create(
            {
                "partner_id": cls.card_east.id,
                "name": "Frame contract 7",
                "date_start": "2026-01-01",
                "amount": 12000,
            }
        )
        cls.sections = {
            section.code: section
            for section in cls.env["customer.card.section"].search([])
        }

    def section_ids(self, *codes):
        return [self.sections[code].id for code in codes]

    @classmethod
    def lend_paper(cls, borrower, codes, cards=None, **values):
        """:return: an approved paper loan of the card of *Alpha Foods*"""
        loan = cls.ask_paper(borrower, codes, cards, **values)
        loan.with_user(cls.manager_east).action_approve()
        return loan

    @classmethod
    def ask_paper(cls, borrower, codes, cards=None, **values):
        """:return: a submitted request for a paper extract"""
        loan = (
            cls.env["customer.card.loan"]
            .with_user(borrower)
            .create(
                {
                    "card_ids": [Command.set((cards or cls.card_east).ids)],
                    "mode": "paper",
                    "purpose": "Trade fair",
                    "section_ids": [
                        Command.set([cls.sections[code].id for code in codes])
                    ],
                    **values,
                }
            )
        )
        loan.action_submit()
        return loan


class TestCardPrint(FilledCards, CustomerCardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill_cards()

    def render(self, user, cards, codes=None, report=PRINT):
        """:return: the print as HTML: what a test makes of a PDF"""
        data = {"card_ids": cards.ids}
        if codes is not None:
            data["section_ids"] = self.section_ids(*codes)
        Report = self.env["ir.actions.report"].with_user(user)
        return read_print(Report._render_qweb_pdf(report, None, data=data)[0])

    def printed(self, card):
        return self.env["customer.card.event"].search(
            [("partner_id", "=", card.id), ("kind", "=", "printed")]
        )

    def test_all_sections(self):
        text = self.render(self.custodian_east, self.card_east, self.sections)
        for shown in (
            "Alpha Foods",
            self.card_east.card_number,
            "Custodian East",
            "Test East",
            "office@alpha.example.com",
            "Limited partnership",
            "Canned fruit",
            "Ada Alpha",
            "Legal Representative",
            "Rowing",
            "Adrian (Child)",
            "Hidden Street 7",
            "Economic",
            "Orders on Mondays",
            "Rivalbrand",
            "Jam jars",
            "40",
            "Frame contract 7",
            "12,000.00",
            "Card Opened",
            "Prefers the back door",
            "Printed by Custodian East on ",
        ):
            self.assertIn(shown, text)
        # what was struck out, what is empty, what programs call things
        codes = self.sections.keys() - {"history"}
        text = self.render(self.custodian_east, self.card_east, codes)
        for hidden in ("Goneaway", "Beta", "Birth", "habit_purchase", "res.partner("):
            self.assertNotIn(hidden, text)

    def test_sections_that_were_not_chosen(self):
        text = self.render(
            self.custodian_east, self.card_east, ["identification", "notes"]
        )
        self.assertIn("Prefers the back door", text)
        for hidden in ("Rowing", "Rivalbrand", "Frame contract", "Ada Alpha"):
            self.assertNotIn(hidden, text)

    def test_default_sections(self):
        text = self.render(self.custodian_east, self.card_east)
        self.assertIn("[habits]", text)
        for code in ("contracts", "history", "notes"):
            self.assertNotIn(f"[{code}]", text)

    def test_an_empty_section_is_left_out(self):
        text = self.render(self.custodian_west, self.card_west, self.sections)
        self.assertIn("[identification]", text)
        for code in ("habits", "consumption", "contracts", "notes", "profile"):
            self.assertNotIn(f"[{code}]", text)

    def test_a_contact_prints_its_card(self):
        text = self.render(self.custodian_east, self.contact_east, ["identification"])
        self.assertIn("Alpha Foods", text)
        with self.assertRaisesRegex(UserError, "have a card"):
            self.render(self.custodian_east, self.free_partner)

    def test_the_ledger_has_each_print_once(self):
        self.render(self.custodian_east, self.card_east, ["identification", "notes"])
        entry = self.printed(self.card_east)
        self.assertEqual(len(entry), 1)
        self.assertEqual(entry.user_id, self.custodian_east)
        self.assertEqual(entry.description, "Identification · Notes")

    def test_reports_of_others_are_recorded_once(self):
        """The PDF of any report about contacts is made of its HTML."""
        view = self.env["ir.ui.view"].create(
            {
                "name": "sheet",
                "type": "qweb",
                "key": "customer_card.test_sheet",
                "arch": "<main><div class='article'>Sheet</div></main>",
            }
        )
        self.env["ir.model.data"].create(
            {
                "module": "customer_card",
                "name": "test_sheet",
                "model": "ir.ui.view",
                "res_id": view.id,
            }
        )
        self.env["ir.actions.report"].create(
            {
                "name": "Sheet",
                "model": "res.partner",
                "report_type": "qweb-pdf",
                "report_name": "customer_card.test_sheet",
            }
        )
        Report = self.env["ir.actions.report"].with_user(self.custodian_east)
        Report._render_qweb_pdf("customer_card.test_sheet", self.card_east.ids)
        self.assertEqual(len(self.printed(self.card_east)), 1)

    def test_who_keeps_the_card_prints_it(self):
        self.card_east._with_card_trust().write(
            {"card_deputy_id": self.deputy_east.id, "card_deputy_until": "2100-01-01"}
        )
        for user in (
            self.custodian_east,
            self.deputy_east,
            self.manager_east,
            self.regional_manager,
            self.card_admin,
        ):
            self.assertIn("Canned fruit", self.render(user, self.card_east))

    def test_nobody_else_prints_it(self):
        for user in (
            self.custodian_west,
            self.deputy_east,
            self.manager_west,
            self.reader,
            self.employee,
        ):
            with self.assertRaisesRegex(AccessError, "paper loan") as caught:
                self.render(user, self.card_east)
            if user != self.reader:
                self.assertNotIn("Alpha", str(caught.exception))
            with self.assertRaises(AccessError):
                self.render(user, self.card_west | self.card_east)
        self.assertFalse(self.printed(self.card_east))

    def test_portal_users_do_not_print_cards(self):
        portal = new_test_user(self.env, "print_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.render(portal, self.card_east)

    def test_the_language_is_that_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.sections["notes"].with_context(lang="fr_FR").name = "Remarques"
        self.custodian_east.lang = "fr_FR"
        for lang in ("en_US", "fr_FR", None):
            Report = self.env["ir.actions.report"].with_user(self.custodian_east)
            data = {
                "card_ids": self.card_east.ids,
                "section_ids": self.section_ids("notes", "contracts"),
            }
            Report = Report.with_context(lang=lang)
            text = read_print(Report._render_qweb_pdf(PRINT, None, data=data)[0])
            self.assertIn("Remarques", text)
            self.assertIn("000,00", text)

    def test_queries_do_not_grow_with_the_cards(self):
        """A10: 1 and 20 cards, each with contacts and lines."""
        cards = self.env["res.partner"].create(
            [
                {
                    "name": f"Many {number}",
                    "is_company": True,
                    "comment": "<p>Note</p>",
                    "child_ids": [
                        Command.create(
                            {"name": f"Who {number}", "contact_role": "handler"}
                        )
                    ],
                }
                for number in range(21)
            ]
        )
        cards._open_cards(custodian=self.custodian_east)
        self.env["customer.card.competitor"].create(
            [{"partner_id": card.id, "brand": card.name} for card in cards]
        )
        self.env["customer.card.relative"].create(
            [
                {"partner_id": card.child_ids.id, "name": "Kid", "relation": "child"}
                for card in cards
            ]
        )
        report = self.env["report.customer_card.card_print"].with_user(
            self.custodian_east
        )

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            data = {
                "card_ids": some.ids,
                "section_ids": self.section_ids(*self.sections),
            }
            before = self.env.cr.sql_log_count
            report._get_report_values(None, data=data)
            return self.env.cr.sql_log_count - before

        count(cards[20])
        one = count(cards[0])
        twenty = count(cards[:20])
        self.assertEqual(one, twenty)
        self.assertLess(one, 80)

    def test_too_many_cards(self):
        report = self.env["report.customer_card.card_print"].with_user(self.card_admin)
        self.patch(type(report), "_parse_ids", lambda self, ids: ids or [])
        cards = self.env["res.partner"].create(
            [{"name": f"Crowd {number}"} for number in range(201)]
        )
        cards._open_cards(custodian=self.custodian_east)
        with self.assertRaisesRegex(UserError, "at most 200"):
            report._get_report_values(cards.ids)

    def test_paper(self):
        report = self.env.ref("customer_card.card_print_report")
        company = self.env.company
        company.paperformat_id = self.env.ref("base.paperformat_euro")
        self.assertEqual(report.get_paperformat().format, "A4")
        company.paperformat_id = self.env.ref("base.paperformat_us")
        self.assertEqual(report.get_paperformat().format, "Letter")

    def test_a_section_of_another_addon(self):
        """A record and a template are enough."""
        self.env["ir.ui.view"].create(
            {
                "name": "more",
                "type": "qweb",
                "key": "customer_card.test_more",
                "arch": "<p>Gifts of <t t-out='card.name'/></p>",
            }
        )
        section = self.env["customer.card.section"].create(
            {"name": "Gifts", "code": "gifts", "template": "customer_card.test_more"}
        )
        self.sections = {**self.sections, "gifts": section}
        text = self.render(self.custodian_east, self.card_east, ["gifts"])
        self.assertIn("Gifts of Alpha Foods", text)
        with self.assertRaises(UserError):
            section.code = "not a code"
        with self.assertRaisesRegex(UserError, "no template"):
            section.template = "customer_card.nowhere"

    def test_dialog(self):
        Dialog = self.env["customer.card.print"].with_user(self.custodian_east)
        context = {"active_model": "res.partner", "active_ids": self.contact_east.ids}
        dialog = Dialog.with_context(**context).create({})
        self.assertEqual(dialog.card_ids, self.card_east)
        self.assertIn(self.sections["contacts"], dialog.section_ids)
        self.assertNotIn(self.sections["history"], dialog.section_ids)
        dialog.section_ids = self.sections["notes"]
        action = dialog.action_print()
        self.assertEqual(action["report_name"], PRINT)
        self.assertEqual(
            action["data"],
            {
                "card_ids": self.card_east.ids,
                "section_ids": self.sections["notes"].ids,
            },
        )
        dialog.section_ids = False
        with self.assertRaisesRegex(UserError, "at least one section"):
            dialog.action_print()

    def test_dialog_of_a_stranger(self):
        for user in (self.custodian_west, self.reader, self.employee):
            Dialog = self.env["customer.card.print"].with_user(user)
            with self.assertRaisesRegex(AccessError, "paper loan"):
                Dialog.with_context(
                    active_model="res.partner", active_ids=self.card_east.ids
                ).create({})


class TestCardPrintHttp(FilledCards, CustomerCardHttp):
    """P04, A10: every address that prints, by who may and who may not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill_cards()

    def urls(self):
        options = json.dumps(
            {"card_ids": self.card_east.ids, "section_ids": self.section_ids("notes")}
        )
        context = json.dumps({"active_ids": self.card_east.ids, "card_trust": True})
        query = urlencode({"options": options, "context": context})
        for converter in ("html", "pdf", "text"):
            yield f"/report/{converter}/{PRINT}?{query}"
            yield f"/report/{converter}/{PRINT}/{self.card_east.id}"

    def login(self, user):
        self.authenticate(user.login, user.login)

    def test_keepers(self):
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            self.login(user)
            for url in self.urls():
                response = self.url_open(url)
                self.assertEqual(response.status_code, 200, url)
                self.assertIn("Alpha Foods", response.text)

    def test_others(self):
        loan = self.env["customer.card.loan"].create(
            {
                "card_ids": [Command.set(self.card_east.ids)],
                "borrower_id": self.custodian_west.id,
                "purpose": "On screen",
            }
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()
        read = self.card_east.with_user(self.custodian_west)
        self.assertEqual(read.name, "Alpha Foods")
        # a borrower on screen, back office, anybody, and a manager next door
        users = self.custodian_west | self.reader | self.employee | self.manager_west
        for user in users:
            self.login(user)
            for url in self.urls():
                response = self.url_open(url)
                self.assertGreaterEqual(response.status_code, 400, url)
                for secret in ("Prefers the back", "Canned", "alpha.example"):
                    self.assertNotIn(secret, response.text)
            data = json.dumps([next(self.urls()).replace("html", "pdf"), "qweb-pdf"])
            # Odoo answers an error of this address with 200
            response = self.url_open(f"/report/download?{urlencode({'data': data})}")
            self.assertNotIn("Prefers the back", response.text)
            self.assertIn("paper loan", response.text)
        self.assertFalse(
            self.env["customer.card.event"].search(
                [("partner_id", "=", self.card_east.id), ("kind", "=", "printed")]
            )
        )
