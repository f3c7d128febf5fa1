from odoo import models

from ..exceptions import CardAccessError


class ResPartner(models.Model):
    """The chatter of a card: whoever may see it may log a note, only its keepers and
    the back office write to the customer."""

    _inherit = "res.partner"

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if message_operation == "create" and self.env.user._is_internal():
            # sudo: only whether there is a card is read
            for partner in self.sudo().filtered("card_root_id").sudo(False):
                operations[partner] = "read"
        return operations

    def message_post(self, **kwargs):
        if not self.env.su:
            self._check_card_message(kwargs)
        return super().message_post(**kwargs)

    def _check_card_message(self, values):
        """:raise CardAccessError: when a borrower writes to the customer"""
        # sudo: whether the subtype is an internal one
        Subtype = self.env["mail.message.subtype"].sudo()
        subtype = Subtype.browse(values.get("subtype_id"))
        if values.get("subtype_xmlid"):
            subtype = self.env.ref(values["subtype_xmlid"]).sudo()
        # sudo: whether the recipients are colleagues or customers
        recipients = self.env["res.partner"].sudo().browse(values.get("partner_ids"))
        outside = recipients.filtered("partner_share") or values.get(
            "outgoing_email_to"
        )
        if outside or (subtype and not subtype.internal):
            self._check_card_correspondence()

    def _check_card_correspondence(self):
        """:raise CardAccessError: when the user writes to customers whose cards he
        sees, but does not keep"""
        user = self.env.user
        if self.env.su or not user._is_internal() or user._is_card_reader():
            return
        if foreign := self._filter_foreign_cards():
            raise CardAccessError(
                self.env._(
                    "You may log notes on a card that was lent to you. Messages to "
                    "the customer are sent by the custodian."
                ),
                foreign.ids,
            )
