"""What every figure of a customer is, once more and without a database: plain Python over
``reference_books.Books``, written from the definitions (DESIGN *Money*, the helps of the
fields) and not from the SQL that computes the same. Slow on purpose; exact where money is.
"""

from collections import defaultdict
from dataclasses import dataclass, field
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
    #: of silence: days (window, first), times (factor, high, lost)
    risk: dict = field(default_factory=dict)

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
    is_refund: bool = False


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
        """Documents that count; on the basis of orders, credit notes are still what was
        given back, but take nothing off the value."""
        documents = [
            Purchase(customer, move.invoice_date, move.untaxed, move.kind not in SOLD)
            for customer, move in self.get_moves()
        ]
        if self.question.basis == "invoiced":
            return documents
        return [
            *(one for one in documents if one.is_refund),
            *(
                Purchase(customer, day, self.question.round(order.untaxed / order.rate))
                for customer, day, order in self.get_orders()
            ),
        ]

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def get_rows(self):
        """:return: ``{customer id: {field: value}}``"""
        self.rows = {}
        self.add_value()
        self.add_places()
        self.add_scores()
        return self.rows

    def add_value(self):
        purchases = defaultdict(list)
        for purchase in self.get_purchases():
            purchases[purchase.customer_id].append(purchase)
        invoiced = {customer for customer, _move in self.get_moves()}
        for customer in purchases.keys() | invoiced | self.get_prospects():
            mine = purchases[customer]
            self.rows[customer] = self.get_value(mine) | self.get_rhythm(mine)

    def get_prospects(self):
        """Open cards that the company may work with, whether they bought or not."""
        return {
            one.id
            for one in self.books.partners.values()
            if one.card_state in OPEN_CARDS
            and one.card_root_id == one.id
            and one.active
            and one.is_prospect_of
            and one.id not in self.own
        }

    def get_net(self, purchases):
        """What counts for the value."""
        return total(
            one
            for one in purchases
            if self.question.basis == "invoiced" or not one.is_refund
        )

    def get_value(self, mine):
        question = self.question
        window = [one for one in mine if question.contains(one.day)]
        sold = [one for one in window if not one.is_refund]
        credited = [one for one in window if one.is_refund]
        before = [
            one for one in mine if question.start_before <= one.day < question.start
        ]
        return {
            "amount": self.get_net(window),
            "amount_previous": self.get_net(before),
            "amount_lifetime": self.get_net(mine),
            "amount_refunded": -total(credited),
            "documents": len(sold),
            "refunds": len(credited),
            "return_rate": percent(-total(credited), total(sold)),
        }

    def get_rhythm(self, mine):
        """A purchase is a day on which something was sold for more than nothing."""
        question = self.question
        days = sorted({one.day for one in mine if not one.is_refund and one.amount > 0})
        recent = [day for day in days if question.contains(day)]
        gaps = [(b - a).days for a, b in zip(days, days[1:], strict=False)]
        net = self.get_net(one for one in mine if question.contains(one.day))
        return {
            "purchase_days": len(recent),
            "purchase_days_lifetime": len(days),
            "repeat_purchases": max(len(days) - 1, 0),
            "first_purchase": days[0] if days else None,
            "last_purchase": days[-1] if days else None,
            "interval_mean": sum(gaps) / len(gaps) if gaps else 0.0,
            "interval_median": float(median(gaps)) if gaps else 0.0,
            "recency_days": (question.as_of - days[-1]).days if days else 0,
            "monetary": question.round(net / len(recent)) if recent else Decimal(0),
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

    def add_scores(self):
        """RFM, of all who bought in the window."""
        buyers = [row for row in self.rows.values() if row["purchase_days"]]
        for row in self.rows.values():
            row |= {"rfm_recency": 0, "rfm_frequency": 0, "rfm_monetary": 0}
            row["rfm_code"] = None
        for score, name in (
            ("rfm_recency", "last_purchase"),
            ("rfm_frequency", "purchase_days"),
            ("rfm_monetary", "monetary"),
        ):
            for row in buyers:
                better = sum(one[name] > row[name] for one in buyers)
                row[score] = self.get_fifth(better, len(buyers) - 1)
        for row in buyers:
            row["rfm_code"] = "".join(
                str(row[name])
                for name in ("rfm_recency", "rfm_frequency", "rfm_monetary")
            )

    def get_fifth(self, better, others):
        """5 while fewer than a fifth of the others are better, 4 while fewer than two
        fifths, … at least 1."""
        for score in (5, 4, 3, 2):
            if not better or better * 5 < (6 - score) * others:
                return score
        return 1

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


class KeptClasses:
    """ABC over several computations: up at once, down when ``runs`` of them in a row
    found less; "none" is a fact and counts at once."""

    def __init__(self, runs):
        self.runs = runs
        self.kept = {}

    def keep(self, found):
        """:param found: ``{customer: class that the figures say}``
        :return: ``{customer: class that counts}``"""
        self.kept = {
            customer: self.get_kept(self.kept.get(customer), name)
            for customer, name in found.items()
        }
        return {customer: name for customer, (name, _lower) in self.kept.items()}

    def get_kept(self, old, found):
        if old is None:
            return found, 0
        name, lower = old
        if "none" in (found, name) or found <= name:
            return found, 0
        if lower + 1 >= self.runs:
            return found, 0
        return name, lower + 1
