from odoo import fields, models

from odoo.addons.customer_visit.models.customer_card_event import _keep_as_change

KINDS = [("class_changed", "Class Changed")]


class CustomerCardEvent(models.Model):
    """What segmentation adds to the ledger of a card's life."""

    _inherit = "customer.card.event"

    kind = fields.Selection(
        selection_add=KINDS,
        ondelete={kind: _keep_as_change for kind, _label in KINDS},
    )
