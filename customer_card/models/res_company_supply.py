from odoo import fields, models


class ResCompany(models.Model):
    """What a company decides once about supply contracts and needs."""

    _inherit = "res.company"

    card_contract_reminder_days = fields.Integer(
        "Remind Before the End of a Contract (Days)",
        default=30,
        required=True,
        help="For new supply contracts. 0: no reminder.",
    )
    card_need_lead_days = fields.Integer(
        "Order Before (Days)",
        default=0,
        required=True,
        help="For new entries: how many days before its stock is used up a customer "
        "has to order.",
    )
    card_need_soon_days = fields.Integer(
        "Needs Are Soon Within (Days)",
        default=14,
        required=True,
        help="A need that has to be ordered within this many days shows as soon.",
    )
    card_need_followup = fields.Boolean(
        "Schedule Follow-ups of Needs",
        help="Every day, the custodian gets a to-do for each need that has become due.",
    )

    _card_supply_days_positive = models.Constraint(
        "CHECK (card_contract_reminder_days >= 0 AND card_need_lead_days >= 0 "
        "AND card_need_soon_days >= 0)",
        "The days of contracts and needs cannot be negative.",
    )
