from odoo import fields, models


class ResPartner(models.Model):
    """The visits on a card."""

    _inherit = "res.partner"

    visit_ids = fields.One2many(
        "customer.visit", "partner_id", "Visits", groups="base.group_user"
    )
