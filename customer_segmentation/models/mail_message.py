from odoo import models


class MailMessage(models.Model):
    """Accounting protects what belongs to an audit trail. It looks for it among all
    entries, with the rights of whoever changes a note of his own."""

    _inherit = "mail.message"

    def _search_account_audit_log_restricted(self, operator, value):
        # sudo: whether a message is protected does not depend on who asks. Without it
        # nobody who may not read entries could change his note on a customer
        return super(MailMessage, self.sudo())._search_account_audit_log_restricted(
            operator, value
        )
