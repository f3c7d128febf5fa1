from odoo import models

from odoo.addons.mail.tools.discuss import Store


class MailNotification(models.Model):
    """Who a message went to is shown below it, by name and e-mail: to everybody who may
    see the message. Whoever writes to a hidden customer by his bare id would learn the
    e-mail from the answer."""

    _inherit = "mail.notification"

    def _to_store_defaults(self, target):
        email = self.env["res.partner"]._get_store_email(target)
        return [
            Store.One(
                "res_partner_id",
                [
                    "name",
                    email,
                    Store.Attr("display_name", predicate=lambda p: not p.name),
                ],
            )
            if isinstance(field, Store.One) and field.field_name == "res_partner_id"
            else field
            for field in super()._to_store_defaults(target)
        ]
