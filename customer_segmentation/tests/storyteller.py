"""Turns a story of ``strategies.py`` into records: by SQL (``BooksWriter``)."""

from datetime import timedelta
from decimal import Decimal

from .books_writer import CENT, BooksWriter
from .strategies import get_day, get_moment


class Storyteller:
    """:param company: whose books they are
    :param partners: the people of the story, as many as it has
    :param products: likewise
    :param other_currency: of documents that are not in the company's
    """

    def __init__(self, company, partners, products, other_currency):
        self.env = company.env
        self.company = company
        self.partners = partners
        self.products = products
        self.other_currency = other_currency
        self.writer = BooksWriter(company)

    def tell(self, story):
        self.story = story
        self.tell_settings()
        self.tell_people(story["people"])
        self.tell_documents(story["documents"])
        for payment in story["payments"]:
            self.writer.write_payment(
                {
                    "partner": self.partners[payment["person"]].id,
                    "day": self.get_day(payment["ago"]),
                    "amount": payment["amount"],
                    "state": payment["state"],
                }
            )
        for order in story["orders"]:
            self.tell_order(order)
        self.env.invalidate_all()

    def get_day(self, ago):
        return get_day(self.story["as_of"], *ago)

    def tell_settings(self):
        self.company.write(
            {
                "metrics_months": self.story["months"],
                "metrics_basis": self.story["basis"],
                "abc_limit_a": self.story["limits"][0],
                "abc_limit_b": self.story["limits"][1],
            }
        )
        self.company.partner_id.tz = self.story["timezone"]
        self.env.flush_all()

    def tell_documents(self, documents):
        for document in documents:
            self.tell_document(document)
        self.env.invalidate_all()

    def tell_people(self, people):
        """Who belongs to whom, as Odoo and the cards keep it on every partner."""
        belongs = []
        for number, person in enumerate(people):
            parent = person["parent"]
            if parent is not None and parent >= number:
                parent = None
            own = parent is None or person["is_company"]
            belongs.append(
                {
                    "parent": parent,
                    "commercial": number if own else belongs[parent]["commercial"],
                    "root": number
                    if person["card"]
                    else None
                    if parent is None
                    else belongs[parent]["root"],
                }
            )
            self.env.cr.execute(
                """
                UPDATE res_partner
                   SET parent_id = %s, commercial_partner_id = %s, card_root_id = %s,
                       is_company = %s, card_state = %s, active = %s
                 WHERE id = %s
                """,
                [
                    self.get_id(parent),
                    self.get_id(belongs[number]["commercial"]),
                    self.get_id(belongs[number]["root"]),
                    person["is_company"],
                    person["card"],
                    person["active"],
                    self.get_id(number),
                ],
            )
        self.belongs = belongs
        self.env.invalidate_all()

    def get_id(self, number):
        return None if number is None else self.partners[number].id

    def get_money(self, rate):
        """:return: the currency and the rate of a document"""
        if rate is None:
            return {"currency": self.company.currency_id.id, "rate": Decimal(1)}
        return {"currency": self.other_currency.id, "rate": rate}

    def get_items(self, items):
        return [
            (None if product is None else self.products[product].id, *rest)
            for product, *rest in items
        ]

    def tell_document(self, document):
        day = self.get_day(document["ago"])
        then = document["then"]
        if then is None:
            then = self.belongs[document["person"]]["commercial"]
        values = {
            "partner": self.get_id(document["person"]),
            "commercial": self.get_id(then),
            "kind": document["kind"],
            "state": document["state"],
            "day": day,
            "due": day + timedelta(days=document["term"]),
            "tax": document["tax"],
            "items": self.get_items(document["items"]),
            **self.get_money(document["rate"]),
        }
        _move, line, owed = self.writer.write_document(values)
        if document["state"] != "posted" or document["kind"] == "in_invoice":
            return
        left = owed
        for share, later, means in document["settled"]:
            part = (owed * share).quantize(CENT)
            part = min(part, left, key=abs)
            if part:
                self.settle(values, line, part, day, day + timedelta(days=later), means)
            left -= part

    def settle(self, document, line, part, day, paid_on, means):
        """Pay ``part`` (negative: pay back) of a document, or set it off."""
        if means == "refund":
            counterpart = "out_refund" if part > 0 else "out_invoice"
            settling, other, _owed = self.writer.write_document(
                {
                    **document,
                    "kind": counterpart,
                    "day": paid_on,
                    "tax": Decimal(0),
                    "items": [(None, Decimal(1), abs(part), Decimal(0))],
                    **self.get_money(None),
                }
            )
        else:
            settling, other = self.writer.write_payment(
                {
                    "partner": document["commercial"],
                    "day": paid_on,
                    "amount": part,
                    "state": "posted",
                    "journal": "general" if means == "exchange" else "bank",
                }
            )
        debit, credit = (line, other) if part > 0 else (other, line)
        self.writer.write_match(
            debit,
            credit,
            abs(part),
            max(day, paid_on),
        )
        if means == "exchange":
            self.writer.mark_exchange(line, settling)

    def tell_order(self, order):
        ordered = get_moment(self.get_day(order["ago"]), order["at"])
        self.writer.write_order(
            {
                "partner": self.get_id(order["person"]),
                "state": order["state"],
                "created": ordered
                - timedelta(days=order["thought"], seconds=order["thought_seconds"]),
                "ordered": ordered,
                # what is ordered is a product
                "items": self.get_items(
                    (item[0] or 0, *item[1:]) for item in order["items"]
                ),
                **self.get_money(order["rate"]),
            }
        )
