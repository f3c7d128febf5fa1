from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    contact_escalation_days = fields.Integer(
        related="company_id.contact_escalation_days", readonly=False
    )
