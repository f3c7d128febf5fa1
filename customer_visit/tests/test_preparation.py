from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from .common import CustomerVisitCommon


class TestPreparation(CustomerVisitCommon):
    """M02: before a visit the salesperson consults the card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.custodian_east._card_today()
        cls.visit = cls.make_visit(
            cls.card_east,
            cls.custodian_east,
            date_planned=fields.Datetime.now() + timedelta(days=1),
            objective="Renew the contract",
        )

    def sheet_of(self, visit, user):
        found = visit.with_user(user).get_preparation()
        return {part["code"]: part["rows"] for part in found["parts"]}

    def make_past_visit(self, days=10, user=None, **values):
        visit = self.make_visit(self.card_east, user or self.custodian_east)
        visit.sudo().write(
            {
                "state": "reported",
                "date_start": fields.Datetime.now() - timedelta(days=days),
                "report": "<p>He asked for a sample</p>",
                "open_points": "Delivery time",
                **values,
            }
        )
        return visit

    def write_ledger(self):
        """What happens at the end of a request."""
        self.env.flush_all()
        self.cr.precommit.run()

    # ------------------------------------------------------------
    # THE SHEET
    # ------------------------------------------------------------

    def test_purpose_and_last_contacts(self):
        last = self.make_past_visit()
        sheet = self.sheet_of(self.visit, self.custodian_east)
        self.assertEqual(sheet["purpose"][0]["note"], "Renew the contract")
        self.assertEqual(sheet["last_visits"][0]["id"], last.id)
        self.assertIn("He asked for a sample", sheet["last_visits"][0]["note"])
        self.assertIn("Delivery time", sheet["last_visits"][0]["note"])

    def test_changes_since_the_last_visit(self):
        self.make_past_visit()
        card = self.card_east.with_user(self.manager_east)
        card.main_products = "Olive oil"
        # what he changed himself is no news to him
        self.card_east.with_user(self.custodian_east).hobbies = "Sailing"
        self.write_ledger()
        sheet = self.sheet_of(self.visit, self.custodian_east)
        told = str(sheet["changes"])
        self.assertIn("Main Products", told)
        self.assertNotIn("Hobbies", told)
        # a visit later, it is no longer news
        self.make_past_visit(days=-0.01)
        self.assertNotIn("changes", self.sheet_of(self.visit, self.custodian_east))

    def test_promises(self):
        promise = self.env["customer.promise"].create(
            {
                "name": "A sample",
                "partner_id": self.card_east.id,
                "date_due": self.today + timedelta(days=1),
            }
        )
        sheet = self.sheet_of(self.visit, self.custodian_east)
        self.assertEqual(sheet["promises"][0]["id"], promise.id)
        promise.action_keep()
        self.assertNotIn("promises", self.sheet_of(self.visit, self.custodian_east))

    def test_supply(self):
        product = self.env["customer.card.product"].create({"name": "Hops"})
        self.env["customer.card.consumption"].create(
            {
                "partner_id": self.card_east.id,
                "product_id": product.id,
                "stock_quantity": 1,
                "usage_quantity": 30,
                "as_of_date": self.today - timedelta(days=30),
            }
        )
        self.env["customer.card.contract"].create(
            {
                "partner_id": self.card_east.id,
                "name": "Frame contract",
                "date_start": self.today - timedelta(days=300),
                "date_end": self.today + timedelta(days=5),
                "reminder_days": 30,
            }
        )
        sheet = self.sheet_of(self.visit, self.custodian_east)
        self.assertIn("Hops", sheet["needs"][0]["text"])
        self.assertEqual(sheet["needs"][0]["tone"], "danger")
        self.assertEqual(sheet["contracts"][0]["text"], "Frame contract")

    def test_birthdays(self):
        soon = self.today + timedelta(days=5)
        self.contact_east.birthdate_date = soon.replace(year=1980)
        self.env["customer.card.relative"].create(
            {
                "partner_id": self.contact_east.id,
                "name": "Anna Alpha",
                "relation": "spouse",
                "birthdate_date": (soon + timedelta(days=1)).replace(year=1982),
            }
        )
        rows = self.sheet_of(self.visit, self.custodian_east)["birthdays"]
        self.assertEqual([row["text"] for row in rows], ["Ada Alpha", "Anna Alpha"])

    def test_opportunities(self):
        self.custodian_east.group_ids += self.env.ref("sales_team.group_sale_salesman")
        Lead = self.env["crm.lead"]
        lead = Lead.create(
            {
                "name": "New warehouse",
                "type": "opportunity",
                "partner_id": self.contact_east.id,
                "user_id": self.custodian_east.id,
            }
        )
        rows = self.sheet_of(self.visit, self.custodian_east)["opportunities"]
        self.assertEqual([row["id"] for row in rows], lead.ids)
        lead.action_set_won()
        sheet = self.sheet_of(self.visit, self.custodian_east)
        self.assertNotIn("opportunities", sheet)

    def test_persons_and_what_to_ask_for(self):
        self.contact_east.write({"personality": "Precise", "contact_role": "handler"})
        sheet = self.sheet_of(self.visit, self.custodian_east)
        self.assertEqual(sheet["persons"][0]["text"], "Ada Alpha")
        self.assertIn("Precise", sheet["persons"][0]["note"])
        self.assertTrue(sheet["missing"][0]["text"])

    def test_satisfaction(self):
        # sudo: a survey writes it
        self.card_east.sudo().write(
            {
                "satisfaction_score": 62,
                "satisfaction_date": self.today,
                "satisfaction_trend": "down",
            }
        )
        row = self.sheet_of(self.visit, self.custodian_east)["reading"][0]
        self.assertEqual((row["text"], row["tone"]), ("62 of 100", "danger"))
        self.assertEqual(row["note"], "Falling")

    def test_queries_do_not_grow(self):
        """Sheets of thirty visits cost as many queries as that of one."""
        cards = self.env["res.partner"].create(
            [
                {"name": f"Card {number}", "user_id": self.custodian_east.id}
                for number in range(30)
            ]
        )
        cards._open_cards()
        visits = (
            self.env["customer.visit"]
            .create(
                [
                    {"partner_id": card.id, "user_id": self.custodian_east.id}
                    for card in cards
                ]
            )
            .with_user(self.custodian_east)
        )
        visits._get_preparation_sheets()
        counts = []
        for batch in (visits[:1], visits):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch._get_preparation_sheets()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    # ------------------------------------------------------------
    # WHO READS IT
    # ------------------------------------------------------------

    def lend(self, user):
        loan = (
            self.env["customer.card.loan"]
            .with_user(user)
            .create(
                {
                    "card_ids": [Command.set(self.card_east.ids)],
                    "purpose": "A visit",
                    "valid_until": fields.Datetime.now() + timedelta(days=3),
                }
            )
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()

    def test_without_the_card_no_sheet(self):
        """A visitor who may not open the card learns nothing of it."""
        self.make_past_visit()
        self.visit.sudo().user_id = self.employee
        found = self.visit.with_user(self.employee).get_preparation()
        self.assertFalse(found["can_read"])
        self.assertFalse(found["parts"])
        with self.assertRaises(AccessError):
            self.visit.with_user(self.custodian_west).get_preparation()

    def test_borrower(self):
        """On loan: the sheet, but of the history only which fields changed, and what
        is for those who keep the card not at all."""
        self.make_past_visit()
        self.card_east.with_user(self.manager_east).main_products = "Olive oil"
        self.write_ledger()
        self.visit.sudo().user_id = self.custodian_west
        self.lend(self.custodian_west)
        sheet = self.sheet_of(self.visit, self.custodian_west)
        self.assertIn("last_visits", sheet)
        self.assertNotIn("missing", sheet)
        self.assertNotIn("open_items", sheet)
        changes = sheet["changes"]
        self.assertEqual(len(changes), 1)
        self.assertIn("Main Products", changes[0]["text"])
        self.assertFalse(changes[0]["note"])

    # ------------------------------------------------------------
    # THE STAMP
    # ------------------------------------------------------------

    def test_prepare_is_stamped(self):
        visit = self.visit.with_user(self.custodian_east)
        visit.action_prepare()
        self.assertEqual(visit.state, "prepared")
        self.assertEqual(visit.prepared_by_id, self.custodian_east)
        self.assertTrue(visit.date_prepared)
        self.assertIn("Custodian East", visit.get_preparation()["prepared"])
        with self.assertRaises(UserError):
            visit.write({"prepared_by_id": self.deputy_east.id})

    def test_others_do_not_prepare(self):
        with self.assertRaises(AccessError):
            self.visit.with_user(self.manager_east).action_prepare()
        self.assertFalse(self.visit.prepared_by_id)

    # ------------------------------------------------------------
    # THE PRINT
    # ------------------------------------------------------------

    def print_sheet(self, user):
        report = self.env["ir.actions.report"].with_user(user)
        html, _kind = report._render_qweb_html(
            "customer_visit.customer_visit_report_preparation", self.visit.ids
        )
        return html.decode()

    def test_print(self):
        html = self.print_sheet(self.custodian_east)
        self.assertIn("Alpha Foods", html)
        self.assertIn("Renew the contract", html)
        event = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id), ("kind", "=", "printed")]
        )
        self.assertEqual(event[:1].user_id, self.custodian_east)

    def test_print_not_on_loan(self):
        """On paper a card leaves by an extract that its manager approved only."""
        self.visit.sudo().user_id = self.custodian_west
        self.lend(self.custodian_west)
        with self.assertRaises(AccessError):
            self.print_sheet(self.custodian_west)
        with self.assertRaises(AccessError):
            self.print_sheet(self.employee)
