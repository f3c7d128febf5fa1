from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

# reports of one print
MOST_VISITS = 60
FACTS = ("purpose_id", "contact_ids", "place", "date_start", "date_end", "lead_id")
LISTENING = (
    "result",
    "mood",
    "customer_said",
    "restated",
    "confirmation",
    "feelings",
    "agreed_points",
    "open_points",
    "needs",
    "purchase_intention",
)
NEXT = ("next_step", "next_date", "next_none_reason")


class VisitPrint(models.AbstractModel):
    """The print of visit reports. They are part of the cards: who may not take those
    out on paper does not print their reports either."""

    _name = "report.customer_visit.visit_print"
    _description = "Print of Visit Reports"
    _inherit = ["report.customer_card.card_print"]

    @api.model
    def _get_report_values(self, docids, data=None):
        """Check the user and enter the print in the ledger: whatever the format, this
        is the only way to the data.

        :raise AccessError: when the user may not read a visit
        :raise CardAccessError: when he may not print the card of one
        """
        self._check_internal_user()
        visits = self.env["customer.visit"].browse(self._parse_ids(docids)).exists()
        if not visits or len(visits) > MOST_VISITS:
            raise UserError(
                self.env._(
                    "Choose the visits to print, at most %(most)s of them.",
                    most=MOST_VISITS,
                )
            )
        visits.check_access("read")
        # sudo: only which cards they are is read; the gate checks the user
        cards = self.env["res.partner"].browse(visits.sudo().partner_id.ids)
        cards._check_card_take_out("printed", description=self.env._("Visit report"))
        lang = self.env.user.lang
        report = self.with_context(lang=lang, bin_size=False)
        visits = visits.with_context(lang=lang, bin_size=False).sorted("visit_date")
        return {
            "doc_ids": visits.ids,
            "doc_model": visits._name,
            "docs": visits,
            "facts": {visit.id: report._get_rows(visit, FACTS) for visit in visits},
            "listening": {
                visit.id: report._get_rows(visit, LISTENING) for visit in visits
            },
            "answers": {
                visit.id: [
                    (answer.question, answer.value)
                    for answer in visit.answer_ids
                    if answer.is_answered
                ]
                for visit in visits
            },
            "competitors": {
                visit.id: [
                    report._describe_competitor(line) for line in visit.competitor_ids
                ]
                for visit in visits
            },
            "next_steps": {visit.id: report._get_rows(visit, NEXT) for visit in visits},
            "texts": {
                visit.id: False if is_html_empty(visit.report) else visit.report
                for visit in visits
            },
            "card_company": self.env.company.sudo(),
            "print_lang": lang,
            "print_line": report._get_print_line(),
        }

    def _describe_competitor(self, line):
        return ", ".join(
            filter(
                None,
                (
                    line.brand,
                    line.product_id.sudo().display_name,
                    self._format_value(line, "price"),
                    self._format_value(line, "attitude"),
                    line.note,
                ),
            )
        )
