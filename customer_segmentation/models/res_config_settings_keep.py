from odoo import api, fields, models

from ..tools import prediction


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    risk_window_days = fields.Integer(
        related="company_id.risk_window_days", readonly=False
    )
    risk_factor = fields.Float(related="company_id.risk_factor", readonly=False)
    risk_first_days = fields.Integer(
        related="company_id.risk_first_days", readonly=False
    )
    risk_high_factor = fields.Float(
        related="company_id.risk_high_factor", readonly=False
    )
    risk_lost_factor = fields.Float(
        related="company_id.risk_lost_factor", readonly=False
    )
    defection_detect = fields.Selection(
        related="company_id.defection_detect", readonly=False
    )
    defection_min_amount = fields.Monetary(
        related="company_id.defection_min_amount",
        readonly=False,
        currency_field="company_currency_id",
    )
    defection_most_open = fields.Integer(
        related="company_id.defection_most_open", readonly=False
    )
    prediction_min_customers = fields.Integer(
        related="company_id.prediction_min_customers", readonly=False
    )
    affinity_min_customers = fields.Integer(
        related="company_id.affinity_min_customers", readonly=False
    )
    affinity_min_lift = fields.Float(
        related="company_id.affinity_min_lift", readonly=False
    )
    prediction_is_possible = fields.Boolean(compute="_compute_prediction_is_possible")

    @api.depends("company_id")
    def _compute_prediction_is_possible(self):
        """Whether the optional Python package SciPy is installed on the server."""
        self.prediction_is_possible = prediction.is_available()
