from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    card_duplicate_policy = fields.Selection(
        related="company_id.card_duplicate_policy", readonly=False, required=True
    )
