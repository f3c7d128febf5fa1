from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    visit_day_capacity = fields.Integer(
        related="company_id.visit_day_capacity", readonly=False
    )
    visit_plan_block = fields.Boolean(
        related="company_id.visit_plan_block", readonly=False
    )
    visit_report_escalation_days = fields.Integer(
        related="company_id.visit_report_escalation_days", readonly=False
    )
    visit_plan_prepare_day = fields.Selection(
        related="company_id.visit_plan_prepare_day", readonly=False
    )
