from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    card_contract_reminder_days = fields.Integer(
        related="company_id.card_contract_reminder_days", readonly=False
    )
    card_need_lead_days = fields.Integer(
        related="company_id.card_need_lead_days", readonly=False
    )
    card_need_soon_days = fields.Integer(
        related="company_id.card_need_soon_days", readonly=False
    )
    card_need_followup = fields.Boolean(
        related="company_id.card_need_followup", readonly=False
    )
