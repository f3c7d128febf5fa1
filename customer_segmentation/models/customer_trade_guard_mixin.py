from odoo import api, models


class CustomerLinkGuardMixin(models.AbstractModel):
    """Orders, invoices and payments tell about their customers what cards tell."""

    _inherit = "customer.link.guard.mixin"

    _guarded_document_models = frozenset(
        {
            "account.move",
            "account.payment",
            "crm.lead",
            "customer.visit",
            "payment.transaction",
            "sale.order",
        }
    )


class CustomerTradeGuardMixin(models.AbstractModel):
    """The link guard for documents of trade, and for the assistants that work on them:
    these show what they were opened for before anything is saved.

    Accounting and back office see every card: for them nothing is looked up.
    """

    _name = "customer.trade.guard.mixin"
    _description = "Guard of Documents of Trade"
    _inherit = "customer.link.guard.mixin"

    def _check_partner_links(self, vals_list):  # pylint: disable=missing-return
        if not self._is_free_to_link():
            super()._check_partner_links(vals_list)

    @api.model
    def _get_default_links(self, vals_list):
        return {} if self._is_free_to_link() else super()._get_default_links(vals_list)

    @api.model
    def _is_free_to_link(self):
        """:return: whether no card is hidden from the user"""
        return self.env.su or self.env.user._card_read_domain().is_true()

    @api.model
    def _get_guarded_document_fields(self):
        return [
            *super()._get_guarded_document_fields(),
            *(
                name
                for name, field in self._fields.items()
                if field.comodel_name in self._guarded_document_models
                and field.type == "many2many"
                and field.store
            ),
        ]


class CustomerTradeDocumentMixin(models.AbstractModel):
    """Documents of trade with a discussion: whoever may not open the customer's card
    hears nothing of what is said on them, even if he still follows. Stands before the
    thread: it filters what that returns."""

    _name = "customer.trade.document.mixin"
    _description = "Guard of Documents of Trade and What Is Said on Them"
    _inherit = "customer.trade.guard.mixin"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # sudo: whether there is a card, and whether the recipients see it, not the
        # sender
        customers = self.sudo().partner_id.filtered("card_root_id")
        if not customers:
            return recipients
        users = self.env["res.users"].sudo()
        return [
            recipient
            for recipient in recipients
            if recipient.get("ushare")
            or not recipient.get("uid")
            or customers.with_user(users.browse(recipient["uid"])).has_access("read")
        ]
