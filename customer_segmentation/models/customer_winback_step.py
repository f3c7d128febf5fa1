from odoo import fields, models

from .customer_defection import KINDS
from .customer_defection_step import STEP_METHODS


class CustomerWinbackStep(models.Model):
    """A step that a win-back plan proposes for one kind of defection, or for all."""

    _name = "customer.winback.step"
    _description = "Usual Step to Win Back"
    _order = "kind, days, sequence, id"

    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, "Why He Left", help="Empty: whatever the reason.")
    name = fields.Char("What", required=True, translate=True)
    method = fields.Selection(STEP_METHODS, "How", default="visit", required=True)
    days = fields.Integer(
        "After (Days)", default=7, required=True, help="From the start of the plan."
    )

    _days_positive = models.Constraint(
        "CHECK (days >= 0)", "A step comes after the start of the plan."
    )
