from odoo import Command, fields

from odoo.addons.customer_visit.tests.common import (
    CustomerVisitCommon,
    CustomerVisitHttp,
)


class CustomerTradeWorld:
    """Orders and invoices in the world of ``CustomerCardWorld``. Amounts are untaxed and
    in the company's currency unless said otherwise."""

    @classmethod
    def make_world(cls):  # pylint: disable=missing-return
        super().make_world()
        cls.make_books()

    @classmethod
    def make_books(cls):
        """A company with accounts, a product and no documents of others."""
        cls.company = cls.env["res.company"].create(
            {"name": "Test Traders", "currency_id": cls.env.company.currency_id.id}
        )
        cls.env.user.company_ids |= cls.company
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company, install_demo=False
        )
        for name in (
            "custodian_east",
            "custodian_west",
            "deputy_east",
            "manager_east",
            "manager_west",
            "regional_manager",
            "card_admin",
            "reader",
            "employee",
        ):
            user = getattr(cls, name)
            user.write(
                {
                    "company_ids": [Command.link(cls.company.id)],
                    "company_id": cls.company.id,
                }
            )
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": (cls.company | cls.env.company).ids,
            }
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Test Goods", "list_price": 100.0, "taxes_id": False}
        )

    @classmethod
    def make_invoice(cls, partner, amount, date, company=None, **values):
        """:param amount: untaxed; negative makes a credit note
        :param date: date or ISO text, of the invoice; due the same day unless
            ``invoice_date_due`` is given
        :return: the posted document"""
        company = company or cls.company
        move = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_refund" if amount < 0 else "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": date,
                    "date": date,
                    "invoice_date_due": date,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "quantity": 1,
                                "price_unit": abs(amount),
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        move.action_post()
        return move

    @classmethod
    def make_order(cls, partner, amount, date, company=None, **values):
        """:return: the order, confirmed on that day"""
        company = company or cls.company
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_uom_qty": 1,
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        order.date_order = fields.Datetime.to_datetime(date)
        return order

    @classmethod
    def refresh(cls, as_of=None, company=None):
        """Compute the figures of the company."""
        cls.env["customer.metrics"]._refresh(company or cls.company, as_of)
        cls.env.invalidate_all()

    @classmethod
    def get_row(cls, partner, company=None):
        """:return: the figures of a customer"""
        return cls.env["customer.metrics"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )


class CustomerSegmentationCommon(CustomerTradeWorld, CustomerVisitCommon):
    """The world of trade in one transaction."""


class CustomerSegmentationHttp(CustomerTradeWorld, CustomerVisitHttp):
    """The world of trade through a server and a browser."""
