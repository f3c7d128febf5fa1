"""Reads the books from Odoo, field by field through the ORM, as plain data."""

from decimal import Decimal

from .reference_books import Books, Item, Match, Move, Order, Partner, Product
from .reference_books import Receivable as ReceivableLine


def money(number):
    """:return: the number as it was entered: floats carry at most six decimals here"""
    return Decimal(repr(round(number, 6)))


class BooksReader:
    """:param env: may read everything"""

    def __init__(self, env, company):
        self.env = env(context={**env.context, "active_test": False})
        self.company = company

    def read_books(self):
        """:return: ``Books`` of one company"""
        self.env.flush_all()
        self.env.invalidate_all()
        return Books(
            partners=self._read_partners(),
            products=self._read_products(),
            moves=self._read_moves(),
            matches=self._read_matches(),
            orders=self._read_orders(),
            company_partner_ids=set(
                self.env["res.company"].search([]).partner_id.ids,
            ),
        )

    def _search(self, model, domain=()):
        records = self.env[model].with_company(self.company)
        return records.search([("company_id", "=", self.company.id), *domain])

    def _read_partners(self):
        return {
            one.id: Partner(
                id=one.id,
                commercial_id=one.commercial_partner_id.id or None,
                card_root_id=one.card_root_id.id or None,
                card_state=one.card_state or None,
                active=one.active,
                is_prospect_of=one.company_id.id in (False, self.company.id),
            )
            for one in self.env["res.partner"].search([])
        }

    def _read_products(self):
        products = self.env["product.product"].with_company(self.company)
        return {
            one.id: Product(
                id=one.id,
                category_id=one.categ_id.id or None,
                cost=money(one.standard_price),
            )
            for one in products.search([])
        }

    def _read_moves(self):
        exchange = self._search("account.partial.reconcile").exchange_move_id
        return [
            Move(
                id=one.id,
                company_id=one.company_id.id,
                partner_id=one.partner_id.id or None,
                kind=one.move_type,
                state=one.state,
                date=one.date,
                invoice_date=one.invoice_date or None,
                untaxed=money(one.amount_untaxed_signed),
                total=money(one.amount_total_signed),
                items=tuple(
                    Item(
                        product_id=line.product_id.id or None,
                        quantity=money(line.quantity),
                        price_unit=money(line.price_unit),
                        discount=money(line.discount),
                        subtotal=money(line.price_subtotal),
                        amount=-money(line.balance),
                        kind=line.display_type,
                    )
                    for line in one.line_ids
                    if line.display_type == "product"
                ),
                receivables=tuple(
                    ReceivableLine(
                        id=line.id,
                        partner_id=line.partner_id.id or None,
                        balance=money(line.balance),
                        date=line.date,
                        due=line.date_maturity or None,
                    )
                    for line in one.line_ids
                    if line.account_id.account_type == "asset_receivable"
                ),
                is_exchange=one in exchange,
            )
            for one in self._search("account.move")
        ]

    def _read_matches(self):
        return [
            Match(
                debit_id=one.debit_move_id.id,
                credit_id=one.credit_move_id.id,
                amount=money(one.amount),
                day=one.max_date,
            )
            for one in self._search("account.partial.reconcile")
        ]

    def _read_orders(self):
        return [
            Order(
                id=one.id,
                company_id=one.company_id.id,
                partner_id=one.partner_id.id,
                state=one.state,
                created=one.create_date,
                ordered=one.date_order,
                untaxed=money(one.amount_untaxed),
                rate=Decimal(repr(one.currency_rate or 1.0)),
                items=tuple(
                    Item(
                        product_id=line.product_id.id or None,
                        quantity=money(line.product_uom_qty),
                        price_unit=money(line.price_unit),
                        discount=money(line.discount),
                        subtotal=money(line.price_subtotal),
                    )
                    for line in one.order_line
                    if not line.display_type
                ),
            )
            for one in self._search("sale.order")
        ]
