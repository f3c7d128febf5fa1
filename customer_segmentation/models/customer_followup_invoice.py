from odoo import fields, models
from odoo.tools import SQL


def _keep_as_manual(followups):
    """Without this addon these cycles go on as if somebody had started them. By SQL: what
    a cycle says is written by its methods alone."""
    followups.env.execute_query(
        SQL(
            "UPDATE customer_followup SET origin = 'manual' WHERE id = ANY(%s)"
            " RETURNING id",
            followups.ids,
        )
    )
    followups.invalidate_recordset(["origin"])


class CustomerFollowup(models.Model):
    """A follow-up that the first invoice has started."""

    _inherit = "customer.followup"

    origin = fields.Selection(
        selection_add=[("invoice", "First Invoice")],
        ondelete={"invoice": _keep_as_manual},
    )


class CustomerFollowupTemplate(models.Model):
    """Which follow-up a first purchase starts."""

    _inherit = "customer.followup.template"

    starts_on_invoice = fields.Boolean(
        "Starts with the First Invoice",
        help="Begins by itself as soon as the first invoice of a customer is posted, "
        "unless he is or was followed up for a won opportunity already.",
    )
    invoice_max_age = fields.Integer(
        "Invoices Not Older Than (Days)",
        default=30,
        required=True,
        help="Invoices with an earlier date start nothing: they were imported, or "
        "entered late.",
    )

    _invoice_max_age_positive = models.Constraint(
        "CHECK (invoice_max_age >= 0)",
        "The age of invoices that start a follow-up cannot be negative.",
    )
