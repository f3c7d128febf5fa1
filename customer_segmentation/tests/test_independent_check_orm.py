"""The reference on documents made by Odoo itself."""

from datetime import date
from decimal import Decimal

from odoo.tests import tagged

from .books_writer import BooksWriter
from .independent_check import IndependentCheck

AS_OF = date(2026, 6, 30)


@tagged("post_install", "-at_install")
class TestIndependentCheckDocuments(IndependentCheck):
    def pay(self, invoice, day, amount=None):
        wizard = (
            self.env["account.payment.register"]
            .with_company(self.company)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": day})
        )
        if amount:
            wizard.amount = amount
        wizard._create_payments()

    def assert_same(self):
        mismatches = self.get_mismatches(self.company, AS_OF)
        self.assertFalse(mismatches, "\n".join(mismatches))

    def test_documents_of_odoo(self):
        """C07, A13: invoices, a credit note that reverses one, payments in part and
        late, orders, a draft and what was cancelled."""
        first = self.make_invoice(
            self.card_east, 100, "2026-01-10", invoice_date_due="2026-02-09"
        )
        self.pay(first, "2026-03-01", 40)
        self.pay(first, "2026-04-15")
        second = self.make_invoice(self.contact_east, 250, "2026-01-10")
        self.make_invoice(self.card_west, 80, "2026-05-05")
        self.make_invoice(self.card_west, -30, "2026-05-20")
        self.make_invoice(self.card_west, 999, "2026-05-21").button_draft()
        self.make_order(self.card_east, 70, "2026-02-02")
        self.make_order(self.card_west, 70, "2026-02-03")._action_cancel()
        reversal = (
            self.env["account.move.reversal"]
            .with_company(self.company)
            .with_context(active_model="account.move", active_ids=second.ids)
            .create({"journal_id": second.journal_id.id, "date": "2026-02-01"})
        )
        reversal.refund_moves()
        self.assert_same()
        row = self.get_row(self.card_east)
        self.assertEqual(row.amount, 350 - 0, "the credit note is a draft still")
        self.assertAlmostEqual(row.days_late, (20 * 40 + 65 * 60) / 100)

    def test_moved_and_merged(self):
        """K05: a contact who changed the company takes his documents along, and who
        was merged is one customer."""
        twin = self.env["res.partner"].create({"name": "Twin", "is_company": True})
        self.make_invoice(self.contact_east, 100, "2026-01-10")
        self.make_invoice(twin, 60, "2026-01-11")
        self.make_invoice(self.free_partner, 5, "2026-01-12")
        self.assert_same()
        self.contact_east.parent_id = self.card_west
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (twin | self.free_partner).ids, self.free_partner
        )
        self.assert_same()
        self.assertEqual(self.get_row(self.card_west).amount, 100)
        self.assertEqual(self.get_row(self.free_partner).amount, 65)

    def test_other_currency(self):
        """An invoice in another currency counts at its own rate."""
        currency = self.env["res.currency"].create(
            {
                "name": "CHK",
                "symbol": "C",
                "rate_ids": [
                    (0, 0, {"name": "2026-01-01", "rate": 4}),
                    (0, 0, {"name": "2026-03-01", "rate": 2}),
                ],
            }
        )
        for day in ("2026-02-01", "2026-04-01"):
            self.make_invoice(self.card_east, 100, day, currency_id=currency.id)
        self.assert_same()
        self.assertEqual(self.get_row(self.card_east).amount, 25 + 50)

    def test_two_companies(self):
        """O02: documents of another company are none of ours."""
        other = self.env["res.company"].create({"name": "Other Traders"})
        writer = BooksWriter(self.company)
        self.write_invoices(writer, self.card_east, 1)
        move = self.make_invoice(self.card_east, 70, "2026-01-10")
        self.env.flush_all()
        for table, column in (("account_move", "id"), ("account_move_line", "move_id")):
            self.env.cr.execute(
                f"UPDATE {table} SET company_id = %s WHERE {column} = %s",
                [other.id, move.id],
            )
        self.env.invalidate_all()
        self.assert_same()
        self.assertEqual(self.get_row(self.card_east).amount, 10)

    def write_invoices(self, writer, partner, number):
        for _number in range(number):
            writer.write_document(
                {
                    "partner": partner.id,
                    "commercial": partner.commercial_partner_id.id,
                    "kind": "out_invoice",
                    "state": "posted",
                    "day": date(2026, 6, 1),
                    "due": date(2026, 6, 1),
                    "currency": self.company.currency_id.id,
                    "rate": Decimal(1),
                    "tax": Decimal(0),
                    "items": [(self.product.id, Decimal(1), Decimal(10), Decimal(0))],
                }
            )
