from odoo import fields, models


class CustomerVisit(models.Model):
    """What a manager remarked on a visit in his daily review."""

    _inherit = "customer.visit"

    review_line_ids = fields.One2many(
        "customer.daily.review.line",
        "visit_id",
        "Manager's Remarks",
        readonly=True,
        domain=[("remark", "!=", False)],
        help="Only the visitor and the managers of his department read them.",
    )
