"""Assistants of orders, invoices and the portal: they act on documents, and on people,
that their user may open."""

from odoo import api, models


class SaleAdvancePaymentInv(models.TransientModel):
    _name = "sale.advance.payment.inv"
    _inherit = ["customer.trade.guard.mixin", "sale.advance.payment.inv"]


class SaleMassCancelOrders(models.TransientModel):
    _name = "sale.mass.cancel.orders"
    _inherit = ["customer.trade.guard.mixin", "sale.mass.cancel.orders"]


class SaleOrderDiscount(models.TransientModel):
    _name = "sale.order.discount"
    _inherit = ["customer.trade.guard.mixin", "sale.order.discount"]


class AccountMoveSendWizard(models.TransientModel):
    _name = "account.move.send.wizard"
    _inherit = ["customer.trade.guard.mixin", "account.move.send.wizard"]


class AccountMoveSendBatchWizard(models.TransientModel):
    _name = "account.move.send.batch.wizard"
    _inherit = ["customer.trade.guard.mixin", "account.move.send.batch.wizard"]


class AccountMoveReversal(models.TransientModel):
    _name = "account.move.reversal"
    _inherit = ["customer.trade.guard.mixin", "account.move.reversal"]


class PaymentCaptureWizard(models.TransientModel):
    _name = "payment.capture.wizard"
    _inherit = ["customer.trade.guard.mixin", "payment.capture.wizard"]


class PaymentLinkWizard(models.TransientModel):
    """Names its document by model and number."""

    _name = "payment.link.wizard"
    _inherit = ["customer.trade.guard.mixin", "payment.link.wizard"]

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        wizards._check_documents()
        return wizards

    def write(self, vals):
        result = super().write(vals)
        self._check_documents()
        return result

    def onchange(self, values, field_names, fields_spec):
        self.new(values)._check_documents()
        return super().onchange(values, field_names, fields_spec)

    def _check_documents(self):
        """:raise AccessError: for a link to a document that the user may not open"""
        for wizard in self:
            if wizard.res_id and wizard.res_model in self.env:
                document = self.env[wizard.res_model].browse(wizard.res_id)
                document.exists().check_access("read")


class PortalWizard(models.TransientModel):
    """Copies the e-mails of whom it is opened for."""

    _name = "portal.wizard"
    _inherit = ["customer.trade.guard.mixin", "portal.wizard"]


class PortalWizardUser(models.TransientModel):
    _name = "portal.wizard.user"
    _inherit = ["customer.trade.guard.mixin", "portal.wizard.user"]
