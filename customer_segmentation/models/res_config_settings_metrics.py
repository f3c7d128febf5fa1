from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    metrics_months = fields.Integer(related="company_id.metrics_months", readonly=False)
    metrics_basis = fields.Selection(related="company_id.metrics_basis", readonly=False)
