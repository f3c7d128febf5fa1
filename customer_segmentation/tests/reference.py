"""What every figure of a customer is, once more and without a database: plain Python over
``reference_books.Books``, written from the definitions (DESIGN *Money*, the helps of the
fields) and not from the SQL that computes the same. Slow on purpose; exact where money is.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

SOLD = ("out_invoice", "out_receipt")
DOCUMENTS = (*SOLD, "out_refund")
OPEN_CARDS = ("draft", "active", "dormant")


@dataclass(frozen=True)
class Question:
    """Which company, until when and how: the reference's own reading of the settings."""

    company_id: int
    as_of: date
    months: int = 12
    basis: str = "invoiced"
    timezone: str = "UTC"
    digits: int = 2
    #: shares in percent
    limit_a: Decimal = Decimal(80)
    limit_b: Decimal = Decimal(95)

    @property
    def start(self):
        """First day of the window."""
        return self.as_of + timedelta(days=1) - relativedelta(months=self.months)

    @property
    def start_before(self):
        """First day of the window before."""
        return self.as_of + timedelta(days=1) - relativedelta(months=2 * self.months)

    @property
    def days(self):
        return (self.as_of - self.start).days + 1

    def contains(self, day):
        return self.start <= day <= self.as_of

    def day_of(self, moment):
        """:return: the company's day of a naive UTC moment"""
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.timezone)).date()

    def round(self, amount):
        """As PostgreSQL rounds a numeric: halves go away from zero."""
        return amount.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_UP)


@dataclass(frozen=True)
class Purchase:
    """A document that counts for the value of a customer."""

    customer_id: int
    day: date
    amount: Decimal
    is_refund: bool


class Reference:
    """All figures of the customers of one company.

    :param books: ``Books``
    :param question: ``Question``
    """

    def __init__(self, books, question):
        self.books = books
        self.question = question
        self.own = {
            one.id
            for one in books.partners.values()
            if one.id in books.company_partner_ids
            or one.commercial_id in books.company_partner_ids
        }

    # ------------------------------------------------------------
    # WHOSE DOCUMENTS
    # ------------------------------------------------------------

    def customer_of(self, partner_id):
        """:return: id of the customer that a partner belongs to today; None for nobody
        and for the companies of the group"""
        if partner_id is None or partner_id in self.own:
            return None
        return self.books.partners[partner_id].customer_id

    def get_moves(self):
        """Posted customer documents until the last day: ``[(customer, move)]``."""
        return [
            (customer, move)
            for move in self.books.moves
            if move.company_id == self.question.company_id
            and move.state == "posted"
            and move.kind in DOCUMENTS
            and move.invoice_date <= self.question.as_of
            and (customer := self.customer_of(move.partner_id)) is not None
        ]

    def get_orders(self):
        """Orders confirmed until the last day: ``[(customer, day, order)]``."""
        return [
            (customer, day, order)
            for order in self.books.orders
            if order.company_id == self.question.company_id
            and order.state == "sale"
            and (day := self.question.day_of(order.ordered)) <= self.question.as_of
            and (customer := self.customer_of(order.partner_id)) is not None
        ]

    def get_purchases(self):
        if self.question.basis == "ordered":
            return [
                Purchase(customer, day, order.untaxed / order.rate, False)
                for customer, day, order in self.get_orders()
            ]
        return [
            Purchase(customer, move.invoice_date, move.untaxed, move.kind not in SOLD)
            for customer, move in self.get_moves()
        ]

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def get_rows(self):
        """:return: ``{customer id: {field: value}}``"""
        self.rows = defaultdict(dict)
        self.add_value()
        self.add_places()
        return dict(self.rows)

    def add_value(self):
        purchases = defaultdict(list)
        for purchase in self.get_purchases():
            purchases[purchase.customer_id].append(purchase)
        for customer, mine in purchases.items():
            self.rows[customer] |= self.get_value(mine) | self.get_rhythm(mine)

    def get_value(self, mine):
        question = self.question
        window = [one for one in mine if question.contains(one.day)]
        sold = [one for one in window if not one.is_refund]
        credited = [one for one in window if one.is_refund]
        return {
            "amount": total(window),
            "amount_previous": total(
                one for one in mine if question.start_before <= one.day < question.start
            ),
            "amount_lifetime": total(mine),
            "amount_refunded": -total(credited),
            "documents": len(sold),
            "refunds": len(credited),
            "return_rate": percent(-total(credited), total(sold)),
        }

    def get_rhythm(self, mine):
        question = self.question
        days = sorted({one.day for one in mine if not one.is_refund})
        recent = [day for day in days if question.contains(day)]
        gaps = [(b - a).days for a, b in zip(days, days[1:], strict=False)]
        window = total(one for one in mine if question.contains(one.day))
        return {
            "purchase_days": len(recent),
            "purchase_days_lifetime": len(days),
            "repeat_purchases": max(len(days) - 1, 0),
            "first_purchase": days[0] if days else None,
            "last_purchase": days[-1] if days else None,
            "interval_mean": sum(gaps) / len(gaps) if gaps else 0.0,
            "interval_median": float(median(gaps)) if gaps else 0.0,
            "recency_days": (question.as_of - days[-1]).days if days else 0,
            "monetary": window / len(recent) if recent else Decimal(0),
        }

    # ------------------------------------------------------------
    # PLACES AND CLASSES
    # ------------------------------------------------------------

    def add_places(self):
        amounts = {
            customer: row["amount"]
            for customer, row in self.rows.items()
            if row.get("amount", 0) > 0
        }
        whole = sum(amounts.values())
        for customer, row in self.rows.items():
            if customer not in amounts:
                row |= {
                    "rank": 0,
                    "share": 0.0,
                    "share_before": 0.0,
                    "share_cumulated": 0.0,
                    "abc_class": "none",
                }
                continue
            mine = amounts[customer]
            larger = [one for one in amounts.values() if one > mine]
            equal = [one for one in amounts.values() if one == mine]
            before = sum(larger, Decimal(0))
            row |= {
                "rank": len(larger) + 1,
                "share": percent(mine, whole),
                "share_before": percent(before, whole),
                "share_cumulated": percent(before + sum(equal), whole),
                "abc_class": self.get_abc(before, whole),
            }

    def get_abc(self, before, whole):
        """By the share held by strictly larger customers; exact, without a division."""
        if before * 100 < self.question.limit_a * whole:
            return "a"
        if before * 100 < self.question.limit_b * whole:
            return "b"
        return "c"


def total(purchases):
    return sum((one.amount for one in purchases), Decimal(0))


def percent(part, whole):
    return float(100 * part / whole) if whole else 0.0
