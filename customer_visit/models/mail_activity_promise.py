from odoo import models

from .customer_promise_settle import REMINDER


class MailActivity(models.Model):
    """Whoever finishes the to-do of a promise has kept it."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        reminder = self.env.ref(REMINDER, raise_if_not_found=False)
        promises = self.env["customer.promise"].browse(
            self.filtered(
                lambda todo: (
                    todo.res_model == "customer.promise"
                    and todo.activity_type_id == reminder
                )
            ).mapped("res_id")
        )
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        promises.filtered(lambda promise: promise.state == "open").action_keep()
        return result
