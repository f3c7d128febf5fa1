from odoo import models

from odoo.addons.mail.tools.discuss import Store


class MailNotification(models.Model):
    """Who a message went to is shown below it, by name and e-mail: to everybody who may
    see the message. Whoever writes to a hidden customer by his bare id would learn the
    e-mail from the answer."""

    _inherit = "mail.notification"

    def _to_store_defaults(self, target):
        """The e-mail of a recipient is for users who may read him; the name is what
        Odoo shows on every document."""
        user = target.get_user(self.env)

        def may_read(partner):
            return bool(user) and partner.with_user(user).has_access("read")

        return [
            Store.One(
                "res_partner_id",
                [
                    "name",
                    Store.Attr("email", predicate=may_read),
                    Store.Attr("display_name", predicate=lambda p: not p.name),
                ],
            )
            if isinstance(field, Store.One) and field.field_name == "res_partner_id"
            else field
            for field in super()._to_store_defaults(target)
        ]
