from odoo import fields, models


class CustomerVisit(models.Model):
    """The competitors that a visitor saw."""

    _inherit = "customer.visit"

    competitor_ids = fields.One2many(
        "customer.visit.competitor",
        "visit_id",
        "Competitors Seen",
        copy=False,
        help="With the report, they go onto the card.",
    )

    def _after_reported(self):
        result = super()._after_reported()
        self.competitor_ids._put_on_cards()
        return result
