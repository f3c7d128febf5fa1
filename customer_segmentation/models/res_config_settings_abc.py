from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    abc_limit_a = fields.Float(related="company_id.abc_limit_a", readonly=False)
    abc_limit_b = fields.Float(related="company_id.abc_limit_b", readonly=False)
    abc_downgrade_runs = fields.Integer(
        related="company_id.abc_downgrade_runs", readonly=False
    )
    abc_scope = fields.Selection(related="company_id.abc_scope", readonly=False)
