from odoo import fields, models


class CustomerVisitReason(models.TransientModel):
    """Asks what a button of a visit needs to know: why it is cancelled or sent back, or
    when it takes place instead."""

    _name = "customer.visit.reason"
    _description = "Ask About a Visit"

    kind = fields.Selection(
        [
            ("cancel", "Cancel"),
            ("send_back", "Send Back"),
            ("reschedule", "Plan for Another Time"),
        ],
        required=True,
    )
    visit_ids = fields.Many2many("customer.visit", string="Visits", required=True)
    reason = fields.Char()
    date = fields.Datetime("New Time")

    def action_confirm(self):
        """Do it, with all the checks of the visit's own method."""
        self.ensure_one()
        if self.kind == "reschedule":
            self.visit_ids.action_reschedule(self.date)
            return {"type": "ir.actions.act_window_close"}
        return getattr(self.visit_ids, f"action_{self.kind}")(self.reason)
