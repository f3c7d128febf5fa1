from odoo import fields, models


class CustomerVisitTripLine(models.TransientModel):
    """A customer of a trip."""

    _name = "customer.visit.trip.line"
    _description = "Customer of a Trip"
    _inherit = ["customer.link.guard.mixin"]
    _order = "sequence, id"

    trip_id = fields.Many2one(
        "customer.visit.trip", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        ondelete="cascade",
        domain=[("card_state", "not in", [False, "closed"])],
    )
    city = fields.Char(related="partner_id.city", related_sudo=False)
