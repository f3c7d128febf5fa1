from odoo import models
from odoo.tools import SQL, format_list

# of documents that go on: what a successor has to see through
OPEN_ORDER_SQL = {
    "quotation": SQL("document.state IN ('draft', 'sent')"),
    "order": SQL(
        "document.state = 'sale' AND document.invoice_status IN ('no', 'to invoice')"
    ),
}
UNPAID_SQL = SQL(
    "document.move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    " AND document.state = 'posted'"
    " AND document.payment_state IN ('not_paid', 'partial')"
)
# documents about customers that have followers, messages and to-dos
TRADE_MODELS = ("sale.order", "account.move")


class ResPartner(models.Model):
    """What is open with a customer: quotations, orders that are not invoiced yet, and
    invoices that are not paid."""

    _inherit = "res.partner"

    def _get_card_open_queries(self, user):
        labels = {
            "quotation": self.env._("Open Quotations"),
            "order": self.env._("Orders to Invoice"),
        }
        return [
            *super()._get_card_open_queries(user),
            *(
                (
                    kind,
                    labels[kind],
                    self._get_document_query(
                        "sale_order", "amount_total", "user_id", condition, user
                    ),
                )
                for kind, condition in OPEN_ORDER_SQL.items()
            ),
            (
                "invoice",
                self.env._("Unpaid Invoices"),
                self._get_document_query(
                    "account_move",
                    # positive for what the customer owes
                    "amount_residual",
                    "invoice_user_id",
                    UNPAID_SQL,
                    user,
                    sign=SQL(
                        "CASE WHEN document.move_type = 'out_refund' THEN -1 ELSE 1 END"
                    ),
                ),
            ),
        ]

    def _get_document_query(
        self, table, amount, salesperson, condition, user, sign=None
    ):
        """:return: SQL with a row for each card and currency of these documents, see
        ``_get_card_open_queries``"""
        return SQL(
            """
            SELECT partner.card_root_id, COUNT(*), SUM(%(amount)s * %(sign)s),
                   document.currency_id
              FROM %(table)s document
              JOIN res_partner partner ON partner.id = document.partner_id
             WHERE partner.card_root_id = ANY(%(ids)s)
               AND %(condition)s
               AND %(his)s
          GROUP BY partner.card_root_id, document.currency_id
            """,
            table=SQL.identifier(table),
            amount=SQL.identifier("document", amount),
            sign=sign or SQL("1"),
            ids=self.ids,
            condition=condition,
            his=SQL("%s = %s", SQL.identifier("document", salesperson), user.id)
            if user
            else SQL("TRUE"),
        )

    # ------------------------------------------------------------
    # LIFE OF THE CARD
    # ------------------------------------------------------------

    def action_card_close(self):
        """Whoever closes cards is told what is still open with these customers: closing
        neither cancels nor writes off anything."""
        result = super().action_card_close()
        # sudo: the manager of a card may know what is open on it
        items = [
            item
            for item in self.sudo()._get_card_open_items()
            if item["kind"] in ("quotation", "order", "invoice")
        ]
        if items:
            cards = self.browse({item["card_id"] for item in items})
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "sticky": True,
                    "title": self.env._("Closed with open business"),
                    "message": self.env._(
                        "%(cards)s: %(items)s. Cancel or settle what is open.",
                        cards=format_list(self.env, cards.mapped("name")),
                        items=self._format_card_open_items(items),
                    ),
                },
            )
        return result

    def _release_card_borrower(self, borrower):
        """Whoever no longer sees these cards follows their orders and invoices no more,
        and his to-dos on them go to the custodian, or end where there is none."""
        result = super()._release_card_borrower(borrower)
        if self:
            for name in TRADE_MODELS:
                self._release_documents(name, borrower)
        return result

    def _release_documents(self, model_name, user):
        """Take a user off the documents of these cards, by a statement for each thing."""
        for name in (
            "mail.followers",
            "mail.activity",
            "mail.message",
            "mail.notification",
        ):
            self.env[name].flush_model()
        documents = SQL(
            """
            SELECT document.id, partner.card_custodian_id
              FROM %s document
              JOIN res_partner partner ON partner.id = document.partner_id
             WHERE partner.card_root_id = ANY(%s)
            """,
            SQL.identifier(self.env[model_name]._table),
            self.ids,
        )
        his = {
            "documents": documents,
            "model": model_name,
            "user_id": user.id,
            "partner_id": user.partner_id.id,
        }
        for statement in RELEASE_STATEMENTS:
            self.env.cr.execute(SQL(statement, **his))
        for name in (
            "mail.followers",
            "mail.activity",
            "mail.message",
            "mail.notification",
        ):
            self.env[name].invalidate_model()
        self.env[model_name].invalidate_model(
            ["message_follower_ids", "message_ids", "activity_ids"]
        )


RELEASE_STATEMENTS = (
    """
    DELETE FROM mail_followers follower
     USING (%(documents)s) document
     WHERE follower.res_model = %(model)s
       AND follower.res_id = document.id
       AND follower.partner_id = %(partner_id)s
    """,
    # a recipient reads a message whatever his rights on the document
    """
    DELETE FROM mail_notification notification
     USING mail_message message, (%(documents)s) document
     WHERE message.id = notification.mail_message_id
       AND message.model = %(model)s
       AND message.res_id = document.id
       AND notification.res_partner_id = %(partner_id)s
    """,
    """
    DELETE FROM mail_message_res_partner_rel recipient
     USING mail_message message, (%(documents)s) document
     WHERE message.id = recipient.mail_message_id
       AND message.model = %(model)s
       AND message.res_id = document.id
       AND recipient.res_partner_id = %(partner_id)s
    """,
    """
    DELETE FROM mail_activity activity
     USING (%(documents)s) document
     WHERE activity.res_model = %(model)s
       AND activity.res_id = document.id
       AND activity.active
       AND activity.user_id = %(user_id)s
       AND document.card_custodian_id IS NULL
    """,
    """
    UPDATE mail_activity activity
       SET user_id = document.card_custodian_id
      FROM (%(documents)s) document
     WHERE activity.res_model = %(model)s
       AND activity.res_id = document.id
       AND activity.active
       AND activity.user_id = %(user_id)s
    """,
)
