from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    card_stale_days_prospect = fields.Integer(
        related="company_id.card_stale_days_prospect", readonly=False
    )
    card_stale_days_customer = fields.Integer(
        related="company_id.card_stale_days_customer", readonly=False
    )
    card_stale_days_former = fields.Integer(
        related="company_id.card_stale_days_former", readonly=False
    )
    card_review_max_lines = fields.Integer(
        related="company_id.card_review_max_lines", readonly=False
    )
    card_review_sample_size = fields.Integer(
        related="company_id.card_review_sample_size", readonly=False
    )
    card_review_remark_days = fields.Integer(
        related="company_id.card_review_remark_days", readonly=False
    )
    card_score_weight_completeness = fields.Integer(
        related="company_id.card_score_weight_completeness", readonly=False
    )
    card_score_weight_freshness = fields.Integer(
        related="company_id.card_score_weight_freshness", readonly=False
    )
    card_score_weight_rating = fields.Integer(
        related="company_id.card_score_weight_rating", readonly=False
    )
