from odoo import models


class IrActionsReport(models.Model):
    """The handover sheet lists customers: only who may see each of them prints it."""

    _inherit = "ir.actions.report"

    def _check_card_report(self, report_ref, docids):
        result = super()._check_card_report(report_ref, docids)
        # sudo: a report is configuration; only its model is read
        report = self.sudo()._get_report(report_ref)
        if report.model == "customer.card.handover" and not self.env.su:
            ids = [docids] if isinstance(docids, int) else list(docids or ())
            self.env["customer.card.handover"].browse(ids)._check_sheet()
        return result
