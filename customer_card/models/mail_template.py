from odoo import models


class MailTemplate(models.Model):
    """A template is sent to a customer without a message on his card."""

    _inherit = "mail.template"

    def _send_check_access(self, res_ids):
        if self.model == "res.partner":
            self.env["res.partner"].browse(res_ids)._check_card_correspondence()
        return super()._send_check_access(res_ids)
