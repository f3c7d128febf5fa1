from odoo import fields, models

from odoo.addons.customer_visit.models.customer_card_event import _keep_as_change

KINDS = [
    ("class_changed", "Class Changed"),
    ("stage_set", "Stage Set by Hand"),
    ("stage_ended", "Stage Set by Hand Ended"),
    ("key_marked", "Made a Key Customer by Hand"),
    ("key_unmarked", "Taken off the Key Customers by Hand"),
    ("key_mark_ended", "Star Set by Hand Ended"),
    ("defection_suggested", "Defection Suggested"),
    ("defection_confirmed", "Defection Confirmed"),
    ("defection_winback", "Win-Back Started"),
    ("defection_won", "Customer Won Back"),
    ("defection_returned", "Customer Came Back"),
    ("defection_lost", "Customer Lost for Good"),
    ("defection_dismissed", "No Defection"),
    ("defection_reopened", "Defection Open Again"),
]


class CustomerCardEvent(models.Model):
    """What segmentation adds to the ledger of a card's life."""

    _inherit = "customer.card.event"

    kind = fields.Selection(
        selection_add=KINDS,
        ondelete={kind: _keep_as_change for kind, _label in KINDS},
    )
