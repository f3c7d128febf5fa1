from odoo import fields, models


class CustomerSigningPaper(models.Model):
    """A paper that is needed at the signing: who brings it, and whether it is there."""

    _name = "customer.signing.paper"
    _description = "Paper for a Signing"
    _order = "is_ready, sequence, id"
    # whom a refusal must not name
    _card_customer_field = "lead_id.partner_id"

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Paper", required=True)
    brought_by = fields.Selection(
        [("customer", "The Customer"), ("us", "Us")],
        default="customer",
        required=True,
    )
    is_ready = fields.Boolean("Ready")
    note = fields.Char()
