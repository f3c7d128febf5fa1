from odoo import models

from odoo.addons.customer_card.models.ir_actions_report import STAMPED

PACK = "customer_visit.visit_pack"


class IrActionsReport(models.Model):
    """The pack of a weekly plan leaves the system as a paper extract does: as a PDF
    with a watermark on each page."""

    _inherit = "ir.actions.report"

    def get_paperformat(self):
        if self.report_name != PACK:
            return super().get_paperformat()
        letter = self.env.company.paperformat_id.format == "Letter"
        name = "letter" if letter else "a4"
        # sudo: the format of the paper is configuration
        return self.env.ref(f"customer_card.card_paperformat_{name}").sudo()

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        report = self
        if self._get_report(report_ref).report_name == PACK:
            report = self.with_context(card_report_stamped=STAMPED)
        return super(IrActionsReport, report)._render_qweb_pdf(
            report_ref, res_ids=res_ids, data=data
        )

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        report = self._get_report(report_ref)
        if report.report_name == PACK:
            plan = self.env["customer.visit.plan"].browse(res_ids)
            text = self.env[f"report.{PACK}"]._get_watermark(plan)
            html = self.env["ir.qweb"]._render(
                "customer_card.card_watermark", {"text": text, "rows": range(7)}
            )
            stamp = self._run_wkhtmltopdf([str(html)], report_ref=report)
            for entry in streams.values():
                if entry["stream"]:
                    entry["stream"] = self._stamp_pages(entry["stream"], stamp)
        return streams
