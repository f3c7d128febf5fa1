from odoo import models


class MailComposeMessage(models.TransientModel):
    """A mass mailing goes out without a message on each card."""

    _inherit = "mail.compose.message"

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        if self.model == "res.partner":
            self.env["res.partner"].browse(res_ids)._check_card_correspondence()
        return super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)
