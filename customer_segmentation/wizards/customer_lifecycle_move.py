from datetime import timedelta

from odoo import api, fields, models

from ..models.customer_metrics import LIFECYCLE_STAGES


class CustomerLifecycleMove(models.TransientModel):
    """Asks why customers stand at another stage than the rules say, and for how
    long."""

    _name = "customer.lifecycle.move"
    _description = "Move to a Stage"

    metrics_ids = fields.Many2many(
        "customer.metrics",
        string="Customers",
        required=True,
    )
    names = fields.Char("Who", compute="_compute_names")
    stage = fields.Selection(LIFECYCLE_STAGES, "Move To", required=True)
    reason = fields.Char(required=True)
    valid_until = fields.Date(
        "Holds Until",
        required=True,
        default=lambda self: self._default_valid_until(),
        help="From the next day on the rules count again.",
    )

    @api.model
    def _default_valid_until(self):
        company = self.env.company
        return company._get_metrics_today() + timedelta(
            days=company.lifecycle_override_days
        )

    @api.depends("metrics_ids")
    def _compute_names(self):
        for wizard in self:
            wizard.names = wizard.metrics_ids.partner_id._get_card_names()

    def action_move(self):
        """Move them.

        :raise CardAccessError, UserError: see ``customer.lifecycle.override``
        """
        self.ensure_one()
        self.env["customer.lifecycle.override"]._set_stage(
            self.metrics_ids, self.stage, self.reason, self.valid_until
        )
        return {"type": "ir.actions.act_window_close"}
