from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

REPORT_FIELDS = {
    "result",
    "report",
    "customer_said",
    "restated",
    "confirmation",
    "mood",
    "feelings",
    "agreed_points",
    "open_points",
    "needs",
    "purchase_intention",
    "competitor_ids",
    "photo_ids",
    "signature",
    "signed_by",
    "next_step",
    "next_date",
    "next_method",
    "next_none_reason",
}


class CustomerVisit(models.Model):
    """The report of a visit (K01): what the customer said, restated for him and
    confirmed, how he felt, what was agreed before what was disputed."""

    _inherit = "customer.visit"

    result = fields.Selection(
        [
            ("achieved", "Objectives Achieved"),
            ("partly", "Partly Achieved"),
            ("not_achieved", "Not Achieved"),
            ("not_met", "Nobody Met"),
        ],
        copy=False,
        tracking=True,
    )
    report = fields.Html(
        copy=False,
        help="How it went, in your own words.",
    )
    # listening
    customer_said = fields.Text(
        "What the Customer Said",
        copy=False,
        help="In his words, not in yours.",
    )
    restated = fields.Text(
        copy=False,
        help="Your summary, as you said it to the customer: Is this what you meant?",
    )
    confirmation = fields.Selection(
        [
            ("confirmed", "Yes, He Confirmed It"),
            ("corrected", "He Corrected It"),
            ("not_asked", "I Did Not Ask"),
        ],
        "Is This What You Meant?",
        copy=False,
        help="Whether the customer confirmed your summary.",
    )
    mood = fields.Selection(
        [
            ("5", "Delighted"),
            ("4", "Content"),
            ("3", "Neutral"),
            ("2", "Reserved"),
            ("1", "Upset"),
        ],
        "He Felt",
        copy=False,
    )
    feelings = fields.Char(
        copy=False, help="What moved him: what he was glad, worried or angry about."
    )
    # points
    agreed_points = fields.Text(copy=False, help="First what you agree on.")
    open_points = fields.Text(
        copy=False, help="Then what is disputed, or still to be settled."
    )
    needs = fields.Text(copy=False, help="What he needs, or will need.")
    purchase_intention = fields.Selection(
        [
            ("none", "None"),
            ("possible", "Some Day"),
            ("interested", "Interested"),
            ("probable", "Probable"),
            ("decided", "Decided"),
        ],
        copy=False,
        tracking=True,
        help="How likely he is to buy.",
    )
    # proof
    photo_ids = fields.Many2many(
        "ir.attachment",
        "customer_visit_photo_rel",
        "visit_id",
        "attachment_id",
        "Photos",
        copy=False,
        help="Pictures and papers. Whoever may read the visit may read them.",
    )
    signature = fields.Image(max_width=1024, max_height=512, copy=False)
    signed_by = fields.Char(copy=False, help="Who signed for the customer.")
    signed_date = fields.Datetime("Signed On", readonly=True, copy=False)
    ask_photo = fields.Boolean(related="purpose_id.ask_photo")
    ask_signature = fields.Boolean(related="purpose_id.ask_signature")

    @api.model
    def _get_report_fields(self):
        """:return: names of the fields that only the visitor, or a manager of the card,
        writes. Hook: add your own."""
        return REPORT_FIELDS

    # ------------------------------------------------------------
    # WHAT IS MISSING
    # ------------------------------------------------------------

    def _check_report_complete(self):
        """:raise UserError: naming each visit whose report is not complete, and what
        it lacks"""
        texts = [
            self.env._(
                "%(visit)s: the report still needs %(missing)s.",
                visit=visit._get_visit_names(),
                missing=", ".join(missing),
            )
            for visit in self
            if (missing := visit._get_missing_report())
        ]
        if texts:
            raise UserError("\n".join(texts))

    def _get_missing_report(self):
        """What a complete report still lacks. Hook: extend the list.

        :return: list of translated labels
        """
        self.ensure_one()
        missing = []
        if not self.result:
            missing.append(self._get_label("result"))
        if self.result != "not_met":
            missing += self._get_missing_listening()
            missing += self._get_missing_proof()
            missing += self._get_missing_answers()
        missing += self._get_missing_next_step()
        return missing

    def _get_missing_listening(self):
        missing = []
        if self.purpose_id.ask_listening:
            if not self.customer_said:
                missing.append(self._get_label("customer_said"))
            if not self.confirmation:
                missing.append(self._get_label("confirmation"))
            elif self.confirmation != "not_asked" and not self.restated:
                missing.append(self._get_label("restated"))
        elif is_html_empty(self.report) and not self.customer_said:
            missing.append(self._get_label("report"))
        return missing

    def _get_missing_proof(self):
        missing = []
        if self.purpose_id.ask_photo and not self.photo_ids:
            missing.append(self._get_label("photo_ids"))
        if self.purpose_id.ask_signature and not self.signature:
            missing.append(self._get_label("signature"))
        return missing

    def _get_label(self, name):
        return self._fields[name]._description_string(self.env)
