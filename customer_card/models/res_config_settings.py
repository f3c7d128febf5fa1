from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    card_loan_max_days = fields.Integer(
        related="company_id.card_loan_max_days", readonly=False
    )
    card_loan_escalation_days = fields.Integer(
        related="company_id.card_loan_escalation_days", readonly=False
    )
    card_change_custodian_decides = fields.Boolean(
        related="company_id.card_change_custodian_decides", readonly=False
    )
