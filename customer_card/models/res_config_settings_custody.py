from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    card_deputy_policy = fields.Selection(
        related="company_id.card_deputy_policy", readonly=False, required=True
    )
