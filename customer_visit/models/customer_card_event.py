from odoo import fields, models
from odoo.tools import SQL

KINDS = [
    ("visit_reported", "Visit Reported"),
    ("visit_reviewed", "Visit Reviewed"),
    ("visit_cancelled", "Visit Cancelled"),
    ("contact_overdue", "Manager Told of Overdue Contact"),
    ("followup_started", "Follow-up Started"),
    ("followup_skipped", "Follow-up Step Skipped"),
    ("followup_done", "Follow-up Done"),
    ("followup_stopped", "Follow-up Stopped"),
    ("promise_made", "Promise Made"),
    ("promise_kept", "Promise Kept"),
    ("promise_released", "Promise Released"),
    ("promise_broken", "Promise Not Kept"),
    ("promise_reopened", "Promise Open Again"),
    ("satisfaction_asked", "Asked for Satisfaction"),
    ("satisfaction_answered", "Satisfaction Answered"),
    ("introduction_asked", "Asked for an Introduction"),
    ("introduction_made", "Introduced Somebody"),
]


def _keep_as_change(entries):
    """Without this addon its entries are plain changes: the ledger loses none. By SQL,
    because nobody writes an entry through the ORM."""
    entries.env.execute_query(
        SQL(
            "UPDATE customer_card_event SET kind = 'changed' WHERE id = ANY(%s)"
            " RETURNING id",
            entries.ids,
        )
    )
    entries.invalidate_recordset(["kind"])


class CustomerCardEvent(models.Model):
    """What visits add to the ledger of a card's life."""

    _inherit = "customer.card.event"

    kind = fields.Selection(
        selection_add=KINDS,
        ondelete={kind: _keep_as_change for kind, _label in KINDS},
    )
