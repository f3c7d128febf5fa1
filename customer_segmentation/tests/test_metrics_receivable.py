from odoo import Command
from odoo.fields import Date

from .common import CustomerSegmentationCommon


class TestMetricsReceivable(CustomerSegmentationCommon):
    """C04, M09: what a customer owes, as of any day, and how late he pays."""

    def pay(self, move, amount, day):
        """Pay a part of an invoice by an entry of the bank."""
        receivable = move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        entry = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                {
                    "journal_id": journal.id,
                    "date": day,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": receivable.account_id.id,
                                "partner_id": receivable.partner_id.id,
                                "credit": amount,
                            }
                        ),
                        Command.create(
                            {
                                "account_id": journal.default_account_id.id,
                                "debit": amount,
                            }
                        ),
                    ],
                }
            )
        )
        entry.action_post()
        (
            receivable
            + entry.line_ids.filtered(
                lambda line: line.account_id == receivable.account_id
            )
        ).reconcile()
        return entry

    def assert_open(self, day, receivable_open, overdue):
        self.refresh(Date.to_date(day))
        row = self.get_row(self.card_east)
        self.assertEqual(
            (row.receivable_open, row.receivable_overdue),
            (receivable_open, overdue),
            f"as of {day}",
        )

    def test_open_as_of(self):
        move = self.make_invoice(
            self.card_east, 100, "2026-03-01", invoice_date_due="2026-03-31"
        )
        self.pay(move, 60, "2026-04-10")
        self.pay(move, 40, "2026-05-10")
        self.assert_open("2026-02-28", 0, 0)
        self.assert_open("2026-03-31", 100, 0)
        self.assert_open("2026-04-01", 100, 100)
        self.assert_open("2026-04-10", 40, 40)
        self.assert_open("2026-05-10", 0, 0)

    def test_days_late_and_dso(self):
        move = self.make_invoice(
            self.card_east, 100, "2026-03-01", invoice_date_due="2026-03-31"
        )
        self.pay(move, 60, "2026-03-21")  # 10 days early
        self.pay(move, 30, "2026-04-30")  # 30 days late
        self.refresh(Date.to_date("2026-06-30"))
        row = self.get_row(self.card_east)
        self.assertAlmostEqual(row.days_late, (60 * -10 + 30 * 30) / 90)
        self.assertAlmostEqual(row.dso, 10 / 100 * 365)

    def test_credit_note_is_no_payment(self):
        move = self.make_invoice(self.card_east, 100, "2026-03-01")
        refund = self.make_invoice(self.card_east, -40, "2026-05-01")
        (move + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.refresh(Date.to_date("2026-06-30"))
        row = self.get_row(self.card_east)
        self.assertEqual(row.receivable_open, 60)
        self.assertFalse(row.days_late)

    def test_contact_who_moved(self):
        """The customer is the one of today, of invoices and of what is owed."""
        contact = self.env["res.partner"].create(
            {"name": "Handler", "parent_id": self.card_east.id}
        )
        self.make_invoice(contact, 100, "2026-03-01")
        contact.parent_id = self.card_west
        self.refresh(Date.to_date("2026-06-30"))
        self.assertRecordValues(
            self.get_row(self.card_west), [{"amount": 100, "receivable_open": 100}]
        )
        self.assertRecordValues(
            self.get_row(self.card_east), [{"amount": 0, "receivable_open": 0}]
        )
