from odoo import models
from odoo.fields import Domain


class MailThread(models.AbstractModel):
    """Documents are found by their followers, whom Odoo searches past all rules."""

    _inherit = "mail.thread"

    def _search_message_partner_ids(self, operator, operand):
        """Followers are looked up as the user: otherwise any contact's e-mail or phone
        could be guessed, letter by letter, by letting him follow an open document."""
        if not self.env.su and self.env.user._is_internal():
            if operator == "any":
                partners = self.env["res.partner"]._search(Domain(operand))
                operator, operand = "in", partners
            elif operator not in ("in", *Domain.NEGATIVE_OPERATORS):
                by_name = Domain("display_name", operator, operand)
                operator, operand = "in", self.env["res.partner"]._search(by_name)
        return super()._search_message_partner_ids(operator, operand)
