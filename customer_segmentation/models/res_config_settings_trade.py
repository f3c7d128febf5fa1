from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    trade_brand_attribute_id = fields.Many2one(
        related="company_id.trade_brand_attribute_id", readonly=False
    )
    route_factor = fields.Float(related="company_id.route_factor", readonly=False)
