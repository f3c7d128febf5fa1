from odoo import models
from odoo.tools import SQL

from .res_partner_trade_open import OPEN_ORDER_SQL

# who sold what is paid stays in the figures of what he sold
OPEN_INVOICE_SQL = SQL(
    "document.move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    " AND (document.state = 'draft' OR (document.state = 'posted'"
    " AND document.payment_state IN ('not_paid', 'partial')))"
)


class CustomerCardHandover(models.Model):
    """Open business follows the card: the former custodian no longer sees it, so the
    successor becomes the salesperson of quotations, of orders that are not invoiced yet
    and of invoices that are not paid, and what is to do on them is his. What is finished
    keeps the name of who sold it."""

    _inherit = "customer.card.handover"

    def _move_activities(self):
        result = super()._move_activities()
        open_orders = SQL(" OR ").join(
            SQL("(%s)", condition) for condition in OPEN_ORDER_SQL.values()
        )
        orders = self._move_documents("sale.order", "user_id", open_orders)
        self._move_document_todos("sale.order", orders)
        self._move_order_lines(orders)
        invoices = self._move_documents(
            "account.move", "invoice_user_id", OPEN_INVOICE_SQL
        )
        self._move_document_todos("account.move", invoices)
        return result

    def _move_documents(self, model_name, salesperson, condition):
        """:return: ``[(id, id of the former custodian), …]`` of the documents that the
        successor has become the salesperson of"""
        Model = self.env[model_name]
        Model.flush_model()
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE %(table)s document
                   SET %(salesperson)s = %(successor_id)s
                  FROM customer_card_handover_line line
                  JOIN res_partner partner ON partner.card_root_id = line.partner_id
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND document.partner_id = partner.id
                   AND document.%(salesperson)s = line.former_custodian_id
                   AND (%(condition)s)
             RETURNING document.id, line.former_custodian_id
                """,
                table=SQL.identifier(Model._table),
                salesperson=SQL.identifier(salesperson),
                successor_id=self.successor_id.id,
                handover_id=self.id,
                condition=condition,
            )
        )
        Model.invalidate_model([salesperson])
        return moved

    def _move_order_lines(self, orders):
        """Order lines keep the salesperson of their order."""
        self.env["sale.order.line"].flush_model(["salesman_id"])
        self.env.execute_query(
            SQL(
                "UPDATE sale_order_line SET salesman_id = %s WHERE order_id = ANY(%s)"
                " RETURNING id",
                self.successor_id.id,
                [order_id for order_id, _former_id in orders],
            )
        )
        self.env["sale.order.line"].invalidate_model(["salesman_id"])

    def _move_document_todos(self, model_name, documents):
        self.env["mail.activity"].flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE mail_activity activity
                   SET user_id = %s
                  FROM UNNEST(%s::int[], %s::int[]) AS document(id, former_id)
                 WHERE activity.res_model = %s
                   AND activity.res_id = document.id
                   AND activity.active
                   AND activity.user_id = document.former_id
             RETURNING activity.id
                """,
                self.successor_id.id,
                [document_id for document_id, _former_id in documents],
                [former_id for _document_id, former_id in documents],
                model_name,
            )
        )
        self.env["mail.activity"].invalidate_model(["user_id"])
