from odoo import models
from odoo.exceptions import AccessError


class IrActionsReport(models.Model):
    """Odoo's groups on a report only hide its menu entry. A report about contacts is
    checked here, where every way of printing passes."""

    _inherit = "ir.actions.report"

    def _render_qweb_html(self, report_ref, docids, data=None):
        self._check_card_report(report_ref, docids)
        return super()._render_qweb_html(report_ref, docids, data=data)

    def _render_qweb_text(self, report_ref, docids, data=None):
        self._check_card_report(report_ref, docids)
        return super()._render_qweb_text(report_ref, docids, data=data)

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        self._check_card_report(report_ref, res_ids)
        return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _check_card_report(self, report_ref, docids):
        """:raise AccessError: when the report belongs to groups that the user is not
        in, or shows cards that he does not keep"""
        # sudo: a report is configuration; only its model and groups are read
        report = self.sudo()._get_report(report_ref)
        if self.env.su or report.model != "res.partner":
            return
        if report.group_ids and not report.group_ids & self.env.user.all_group_ids:
            raise AccessError(
                self.env._(
                    "You may not print %(report)s: it belongs to %(groups)s.",
                    report=report.name,
                    groups=", ".join(report.group_ids.mapped("full_name")),
                )
            )
        ids = [docids] if isinstance(docids, int) else list(docids or ())
        self.env["res.partner"].browse(ids)._check_card_take_out("printed")
