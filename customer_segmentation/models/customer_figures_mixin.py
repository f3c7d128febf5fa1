from odoo import models


class CustomerFiguresMixin(models.AbstractModel):
    """What is worked out about a customer leaves the system as his card does, and who
    reads it on loan is recorded. ``partner_id`` is the card itself, or a customer
    without one."""

    _name = "customer.figures.mixin"
    _description = "Guard of Figures About Customers"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]

    # whom a refusal must not name
    _card_customer_field = "partner_id"
    _card_log_field = "partner_id"
    _card_gate_path = "partner_id"
    # the field of the customer for which an export is asked and approved
    _card_gate_names = frozenset({"metrics_ids"})
