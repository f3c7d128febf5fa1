from odoo import fields, models


class ResCompany(models.Model):
    """What a company decides once about what leaves the archive."""

    _inherit = "res.company"

    card_print_limit = fields.Integer(
        "Copies of a Paper Extract",
        default=1,
        required=True,
        help="How often a borrower may print the extract of a paper loan. Whoever "
        "decides on the loan can allow more.",
    )
    card_export_needs_approval = fields.Boolean(
        "Approve Exports",
        help="Keepers export their own cards only after a manager has approved the "
        "request. Otherwise they export as they like; others never do.",
    )
    card_export_limit = fields.Integer(
        "Exports per Approval",
        default=1,
        required=True,
        help="How often the data of an approved request may be exported while it is "
        "valid. Whoever decides can allow more.",
    )

    _card_take_out_limits_positive = models.Constraint(
        "CHECK (card_print_limit >= 1 AND card_export_limit >= 1)",
        "An approval is for at least one copy and one export.",
    )
