from odoo import models

from ..exceptions import CardAccessError


class Base(models.AbstractModel):
    """The chatter proposes whom to answer: whoever wrote last, or was written to."""

    _inherit = "base"

    def _message_get_suggested_recipients_batch(
        self,
        reply_discussion=False,
        reply_message=None,
        no_create=True,
        primary_email=False,
        additional_partners=None,
    ):
        """Leave out customers whose cards the user may not open, rather than refuse to
        open the chatter of a document of his own."""
        find = super()._message_get_suggested_recipients_batch
        try:
            found = find(
                reply_discussion=reply_discussion,
                reply_message=reply_message,
                no_create=no_create,
                primary_email=primary_email,
                additional_partners=additional_partners,
            )
        except CardAccessError:
            self.check_access("read")
            # sudo: the documents may be read; of the recipients only those remain that
            # the user may read, and none is created
            found = super(Base, self.sudo())._message_get_suggested_recipients_batch(
                reply_discussion=reply_discussion,
                reply_message=reply_message and reply_message.sudo(),
                no_create=True,
                primary_email=primary_email,
                additional_partners=additional_partners and additional_partners.sudo(),
            )
        if self.env.su:
            return found
        # Odoo looks some of them up as superuser: the customer of a document
        partners = self.env["res.partner"].browse(
            {
                recipient["partner_id"]
                for recipients in found.values()
                for recipient in recipients
                if recipient["partner_id"]
            }
        )
        readable = set(partners._filtered_access("read").ids)
        return {
            record_id: [
                recipient
                for recipient in recipients
                if not recipient["partner_id"] or recipient["partner_id"] in readable
            ]
            for record_id, recipients in found.items()
        }
