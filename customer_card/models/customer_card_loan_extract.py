from odoo import fields, models


class CustomerCardLoan(models.Model):
    """The paper extract of a loan: what is on it, and how often it is printed."""

    _inherit = "customer.card.loan"

    section_ids = fields.Many2many(
        "customer.card.section",
        "customer_card_loan_section_rel",
        "loan_id",
        "section_id",
        "Sections",
        default=lambda self: self.env["customer.card.section"]._get_default_lent(),
        domain=[("may_be_lent", "=", True)],
        help="What of the cards the paper extract shows. The manager may take sections "
        "away before he lends.",
    )
