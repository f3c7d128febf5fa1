from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    visit_position = fields.Boolean(related="company_id.visit_position", readonly=False)
    visit_position_range = fields.Integer(
        related="company_id.visit_position_range", readonly=False
    )
    visit_position_days = fields.Integer(
        related="company_id.visit_position_days", readonly=False
    )
    visit_missed_days = fields.Integer(
        related="company_id.visit_missed_days", readonly=False
    )
