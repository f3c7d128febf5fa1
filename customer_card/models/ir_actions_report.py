import io

from odoo import models
from odoo.exceptions import AccessError
from odoo.tools.pdf import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    PdfFileReader,
    PdfFileWriter,
)

# The key to the data of a paper extract: held while a PDF is made that gets its
# watermark. An object, because a client can put anything else into the context.
STAMPED = object()
# Reports that check by themselves what of which cards they print.
CARD_REPORTS = ("customer_card.card_print", "customer_card.card_extract")
EXTRACT = "customer_card.card_extract"


class CheckedCards:
    """What the making of a PDF has checked and recorded, so that its HTML is not
    recorded as another print. An object of this class comes from here only."""

    def __init__(self, report, ids):
        self.report = report
        self.ids = frozenset(ids)


class IrActionsReport(models.Model):
    """Odoo's groups on a report only hide its menu entry. A report about contacts is
    checked here, where every way of printing passes; the two prints of the card check
    in their own models; a paper extract gets its watermark here."""

    _inherit = "ir.actions.report"

    def get_paperformat(self):
        """A card needs no room for Odoo's header: Letter where the company prints on
        Letter, else A4."""
        if self.report_name not in CARD_REPORTS:
            return super().get_paperformat()
        letter = self.env.company.paperformat_id.format == "Letter"
        name = "letter" if letter else "a4"
        # sudo: a paper format is no secret
        return self.env.ref(f"customer_card.card_paperformat_{name}").sudo()

    def _render_qweb_html(self, report_ref, docids, data=None):
        self._check_card_report(report_ref, docids)
        return super()._render_qweb_html(report_ref, docids, data=data)

    def _render_qweb_text(self, report_ref, docids, data=None):
        self._check_card_report(report_ref, docids)
        return super()._render_qweb_text(report_ref, docids, data=data)

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        report = self._get_report(report_ref)
        context = {}
        if checked := self._check_card_report(report, res_ids):
            context["card_report_checked"] = CheckedCards(report, checked)
        if report.report_name == EXTRACT:
            context["card_report_stamped"] = STAMPED
        return super(IrActionsReport, self.with_context(**context))._render_qweb_pdf(
            report_ref, res_ids=res_ids, data=data
        )

    def _check_card_report(self, report_ref, docids):
        """:return: ids of the contacts, when the report is one about contacts
        :raise AccessError: when the report belongs to groups that the user is not
            in, or shows cards that he does not keep"""
        # sudo: a report is configuration; only its model and groups are read
        report = self.sudo()._get_report(report_ref)
        ids = [docids] if isinstance(docids, int) else list(docids or ())
        if (
            self.env.su
            or report.model != "res.partner"
            or report.report_name in CARD_REPORTS
        ):
            return []
        checked = self.env.context.get("card_report_checked")
        if (
            isinstance(checked, CheckedCards)
            and checked.report == report
            and checked.ids.issuperset(ids)
        ):
            return ids
        if report.group_ids and not report.group_ids & self.env.user.all_group_ids:
            raise AccessError(
                self.env._(
                    "You may not print %(report)s: it belongs to %(groups)s.",
                    report=report.name,
                    groups=", ".join(report.group_ids.mapped("full_name")),
                )
            )
        self.env["res.partner"].browse(ids)._check_card_take_out("printed", report.name)
        return ids

    # ------------------------------------------------------------
    # WATERMARK
    # ------------------------------------------------------------

    def _is_stamped(self):
        """:return: whether what is made is a PDF that gets the watermark"""
        return self.env.context.get("card_report_stamped") is STAMPED

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        report = self._get_report(report_ref)
        if report.report_name == EXTRACT:
            loan = self.env["customer.card.loan"].browse(res_ids)
            stamp = self._make_watermark(report, loan)
            for entry in streams.values():
                if entry["stream"]:
                    entry["stream"] = self._stamp_pages(entry["stream"], stamp)
        return streams

    def _make_watermark(self, report, loan):
        """A page with the watermark, made by the same program as the extract: it knows
        the fonts of every script.

        :return: PDF (bytes)
        """
        text = self.env["report.customer_card.card_extract"]._get_watermark(loan)
        html = self.env["ir.qweb"]._render(
            "customer_card.card_watermark", {"text": text, "rows": range(7)}
        )
        return self._run_wkhtmltopdf([str(html)], report_ref=report)

    def _stamp_pages(self, stream, stamp):
        """:param stream: PDF; read and closed
        :param stamp: PDF (bytes) whose first page goes over each page
        :return: stream of the stamped PDF
        """
        writer = PdfFileWriter()
        with stream:
            reader = PdfFileReader(stream)
            for number in range(reader.getNumPages()):
                # pypdf merges into pages of a writer only
                writer.addPage(reader.getPage(number))
                writer.getPage(number).mergePage(self._read_stamp(stamp))
            result = io.BytesIO()
            writer.write(result)
        return result

    def _read_stamp(self, stamp):
        """:return: the page to lay over others, in the mode *multiply*: wkhtmltopdf
        paints its pages white, and white would cover what is below"""
        page = PdfFileReader(io.BytesIO(stamp)).getPage(0)
        states = page["/Resources"].setdefault(
            NameObject("/ExtGState"), DictionaryObject()
        )
        states.get_object()[NameObject("/CardStamp")] = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/ExtGState"),
                NameObject("/BM"): NameObject("/Multiply"),
            }
        )
        mode = DecodedStreamObject()
        mode.set_data(b"/CardStamp gs\n")
        page[NameObject("/Contents")] = ArrayObject([mode, page["/Contents"]])
        return page
