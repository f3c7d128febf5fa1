from odoo import fields, models


class ResCompany(models.Model):
    """What a company decides once about visits."""

    _inherit = "res.company"

    visit_position = fields.Boolean(
        "Position at Check-in",
        help="Ask the visitor's device where it is when he checks in and out. Each "
        "user can switch it off for himself.",
    )
    visit_position_range = fields.Integer(
        "At the Customer Within (m)",
        default=250,
        required=True,
        help="A check-in farther away than this many metres, and the accuracy of the "
        "device, is recorded as away from the customer. It is never refused.",
    )
    visit_position_days = fields.Integer(
        "Keep Positions (Days)",
        default=90,
        required=True,
        help="After this many days the coordinates are erased. 0: never.",
    )
    visit_missed_days = fields.Integer(
        "Missed After (Days)",
        default=1,
        required=True,
        help="A planned visit that nobody made is missed this many days after its "
        "day; until then it can still be reported or put off.",
    )

    _visit_days_positive = models.Constraint(
        "CHECK (visit_position_range >= 0 AND visit_position_days >= 0 "
        "AND visit_missed_days >= 0)",
        "The days and metres of visits cannot be negative.",
    )
