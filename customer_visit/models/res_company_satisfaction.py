from odoo import fields, models


class ResCompany(models.Model):
    """How often, and with which survey, a company asks whether its customers are
    satisfied."""

    _inherit = "res.company"

    satisfaction_survey_id = fields.Many2one(
        "survey.survey",
        domain=[("is_satisfaction", "=", True)],
        ondelete="set null",
        help="Empty: the one that Customer Visit brings.",
    )
    satisfaction_months = fields.Integer(
        "Ask for Satisfaction Every (Months)",
        default=6,
        required=True,
        help="A customer who has neither answered nor been asked for so many months is "
        "due. 0: nobody is ever due.",
    )

    _satisfaction_months_positive = models.Constraint(
        "CHECK (satisfaction_months >= 0)", "Give a number of months, or 0 for never."
    )
