from odoo import api, models

from odoo.addons.mail.tools.discuss import Store


class ResPartner(models.Model):
    """What the chatter and the channels tell a browser about a person. They do so as
    superuser, of everybody who takes part; anybody can make a customer take part."""

    _inherit = "res.partner"

    def _to_store_defaults(self, target):
        return [
            self._get_store_email(target) if field == "email" else field
            for field in super()._to_store_defaults(target)
        ]

    @api.model
    def _get_store_email(self, target):
        """The e-mail of a customer with a card, for users who may read him. The name
        is what Odoo shows on every document.

        :param target: Store.Target, whom the data is sent to
        """
        user = target.get_user(self.env)

        def may_read(partner):
            # sudo: only whether there is a card is read
            if not partner.sudo().card_root_id:
                return True
            return bool(user) and partner.with_user(user).has_access("read")

        return Store.Attr("email", predicate=may_read)

    def _get_avatar_128_access_token(self):
        """The key to the picture of a customer with a card, likewise: with it anybody
        reads the picture past all rules."""
        user = self.env.user
        # sudo: only whether there is a card is read
        if (
            user._is_internal()
            and self.sudo().card_root_id
            and not self.with_user(user).has_access("read")
        ):
            return False
        return super()._get_avatar_128_access_token()
