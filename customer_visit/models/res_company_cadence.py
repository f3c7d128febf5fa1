from odoo import fields, models


class ResCompany(models.Model):
    """When a neglected customer becomes his manager's concern."""

    _inherit = "res.company"

    contact_escalation_days = fields.Integer(
        "Tell the Manager After (Days)",
        default=14,
        required=True,
        help="The manager of a card is told when its contact is overdue for more than "
        "this many days and nothing is planned soon, once for each interval. 0: never.",
    )

    _contact_escalation_days_positive = models.Constraint(
        "CHECK (contact_escalation_days >= 0)",
        "A manager is not told before a contact is overdue: the days start at 0 "
        "(never).",
    )
