from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    metrics_months = fields.Integer(related="company_id.metrics_months", readonly=False)
    metrics_basis = fields.Selection(related="company_id.metrics_basis", readonly=False)
    metrics_as_of = fields.Date(related="company_id.metrics_as_of")
    metrics_computed_at = fields.Datetime(related="company_id.metrics_computed_at")

    def action_refresh_metrics(self):
        """Compute all customers of the company anew.

        :raise AccessError: unless the user administers the cards
        """
        Metrics = self.env["customer.metrics"].with_company(self.company_id)
        return Metrics.action_refresh_company()
