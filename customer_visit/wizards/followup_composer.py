from odoo import models


class MailComposeMessage(models.TransientModel):
    """An e-mail written for a step of a follow-up is the contact."""

    _inherit = "mail.compose.message"

    def _action_send_mail(self, auto_commit=False):
        result = super()._action_send_mail(auto_commit=auto_commit)
        for wizard in self.filtered(lambda one: one.model == "res.partner"):
            self.env["customer.followup.line"]._settle_written(
                self.env["res.partner"].browse(wizard._evaluate_res_ids()),
                self.env._("Email: %(subject)s", subject=wizard.subject or ""),
            )
        return result


class SmsComposer(models.TransientModel):
    """A text message written for a step of a follow-up is the contact."""

    _inherit = "sms.composer"

    def _action_send_sms(self):
        result = super()._action_send_sms()
        for wizard in self.filtered(lambda one: one.res_model == "res.partner"):
            self.env["customer.followup.line"]._settle_written(
                wizard._get_records() or self.env["res.partner"],
                self.env._("Text message: %(text)s", text=wizard.body or ""),
            )
        return result
