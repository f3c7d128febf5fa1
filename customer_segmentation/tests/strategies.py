"""Histories of a company for hypothesis: small, and full of what goes wrong – several
documents a day, ties, credit notes above what was sold, days at the edge of the window,
contacts who have moved, cards inside companies. Only imported where hypothesis is."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

PEOPLE = 8
PRODUCTS = 4

#: month ends of short and leap years, the ends of a year, and just a day
LAST_DAYS = (
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2025, 4, 30),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 3, 17),
)
#: shares on a limit, ties, a cent, nothing, and one above all
PRICES = ("0", "0.01", "5", "15", "20", "33.33", "80", "80", "100", "99999.99")
KINDS = ("out_invoice",) * 6 + ("out_refund",) * 2 + ("out_receipt", "in_invoice")
STATES = ("posted",) * 6 + ("draft", "cancel")


def decimals(*numbers):
    return st.sampled_from([Decimal(number) for number in numbers])


def people():
    """Who belongs to whom today, and who has a card. A parent stands before his child."""
    one = st.fixed_dictionaries(
        {
            "parent": st.one_of(st.none(), st.integers(0, PEOPLE - 1)),
            "is_company": st.booleans(),
            "card": st.sampled_from(
                (None, None, "draft", "active", "active", "dormant", "closed")
            ),
            "active": st.sampled_from((True, True, True, False)),
        }
    )
    return st.lists(one, min_size=PEOPLE, max_size=PEOPLE)


def days_ago(months):
    """Days before the last day, in the future too (negative), and around the edges of
    both windows: pairs of (years-like months, days)."""
    edges = [
        (count, shift) for count in (0, months, 2 * months) for shift in (-1, 0, 1, 2)
    ]
    return st.one_of(
        st.sampled_from(edges),
        st.tuples(st.just(0), st.integers(-5, 25)),
        st.tuples(st.just(0), st.integers(0, 62 * months)),
    )


def items():
    """Product, quantity, price, discount in percent."""
    return st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(0, PRODUCTS - 1)),
            decimals("1", "1", "1", "2", "3", "0.5"),
            decimals(*PRICES),
            decimals("0", "0", "0", "10", "33.33", "100"),
        ),
        min_size=1,
        max_size=3,
    )


def currencies():
    """In the company's currency, or another at a rate (units per unit of it)."""
    return st.one_of(st.none(), st.none(), decimals("1.25", "0.8", "7"))


def settlements():
    """How a document is settled: shares of it, days after it, and by what. The date of
    the match is that of the later of both; the day may lie before the document."""
    return st.lists(
        st.tuples(
            decimals("0.25", "0.5", "1"),
            st.integers(-20, 120),
            st.sampled_from(("payment",) * 5 + ("exchange", "refund")),
        ),
        max_size=3,
    )


def documents(months):
    return st.fixed_dictionaries(
        {
            "person": st.integers(0, PEOPLE - 1),
            # whom he belonged to when it was made
            "then": st.one_of(st.none(), st.none(), st.integers(0, PEOPLE - 1)),
            "kind": st.sampled_from(KINDS),
            "state": st.sampled_from(STATES),
            "ago": days_ago(months),
            "term": st.sampled_from((0, 0, 14, 30, 60, -3)),
            "rate": currencies(),
            "tax": decimals("0", "0", "20"),
            "items": items(),
            "settled": settlements(),
        }
    )


def payments():
    """Money that is not matched with anything."""
    return st.fixed_dictionaries(
        {
            "person": st.integers(0, PEOPLE - 1),
            "ago": st.tuples(st.just(0), st.integers(-5, 200)),
            "amount": decimals("10", "80", "-5"),
            "state": st.sampled_from(("posted", "posted", "draft")),
        }
    )


def orders(months):
    moment = st.sampled_from(
        # around midnight of every zone in use
        (time(0, 0), time(3, 59, 59), time(4, 30), time(12), time(14, 30), time(23, 59))
    )
    return st.fixed_dictionaries(
        {
            "person": st.integers(0, PEOPLE - 1),
            "state": st.sampled_from(("sale",) * 5 + ("draft", "sent", "cancel")),
            "ago": days_ago(months),
            "at": moment,
            "thought": st.sampled_from((0, 0, 1, 2, 7, 30, 400)),
            "thought_seconds": st.integers(0, 86399),
            "rate": currencies(),
            "items": items(),
        }
    )


@st.composite
def stories(draw):
    """:return: a story: settings, people, documents, loose payments and orders"""
    months = draw(st.sampled_from((1, 3, 12, 12, 12)))
    return {
        "as_of": draw(st.sampled_from(LAST_DAYS)),
        "months": months,
        "basis": draw(st.sampled_from(("invoiced",) * 3 + ("ordered",))),
        "timezone": draw(
            st.sampled_from((None, "Europe/Brussels", "America/New_York", "Asia/Tokyo"))
        ),
        "limits": draw(st.sampled_from(((80, 95), (80, 95), (50, 80)))),
        "people": draw(people()),
        "documents": draw(st.lists(documents(months), max_size=14)),
        "payments": draw(st.lists(payments(), max_size=2)),
        "orders": draw(st.lists(orders(months), max_size=8)),
    }


def continued_stories():
    """A story, by how many days the last day moves on each time, who belongs to whom
    later, which document is cancelled, and what a product costs then."""
    return st.tuples(
        stories(),
        st.sampled_from((0, 1, 1, 15)),
        people(),
        st.integers(0, 20),
        st.sampled_from((0, 7, 12)),
    )


def get_day(as_of, months_back, days_back):
    """:return: so many months, then days before ``as_of``; edges of a window that ends
    with ``as_of`` lie at (months, -1 … 1)"""
    after = as_of + timedelta(days=1)
    month = after.year * 12 + after.month - 1 - months_back
    year, month = divmod(month, 12)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    start = date(year, month + 1, min(after.day, last))
    return start - timedelta(days=1) - timedelta(days=days_back)


def get_moment(day, at):
    return datetime.combine(day, at)
