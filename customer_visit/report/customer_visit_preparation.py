from odoo import api, models
from odoo.exceptions import UserError

# sheets of one print
MOST_VISITS = 60


class VisitPreparation(models.AbstractModel):
    """The print of preparation sheets. What is on them is part of the cards: who may
    not take those out on paper does not print their sheets either."""

    _name = "report.customer_visit.preparation"
    _description = "Print of Preparation Sheets"

    @api.model
    def _get_report_values(self, docids, data=None):
        """:raise AccessError: when the user may not read a visit
        :raise CardAccessError: when he may not print the card of one"""
        Print = self.env["report.customer_card.card_print"]
        Print._check_internal_user()
        visits = self.env["customer.visit"].browse(Print._parse_ids(docids)).exists()
        if not visits:
            raise UserError(self.env._("Choose visits, then print what to read."))
        if len(visits) > MOST_VISITS:
            raise UserError(
                self.env._(
                    "%(count)s sheets are too many for one print. Choose at most "
                    "%(most)s visits.",
                    count=len(visits),
                    most=MOST_VISITS,
                )
            )
        visits.check_access("read")
        # sudo: only which cards they are is read; the gate checks the user
        cards = self.env["res.partner"].browse(visits.sudo().partner_id.ids)
        cards._check_card_take_out(
            "printed", description=self.env._("Preparation of a visit")
        )
        lang = self.env.user.lang
        visits = visits.with_context(lang=lang).sorted(
            lambda visit: (visit.visit_date or visit.create_date.date(), visit.id)
        )
        return {
            "doc_ids": visits.ids,
            "doc_model": visits._name,
            "docs": visits,
            "sheets": visits._get_preparation_sheets(),
            "card_company": self.env.company.sudo(),
            "print_lang": lang,
            "print_line": Print.with_context(lang=lang)._get_print_line(),
        }
