from odoo import fields, models


class CustomerFollowupReason(models.TransientModel):
    """Asks why a step is skipped, or a follow-up stopped."""

    _name = "customer.followup.reason"
    _description = "Skip a Step or Stop a Follow-up"

    kind = fields.Selection(
        [("skip", "Skip the Step"), ("stop", "Stop the Follow-up")], required=True
    )
    followup_ids = fields.Many2many("customer.followup", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Skip or stop, with all checks of ``action_skip`` and ``action_stop``."""
        self.ensure_one()
        if self.kind == "skip":
            self.followup_ids.action_skip(self.reason)
        else:
            self.followup_ids.action_stop(self.reason)
        return {"type": "ir.actions.act_window_close"}
