from odoo import fields, models


class ResPartner(models.Model):
    """Defections, and what to offer next, on the card."""

    _inherit = "res.partner"

    defection_ids = fields.One2many(
        "customer.defection", "partner_id", "Defections", groups="base.group_user"
    )
    next_sale_ids = fields.One2many(
        "customer.next.sale",
        "partner_id",
        "Products to Offer",
        domain=[("state", "!=", "dismissed")],
        groups="base.group_user",
    )
