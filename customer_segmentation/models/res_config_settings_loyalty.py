from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    loyalty_repeat_target = fields.Integer(
        related="company_id.loyalty_repeat_target", readonly=False
    )
    loyalty_patronage_limit = fields.Float(
        related="company_id.loyalty_patronage_limit", readonly=False
    )
    loyalty_attitude_limit = fields.Float(
        related="company_id.loyalty_attitude_limit", readonly=False
    )
    loyalty_min_measures = fields.Integer(
        related="company_id.loyalty_min_measures", readonly=False
    )
    loyalty_decision_fast = fields.Float(
        related="company_id.loyalty_decision_fast", readonly=False
    )
    loyalty_decision_slow = fields.Float(
        related="company_id.loyalty_decision_slow", readonly=False
    )
    loyalty_discount_limit = fields.Float(
        related="company_id.loyalty_discount_limit", readonly=False
    )
    loyalty_incident_days = fields.Integer(
        related="company_id.loyalty_incident_days", readonly=False
    )
    loyalty_weight_decision = fields.Integer(
        related="company_id.loyalty_weight_decision", readonly=False
    )
    loyalty_weight_price = fields.Integer(
        related="company_id.loyalty_weight_price", readonly=False
    )
    loyalty_weight_competitor = fields.Integer(
        related="company_id.loyalty_weight_competitor", readonly=False
    )
    loyalty_weight_incident = fields.Integer(
        related="company_id.loyalty_weight_incident", readonly=False
    )
    adopter_months = fields.Integer(related="company_id.adopter_months", readonly=False)
    adopter_share = fields.Float(related="company_id.adopter_share", readonly=False)
    adopter_days = fields.Integer(related="company_id.adopter_days", readonly=False)
    adopter_min_buyers = fields.Integer(
        related="company_id.adopter_min_buyers", readonly=False
    )
    adopter_min_products = fields.Integer(
        related="company_id.adopter_min_products", readonly=False
    )
    lifecycle_override_days = fields.Integer(
        related="company_id.lifecycle_override_days", readonly=False
    )
