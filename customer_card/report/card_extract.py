from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime


class CardExtract(models.AbstractModel):
    """The print of a paper loan: the lent cards, the approved sections, nothing that
    the client sends."""

    _name = "report.customer_card.card_extract"
    _description = "Paper Extract of Customer Cards"
    _inherit = ["report.customer_card.card_print"]

    @api.model
    def _get_report_values(self, docids, data=None):
        """Check the loan, count the copy and enter it in the ledger: whatever the
        format, this is the only way to the data.

        :param docids: the id of one loan
        :raise AccessError, UserError: when it is not to be printed
        """
        loan = self.env["customer.card.loan"].browse(self._parse_ids(docids)).exists()
        if len(loan) != 1:
            raise UserError(self.env._("Print one paper loan at a time."))
        if not self.env["ir.actions.report"]._is_stamped():
            raise AccessError(
                self.env._(
                    "%(loan)s: a paper extract is printed as a PDF with a watermark. "
                    "Use the button Print Extract.",
                    loan=loan._approval_names(),
                )
            )
        copy = loan._take_extract_copy()
        # sudo: the manager has lent these cards, as far as the sections go; whoever
        # borrows them cannot read them himself
        cards = loan._get_cards()[loan.id].sudo()
        values = self.sudo()._get_document(cards, loan._get_extract_sections())
        return {
            **values,
            "extract": {
                "name": loan.name,
                "purpose": loan.purpose,
                "until": format_datetime(
                    self.env, loan.valid_until, tz=self.env.user.tz or "UTC"
                ),
                "copy": copy,
            },
        }

    @api.model
    def _get_watermark(self, loan):
        """:return: what stands across every page: who printed it, when, which loan"""
        now = format_datetime(
            self.env, fields.Datetime.now(), tz=self.env.user.tz or "UTC"
        )
        return f"{self.env.user.name} · {now} · {loan.name}"
