from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Which orders, invoices and entries a user may open: those of customers whose
    cards he may open (see ``_card_document_domain``). Accounting and back office see
    them all, unless they sell. The record rules only call these methods."""

    _inherit = "res.users"

    def _card_entry_line_domain(self):
        """:return: Domain on account.move.line: those of the customers of documents that
        the user may open; in entries that are about nobody, those of partners that he
        may read"""
        self.ensure_one()
        readable = self._card_read_domain()
        if readable.is_true():
            return Domain.TRUE
        # on a line stands the commercial partner, who may have another card than the
        # customer of the document
        return Domain("move_id.partner_id", "any", readable) | (
            Domain("move_id", "any", [("partner_id", "=", False)])
            & self._card_document_domain()
        )

    def _card_analytic_line_domain(self):
        """:return: Domain on account.analytic.line: what was booked by an entry follows
        the entry, what was noted by hand the customer. One's own notes one sees, and
        time sheets follow their project."""
        self.ensure_one()
        domain = self._card_document_domain()
        if domain.is_true():
            return Domain.TRUE
        domain |= Domain("user_id", "=", self.id)
        if "project_id" in self.env["account.analytic.line"]._fields:
            domain |= Domain("project_id", "!=", False)
        return (Domain("move_line_id", "=", False) & domain) | Domain(
            "move_line_id", "any", self._card_entry_line_domain()
        )

    def _card_own_assistant_domain(self):
        """:return: Domain on assistants that work on documents of trade: one's own"""
        self.ensure_one()
        if self._card_read_domain().is_true():
            return Domain.TRUE
        return Domain("create_uid", "=", self.id)
