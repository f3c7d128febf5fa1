"""The books of a company as plain data: what the reference of ``reference.py`` reads.

No Odoo in here, and no SQL: whoever wants to check a figure reads a document as he would
read it on paper. Money is ``Decimal``, days are ``date``, moments are naive UTC.
"""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Partner:
    id: int
    #: of today: the company that he belongs to, or himself
    commercial_id: int | None = None
    #: nearest ancestor-or-self with a card
    card_root_id: int | None = None
    card_state: str | None = None
    active: bool = True
    is_prospect_of: bool = True

    @property
    def customer_id(self):
        return self.card_root_id or self.commercial_id or self.id


@dataclass(frozen=True)
class Product:
    id: int
    category_id: int | None
    cost: Decimal


@dataclass(frozen=True)
class Item:
    """A line with a product, of an invoice or an order."""

    product_id: int | None
    quantity: Decimal
    price_unit: Decimal
    #: percent
    discount: Decimal
    #: untaxed, in the currency of the document, discount taken off
    subtotal: Decimal
    #: untaxed, in the currency of the company, of an invoice: positive for what is sold
    amount: Decimal = Decimal(0)
    kind: str = "product"


@dataclass(frozen=True)
class Receivable:
    """A line on a customer's account; what he owes is positive."""

    id: int
    partner_id: int | None
    balance: Decimal
    date: datetime.date
    due: datetime.date | None


@dataclass(frozen=True)
class Move:
    id: int
    company_id: int
    partner_id: int | None
    kind: str
    state: str
    date: datetime.date
    invoice_date: datetime.date | None
    #: signed, in the currency of the company
    untaxed: Decimal
    total: Decimal
    items: tuple = ()
    receivables: tuple = ()
    #: an exchange difference
    is_exchange: bool = False


@dataclass(frozen=True)
class Match:
    """So much of a debit was settled by a credit."""

    debit_id: int
    credit_id: int
    amount: Decimal
    day: datetime.date


@dataclass(frozen=True)
class Order:
    id: int
    company_id: int
    partner_id: int
    state: str
    created: datetime.datetime
    #: when it was confirmed, once it is
    ordered: datetime.datetime
    untaxed: Decimal
    #: currency of the order per unit of the company's
    rate: Decimal
    items: tuple = ()


@dataclass
class Books:
    partners: dict = field(default_factory=dict)
    products: dict = field(default_factory=dict)
    moves: list = field(default_factory=list)
    matches: list = field(default_factory=list)
    orders: list = field(default_factory=list)
    #: partners of the companies of the group
    company_partner_ids: set = field(default_factory=set)
