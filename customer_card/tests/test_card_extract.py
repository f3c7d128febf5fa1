"""A10: a borrower prints what the manager approved, marked as his, as often as allowed."""

import io
import json
from datetime import timedelta
from urllib.parse import urlencode

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.migration import load_script
from odoo.tools import file_path
from odoo.tools.pdf import PdfFileReader

from .common import CustomerCardCommon, CustomerCardHttp
from .test_card_print import FilledCards, read_print

EXTRACT = "customer_card.card_extract"


class TestCardExtract(FilledCards, CustomerCardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill_cards()

    def render(self, loan, user=None, data=None, **context):
        """:return: the extract as HTML, which stands for the PDF in a test"""
        Report = self.env["ir.actions.report"].with_user(user or loan.borrower_id)
        content, _type = Report.with_context(**context)._render_qweb_pdf(
            EXTRACT, loan.ids, data=data
        )
        is_pdf = context.get("force_report_rendering")
        return content if is_pdf else read_print(content)

    def printed(self, card):
        return self.env["customer.card.event"].search(
            [("partner_id", "=", card.id), ("kind", "=", "printed")]
        )

    # ------------------------------------------------------------
    # WHAT IS ON IT
    # ------------------------------------------------------------

    def test_only_the_approved_sections(self):
        loan = self.lend_paper(self.employee, ["identification", "habits"])
        text = self.render(loan)
        for shown in ("Alpha Foods", "Canned fruit", "Rivalbrand", loan.name):
            self.assertIn(shown, text)
        for hidden in ("Rowing", "Ada", "Frame contract", "back door", "Jam jars"):
            self.assertNotIn(hidden, text)
        self.assertNotIn("Beta", text)

    def test_the_client_chooses_nothing(self):
        loan = self.lend_paper(self.employee, ["habits"])
        data = {
            "section_ids": self.section_ids("notes", "contracts"),
            "card_ids": self.card_west.ids,
            "docs": self.card_west.ids,
            "sections": self.section_ids("notes"),
            "extract": {},
        }
        text = self.render(loan, data=data)
        self.assertIn("Rivalbrand", text)
        for hidden in ("back door", "Frame contract", "Beta", "Canned fruit"):
            self.assertNotIn(hidden, text)

    def test_the_manager_takes_sections_away(self):
        loan = self.ask_paper(self.employee, ["identification", "habits"])
        loan.with_user(self.manager_east).section_ids = self.sections["habits"]
        # looked at as submitted once: the borrower has not changed it meanwhile
        loan.with_user(self.manager_east).with_context(approval_seen=1).action_approve()
        text = self.render(loan)
        self.assertIn("Rivalbrand", text)
        self.assertNotIn("Canned fruit", text)

    def test_sections_changed_after_being_looked_at(self):
        loan = self.ask_paper(self.employee, ["habits"])
        loan.action_draft()
        loan.section_ids |= self.sections["contracts"]
        loan.action_submit()
        with self.assertRaisesRegex(UserError, "changed and submitted again"):
            loan.with_user(self.manager_east).with_context(
                approval_seen=1
            ).action_approve()

    def test_the_borrower_adds_none_himself(self):
        loan = self.ask_paper(self.employee, ["habits"])
        with self.assertRaises(AccessError):
            loan.section_ids |= self.sections["contracts"]
        loan.with_user(self.manager_east).action_approve()
        for user in (self.employee, self.manager_east):
            with self.assertRaisesRegex(UserError, "can no longer be changed"):
                loan.with_user(user).section_ids |= self.sections["contracts"]

    def test_what_is_not_lent(self):
        with self.assertRaisesRegex(ValidationError, "only for whoever keeps"):
            self.ask_paper(self.employee, ["history"])
        with self.assertRaisesRegex(UserError, "choose what of the cards"):
            self.ask_paper(self.employee, [])
        loan = self.lend_paper(self.employee, ["habits", "notes"])
        # lent no more, by a decision of the administrator
        self.sections["habits"].may_be_lent = False
        self.assertNotIn("Rivalbrand", self.render(loan))

    def test_defaults(self):
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.employee)
            .create({"card_ids": [Command.set(self.card_east.ids)]})
        )
        self.assertIn(self.sections["identification"], loan.section_ids)
        for code in ("history", "contracts"):
            self.assertNotIn(self.sections[code], loan.section_ids)

    def test_an_extension_has_the_same_sections(self):
        loan = self.lend_paper(self.employee, ["habits"])
        action = loan.action_request_extension()
        extension = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(extension.section_ids, self.sections["habits"])

    def test_contracts_of_other_companies(self):
        """The extract is read past the rules, never past the company."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["customer.card.contract"].create(
            {
                "partner_id": self.card_east.id,
                "name": "Contract elsewhere",
                "company_id": other.id,
            }
        )
        text = self.render(self.lend_paper(self.employee, ["contracts"]))
        self.assertIn("Frame contract 7", text)
        self.assertNotIn("elsewhere", text)

    # ------------------------------------------------------------
    # WHO AND WHEN
    # ------------------------------------------------------------

    def test_only_the_borrower(self):
        loan = self.lend_paper(self.employee, ["habits"])
        for user in (
            self.custodian_west,
            self.reader,
            self.manager_west,
            self.custodian_east,
            self.manager_east,
            self.card_admin,
        ):
            with self.assertRaises(AccessError):
                self.render(loan, user)
        self.assertFalse(loan.print_count)
        self.assertFalse(self.printed(self.card_east))

    def test_not_before_it_is_approved(self):
        loan = self.ask_paper(self.employee, ["habits"])
        with self.assertRaisesRegex(UserError, "approved"):
            self.render(loan)
        loan.with_user(self.manager_east).action_refuse("No")
        with self.assertRaisesRegex(UserError, "approved"):
            self.render(loan)

    def test_not_after_its_time(self):
        loan = self.lend_paper(self.employee, ["habits"])
        past = fields.Datetime.now() - timedelta(seconds=1)
        loan.sudo().write({"date_from": past - timedelta(1), "valid_until": past})
        with self.assertRaisesRegex(UserError, "extension"):
            self.render(loan)
        loan = self.lend_paper(
            self.employee, ["habits"], date_from=past + timedelta(days=1)
        )
        with self.assertRaisesRegex(UserError, "runs"):
            self.render(loan)

    def test_not_after_its_end(self):
        for user, end in (
            (self.employee, "action_return"),
            (self.custodian_east, "action_return"),
            (self.manager_east, "action_revoke"),
        ):
            loan = self.lend_paper(self.employee, ["habits"])
            getattr(loan.with_user(user), end)()
            with self.assertRaisesRegex(UserError, "approved"):
                self.render(loan)

    def test_a_loan_on_screen_prints_nothing(self):
        loan = self.ask_paper(self.employee, ["habits"], mode="screen")
        loan.with_user(self.manager_east).action_approve()
        with self.assertRaisesRegex(UserError, "on screen"):
            self.render(loan)

    def test_nothing_but_the_pdf(self):
        loan = self.lend_paper(self.employee, ["habits"])
        Report = self.env["ir.actions.report"].with_user(self.employee)
        for context in ({}, {"card_report_stamped": True, "stamped": 1}):
            for render in ("_render_qweb_html", "_render_qweb_text"):
                with self.assertRaisesRegex(AccessError, "watermark"):
                    getattr(Report.with_context(**context), render)(EXTRACT, loan.ids)
        self.assertFalse(loan.print_count)

    def test_one_at_a_time(self):
        loans = self.lend_paper(self.employee, ["habits"])
        loans |= self.lend_paper(self.employee, ["notes"])
        with self.assertRaisesRegex(UserError, "one paper loan at a time"):
            self.render(loans, self.employee)

    # ------------------------------------------------------------
    # HOW OFTEN
    # ------------------------------------------------------------

    def test_copies_are_counted(self):
        loan = self.lend_paper(self.employee, ["habits", "notes"])
        self.assertTrue(loan.can_print_extract)
        self.assertFalse(loan.with_user(self.manager_east).can_print_extract)
        self.render(loan)
        self.assertEqual(loan.print_count, 1)
        self.assertFalse(loan.can_print_extract)
        entry = self.printed(self.card_east)
        self.assertEqual(len(entry), 1)
        self.assertEqual((entry.res_model, entry.res_id), (loan._name, loan.id))
        self.assertEqual(entry.user_id, self.employee)
        self.assertEqual(
            entry.description, f"{loan.name} · 1/1 · Habits and Competitors · Notes"
        )
        with self.assertRaisesRegex(UserError, "Ask .*Manager East.* to allow"):
            self.render(loan)
        with self.assertRaisesRegex(UserError, "has been printed"):
            loan.action_print_extract()
        self.assertEqual(loan.print_count, 1)

    def test_a_manager_allows_another_copy(self):
        loan = self.lend_paper(self.employee, ["habits"])
        self.render(loan)
        for user in (self.employee, self.custodian_east):
            with self.assertRaises(AccessError):
                loan.with_user(user).action_allow_copy()
        self.assertTrue(loan.with_user(self.manager_east).can_allow_copy)
        loan.with_user(self.manager_east).action_allow_copy()
        self.render(loan)
        self.assertEqual((loan.print_count, loan.print_limit), (2, 2))
        with self.assertRaises(UserError):
            self.render(loan)

    def test_a_manager_allows_copies_when_he_decides(self):
        self.env.company.card_print_limit = 2
        loan = self.ask_paper(self.employee, ["habits"])
        self.assertEqual(loan.print_limit, 2)
        with self.assertRaises(AccessError):
            loan.print_limit = 9
        loan.with_user(self.manager_east).print_limit = 3
        # taken back and submitted anew: decided anew
        loan.action_draft()
        loan.action_submit()
        self.assertEqual(loan.print_limit, 2)
        loan.with_user(self.manager_east).print_limit = 3
        loan.with_user(self.manager_east).action_approve()
        for _copy in range(3):
            self.render(loan)
        with self.assertRaises(UserError):
            self.render(loan)

    def test_the_borrower_gives_himself_no_copies(self):
        Loan = self.env["customer.card.loan"].with_user(self.employee)
        values = {"card_ids": [Command.set(self.card_east.ids)], "print_limit": 50}
        loan = Loan.with_context(default_print_limit=50).create(values)
        self.assertEqual(loan.print_limit, 1)
        with self.assertRaises(AccessError):
            loan.print_limit = 50
        for name in ("print_count", "last_print_date"):
            with self.assertRaisesRegex(UserError, "set by the system"):
                loan.write({name: False})

    def test_handing_back_acknowledges_the_copies(self):
        loan = self.lend_paper(self.employee, ["habits"])
        self.render(loan)
        loan.with_user(self.custodian_east).action_return()
        entry = self.env["customer.card.event"].search(
            [("kind", "=", "loan_returned"), ("res_id", "=", loan.id)]
        )
        self.assertIn("copies: 1", entry.description)

    def test_two_at_once(self):
        """A print waits for no other: the loan is locked, so one of two is refused."""
        loan = self.lend_paper(self.employee, ["habits"])
        queries = []
        execute = self.env.cr.execute

        def spy(query, *args, **kwargs):
            queries.append(str(getattr(query, "code", query)))
            return execute(query, *args, **kwargs)

        self.patch(self.env.cr, "execute", spy)
        loan._take_extract_copy()
        locks = [n for n, q in enumerate(queries) if "FOR NO KEY UPDATE" in q]
        reads = [n for n, q in enumerate(queries) if '"print_count"' in q]
        self.assertTrue(locks)
        # what is compared was read after the lock was taken
        self.assertTrue([n for n in reads if n > locks[0]])

    # ------------------------------------------------------------
    # THE PDF
    # ------------------------------------------------------------

    def test_watermark_on_every_page(self):
        self.env["ir.config_parameter"].set_param("report.url", "http://127.0.0.1:9")
        self.env["res.partner"].create(
            [
                {
                    "name": f"Person {number}",
                    "parent_id": self.card_east.id,
                    "phone": f"+32 2 {number}",
                    "function": "Buyer",
                }
                for number in range(150)
            ]
        )
        loan = self.lend_paper(self.employee, ["identification", "contacts"])
        content = self.render(loan, force_report_rendering=True)
        self.assertTrue(content.startswith(b"%PDF"))
        reader = PdfFileReader(io.BytesIO(content))
        self.assertGreater(reader.getNumPages(), 1)
        texts = [
            " ".join(reader.getPage(number).extract_text().split())
            for number in range(reader.getNumPages())
        ]
        year = str(fields.Date.today().year)
        for text in texts:
            marks = text.count(loan.name)
            self.assertGreaterEqual(marks, 6)
            self.assertGreaterEqual(text.count("Employee ·"), 6)
            self.assertIn(year, text)
        everything = " ".join(texts)
        self.assertIn("Alpha Foods", everything)
        self.assertIn("Person 149", everything)
        self.assertNotIn("Rivalbrand", everything)
        self.assertEqual(loan.print_count, 1)

    def test_a_print_that_fails_is_no_copy(self):
        loan = self.lend_paper(self.employee, ["habits"])

        def fail(*args, **kwargs):
            raise UserError("wkhtmltopdf is out of paper")  # pylint: disable=C8107

        self.patch(type(self.env["ir.actions.report"]), "_run_wkhtmltopdf", fail)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.render(loan, force_report_rendering=True)
        self.env.invalidate_all()
        self.assertFalse(loan.print_count)
        self.assertFalse(self.printed(self.card_east))

    # ------------------------------------------------------------
    # UPGRADE
    # ------------------------------------------------------------

    def test_paper_loans_of_the_first_version(self):
        """They had no sections: those that may still be printed get the usual ones."""
        lent = self.lend_paper(self.employee, ["notes"])
        chosen = self.lend_paper(self.employee, ["notes"])
        over = self.lend_paper(self.employee, ["notes"])
        over.action_return()
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM customer_card_loan_section_rel WHERE loan_id = ANY(%s)",
            [(lent | over).ids],
        )
        path = file_path("customer_card/migrations/19.0.2.0.0/post-extract.py")
        for _again in range(2):
            load_script(path, "post_extract").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(
            lent.section_ids, self.env["customer.card.section"]._get_default_lent()
        )
        self.assertEqual(chosen.section_ids, self.sections["notes"])
        self.assertFalse(over.section_ids)
        self.assertIn("Canned fruit", self.render(lent))

    # ------------------------------------------------------------
    # WHO WILL DECIDE
    # ------------------------------------------------------------

    def test_a_draft_says_who_will_decide(self):
        Loan = self.env["customer.card.loan"].with_user(self.employee)
        loan = Loan.create({"card_ids": [Command.set(self.card_east.ids)]})
        self.assertIn("Manager East", loan.decider_names)
        self.assertNotIn("Manager West", loan.decider_names)
        both = (self.card_east | self.card_west).ids
        loan.card_ids = [Command.set(both)]
        self.assertIn("Manager East", loan.decider_names)
        self.assertIn("Manager West", loan.decider_names)
        loan = self.ask_paper(self.employee, ["habits"])
        self.assertFalse(loan.decider_names)


class TestCardExtractHttp(FilledCards, CustomerCardHttp):
    """A10, P04: the addresses that print, as a borrower types them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill_cards()

    def get(self, user, url):
        self.authenticate(user.login, user.login)
        return self.url_open(url)

    def test_approved(self):
        loan = self.lend_paper(self.employee, ["identification"])
        data = json.dumps([f"/report/pdf/{EXTRACT}/{loan.id}", "qweb-pdf"])
        query = urlencode({"data": data})
        response = self.get(self.employee, f"/report/download?{query}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("Canned fruit", response.text)
        self.assertNotIn("Rivalbrand", response.text)
        self.assertEqual(loan.print_count, 1)
        again = self.get(self.employee, f"/report/pdf/{EXTRACT}/{loan.id}")
        self.assertGreaterEqual(again.status_code, 400)
        self.assertNotIn("Canned fruit", again.text)

    def test_more_by_options(self):
        loan = self.lend_paper(self.employee, ["identification"], print_limit=1)
        options = {
            "section_ids": self.section_ids("notes", "habits"),
            "card_ids": (self.card_west | self.card_east).ids,
            "sections": self.section_ids("notes"),
        }
        context = {"active_ids": self.card_west.ids, "card_report_stamped": True}
        query = urlencode(
            {"options": json.dumps(options), "context": json.dumps(context)}
        )
        for url in (
            f"/report/html/{EXTRACT}/{loan.id}?{query}",
            f"/report/text/{EXTRACT}/{loan.id}?{query}",
            # the other report, with the number of the loan or of the card
            f"/report/pdf/customer_card.card_print/{loan.id}?{query}",
            f"/report/pdf/customer_card.card_print?{query}",
        ):
            response = self.get(self.employee, url)
            self.assertGreaterEqual(response.status_code, 400, url)
            for secret in ("Canned", "Rivalbrand", "back door", "Beta"):
                self.assertNotIn(secret, response.text)
        self.assertFalse(loan.print_count)
        response = self.get(self.employee, f"/report/pdf/{EXTRACT}/{loan.id}?{query}")
        self.assertIn("Canned fruit", response.text)
        for secret in ("Rivalbrand", "back door", "Beta"):
            self.assertNotIn(secret, response.text)

    def test_not_approved(self):
        asked = self.ask_paper(self.employee, ["identification"])
        over = self.lend_paper(self.employee, ["identification"])
        now = fields.Datetime.now()
        over.sudo().write(
            {
                "date_from": now - timedelta(days=2),
                "valid_until": now - timedelta(seconds=1),
            }
        )
        back = self.lend_paper(self.employee, ["identification"])
        back.action_return()
        other = self.lend_paper(self.custodian_west, ["identification"])
        self.env.flush_all()
        for loan in asked | over | back | other:
            for converter in ("pdf", "html", "text"):
                url = f"/report/{converter}/{EXTRACT}/{loan.id}"
                response = self.get(self.employee, url)
                self.assertGreaterEqual(response.status_code, 400, url)
                self.assertNotIn("Canned fruit", response.text)
            self.assertFalse(loan.sudo().print_count)

    def test_a_paper_loan_opens_nothing_else(self):
        """P04: what was approved on paper is neither read nor exported."""
        self.lend_paper(self.employee, ["identification"])
        self.authenticate(self.employee.login, self.employee.login)
        card = self.card_east.id
        response = self.url_open(f"/web/partner/vcard?partner_ids={card}")
        self.assertGreaterEqual(response.status_code, 400)
        self.assertNotIn("alpha.example", response.text)
