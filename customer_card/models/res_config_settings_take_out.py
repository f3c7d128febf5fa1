from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    card_print_limit = fields.Integer(
        related="company_id.card_print_limit", readonly=False
    )
    card_export_needs_approval = fields.Boolean(
        related="company_id.card_export_needs_approval", readonly=False
    )
    card_export_limit = fields.Integer(
        related="company_id.card_export_limit", readonly=False
    )
