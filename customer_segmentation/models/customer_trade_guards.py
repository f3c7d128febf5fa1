"""Who is put on a document of trade must be a customer whose card one may open: the
computed fields of orders and invoices copy addresses, terms and amounts as superuser.

``_card_customer_field`` says whom a refusal must not name.
"""

from odoo import models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["customer.trade.document.mixin", "sale.order"]
    _card_customer_field = "partner_id"


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"
    _card_customer_field = "order_partner_id"


class SaleReport(models.Model):
    _inherit = "sale.report"
    _card_customer_field = "partner_id"


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["customer.trade.document.mixin", "account.move"]
    _card_customer_field = "partner_id"


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"
    _card_customer_field = "move_id.partner_id"


class AccountInvoiceReport(models.Model):
    _inherit = "account.invoice.report"
    _card_customer_field = "partner_id"


class AccountPayment(models.Model):
    _name = "account.payment"
    _inherit = ["customer.trade.document.mixin", "account.payment"]
    _card_customer_field = "partner_id"


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"
    _card_customer_field = "partner_id"


class PaymentTransaction(models.Model):
    _name = "payment.transaction"
    _inherit = ["customer.trade.guard.mixin", "payment.transaction"]
    _card_customer_field = "partner_id"


class PaymentToken(models.Model):
    _name = "payment.token"
    _inherit = ["customer.trade.guard.mixin", "payment.token"]
    _card_customer_field = "partner_id"
