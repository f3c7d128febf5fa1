from odoo import models


class CustomerFollowerGuardMixin(models.AbstractModel):
    """Messages on documents of a card go to followers who may read them: whoever loses
    the card no longer hears of it, even if he still follows.

    Nobody follows because he is responsible: a to-do tells him, and he may lose the
    card.
    """

    _name = "customer.follower.guard.mixin"
    _description = "Guard of Followers"

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        return []

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # sudo: whether the recipients may read is the question, not the sender
        users = self.env["res.users"].sudo()
        return [
            recipient
            for recipient in recipients
            if recipient.get("ushare")
            or not recipient.get("uid")
            or self.with_user(users.browse(recipient["uid"])).has_access("read")
        ]
