"""The ground of the access matrix of segmentation: the world of
``access_matrix_visit.py`` with orders, invoices and payments of *Alpha Foods*, and all
that is worked out from them. The amount ``AMOUNT`` stands on each of them.

Everybody in the matrix sees all orders and invoices in Odoo itself: the card alone
hides them.
"""

from datetime import timedelta

from access_matrix import TABLES
from access_matrix_visit import VISIT_TABLES, VisitMatrixCase

from odoo.addons.customer_segmentation.tests.common import CustomerTradeWorld

AMOUNT = 4321.5
TRADE_TABLES = (
    "account_move",
    "account_move_line",
    "account_payment",
    "customer_defection",
    "customer_defection_step",
    "customer_early_adoption",
    "customer_key_mark",
    "customer_lifecycle_override",
    "customer_metrics",
    "customer_metrics_product",
    "customer_next_sale",
    "customer_segment_change",
    "sale_order",
    "sale_order_line",
)


class SegmentationMatrixCase(CustomerTradeWorld, VisitMatrixCase):
    tables = TABLES + VISIT_TABLES + TRADE_TABLES

    @classmethod
    def make_more_users(cls):
        super().make_more_users()
        for user in (
            cls.former_deputy,
            cls.borrower_screen,
            cls.borrower_paper,
            cls.borrower_expired,
            cls.portal_user,
        ):
            user.company_ids = cls.env.companies

    @classmethod
    def make_belongings(cls):
        super().make_belongings()
        today = cls.company._get_metrics_today()
        cls.order = cls.make_order(cls.card_east, AMOUNT, today)
        cls.invoice = cls.make_invoice(cls.contact_east, AMOUNT, today)
        cls.make_invoice(cls.card_west, 9, today)
        cls.refresh()
        cls.row = cls.get_row(cls.card_east)
        cls.product_row = cls.env["customer.metrics.product"].search(
            [("partner_id", "=", cls.card_east.id)]
        )
        cls.make_classes(today)
        cls.env.flush_all()

    @classmethod
    def make_classes(cls, today):
        """A change of class, a star, a stage and a defection, as the system or the
        custodian makes them."""
        cls.change = (
            cls.env["customer.segment.change"]
            .sudo()
            .create(
                {
                    "partner_id": cls.card_east.id,
                    "company_id": cls.company.id,
                    "date": today - timedelta(days=1),
                    "dimension": "abc",
                    "value_from": "b",
                    "value_to": "a",
                    "amount": AMOUNT,
                }
            )
        )
        cls.defection = (
            cls.env["customer.defection"]
            .with_user(cls.custodian_east)
            .create(
                {
                    "partner_id": cls.card_east.id,
                    "company_id": cls.company.id,
                    "kind": "price",
                    "reason": "alpha-secret reason",
                }
            )
        )


__all__ = ["AMOUNT", "SegmentationMatrixCase"]
