from odoo import fields, models


class CustomerDefectionClose(models.TransientModel):
    """Asks why a customer is given up, or has not left at all."""

    _name = "customer.defection.close"
    _description = "Close Defections"

    state = fields.Selection(
        [("lost", "Lost for Good"), ("dismissed", "No Defection")], required=True
    )
    defection_ids = fields.Many2many("customer.defection", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Close, with all checks of ``action_lost`` and ``action_dismiss``."""
        self.ensure_one()
        if self.state == "lost":
            self.defection_ids.action_lost(self.reason)
        else:
            self.defection_ids.action_dismiss(self.reason)
        return {"type": "ir.actions.act_window_close"}
