from odoo import fields, models


class ResCompany(models.Model):
    """What a company decides once about lending its cards."""

    _inherit = "res.company"

    card_loan_max_days = fields.Integer(
        "Longest Loan (Days)",
        default=30,
        required=True,
        help="A card is lent for at most this many days. More time is a new decision.",
    )
    card_loan_escalation_days = fields.Integer(
        "Escalate Overdue Paper After (Days)",
        default=3,
        required=True,
        help="How many days after its due date a missing paper extract is brought to "
        "the department manager.",
    )
    card_change_custodian_decides = fields.Boolean(
        "Custodians Decide on Changes",
        default=True,
        help="The custodian of a card, and his deputy, may approve changes that others "
        "propose, as the department manager may. Otherwise he is only told.",
    )

    _card_loan_days_positive = models.Constraint(
        "CHECK (card_loan_max_days > 0 AND card_loan_escalation_days >= 0)",
        "A loan lasts at least one day, and escalation cannot come before the due date.",
    )
