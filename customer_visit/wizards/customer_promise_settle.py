from odoo import fields, models


class CustomerPromiseSettle(models.TransientModel):
    """Asks why promises are released, or not kept."""

    _name = "customer.promise.settle"
    _description = "Settle Promises"

    state = fields.Selection(
        [("released", "Release"), ("broken", "Not Kept")], required=True
    )
    promise_ids = fields.Many2many("customer.promise", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Settle, with all checks of ``action_release`` and ``action_break``."""
        self.ensure_one()
        if self.state == "released":
            self.promise_ids.action_release(self.reason)
        else:
            self.promise_ids.action_break(self.reason)
        return {"type": "ir.actions.act_window_close"}
