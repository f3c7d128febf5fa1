"""Receivables, orders, margin and risk: the second half of the reference."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from math import floor
from statistics import median

from .reference import DOCUMENTS, SOLD, Reference, percent

DAY_SECONDS = 86400


@dataclass(frozen=True)
class Item:
    """A line on a customer's account."""

    customer_id: int
    kind: str
    is_exchange: bool
    balance: Decimal
    day: object
    due: object


class FullReference(Reference):
    """Adds what is owed, ordered and earned to value, rhythm and places."""

    def get_rows(self):
        rows = super().get_rows()
        self.read_items()
        matches = self.get_matches()
        products = self.get_products()
        orders = defaultdict(list)
        for customer, day, order in self.get_orders():
            if self.question.contains(day):
                orders[customer].append(order)
        quotations = self.count_quotations()
        for customer, row in rows.items():
            row |= self.get_owed(customer)
            row["days_late"] = self.get_days_late(matches[customer])
            row["dso"] = self.get_dso(customer, row["receivable_open"])
            row |= self.get_behaviour(orders[customer])
            row["quotations"] = quotations[customer]
            row |= self.get_assortment(products[customer])
            row["defection_risk"] = self.get_risk(row)
        return rows

    # ------------------------------------------------------------
    # RECEIVABLES
    # ------------------------------------------------------------

    def read_items(self):
        """A line of a document is about who the document is for, any other about who
        stands on the line."""
        self.items = {}
        for move in self.books.moves:
            if move.company_id != self.question.company_id or move.state != "posted":
                continue
            for line in move.receivables:
                who = move.partner_id if move.kind in DOCUMENTS else line.partner_id
                customer = self.customer_of(who)
                self.items[line.id] = Item(
                    customer_id=customer,
                    kind=move.kind,
                    is_exchange=move.is_exchange,
                    balance=line.balance,
                    day=line.date,
                    due=line.due or line.date,
                )

    def get_owed(self, customer):
        as_of = self.question.as_of
        left = {
            number: item.balance
            for number, item in self.items.items()
            if item.customer_id == customer and item.day <= as_of
        }
        for match in self.books.matches:
            if match.day <= as_of:
                if match.debit_id in left:
                    left[match.debit_id] -= match.amount
                if match.credit_id in left:
                    left[match.credit_id] += match.amount
        return {
            "receivable_open": sum(left.values(), Decimal(0)),
            "receivable_overdue": sum(
                (
                    amount
                    for number, amount in left.items()
                    if amount > 0 and self.items[number].due < as_of
                ),
                Decimal(0),
            ),
        }

    def get_matches(self):
        """What was paid in the window: ``{customer: [(days late, amount)]}``."""
        paid = defaultdict(list)
        for match in self.books.matches:
            debit = self.items.get(match.debit_id)
            credit = self.items.get(match.credit_id)
            if not debit or not credit or not self.question.contains(match.day):
                continue
            if debit.kind not in SOLD:
                continue
            if credit.kind == "out_refund" or credit.is_exchange:
                continue
            late = (match.day - debit.due).days
            paid[debit.customer_id].append((late, match.amount))
        return paid

    def get_days_late(self, paid):
        whole = sum(amount for _late, amount in paid)
        return (
            float(sum(late * amount for late, amount in paid) / whole) if whole else 0.0
        )

    def get_dso(self, customer, owed):
        sold = sum(
            move.total
            for mine, move in self.get_moves()
            if mine == customer and self.question.contains(move.invoice_date)
        )
        return float(owed / sold * self.question.days) if sold > 0 else 0.0

    # ------------------------------------------------------------
    # ORDERS
    # ------------------------------------------------------------

    def count_quotations(self):
        counts = defaultdict(int)
        for order in self.books.orders:
            if order.company_id == self.question.company_id and self.question.contains(
                self.question.day_of(order.created)
            ):
                counts[self.customer_of(order.partner_id)] += 1
        return counts

    def get_behaviour(self, orders):
        thought = [
            max((order.ordered - order.created).total_seconds(), 0) / DAY_SECONDS
            for order in orders
        ]
        asked = given = Decimal(0)
        for order in orders:
            for item in order.items:
                price = item.price_unit * item.quantity / order.rate
                if item.price_unit > 0 and item.quantity > 0:
                    asked += price
                    given += price * item.discount / 100
        return {
            "orders": len(orders),
            "decision_days": float(median(thought)) if thought else 0.0,
            "discount_rate": percent(given, asked),
        }

    # ------------------------------------------------------------
    # PRODUCTS
    # ------------------------------------------------------------

    def get_products(self):
        """Lines with a product: ``{customer: [(day, product, quantity, amount, sold)]}``."""
        lines = defaultdict(list)
        if self.question.basis == "ordered":
            for customer, day, order in self.get_orders():
                for item in order.items:
                    if item.product_id:
                        amount = self.question.round(item.subtotal / order.rate)
                        lines[customer].append(
                            (day, item.product_id, item.quantity, amount, True)
                        )
            return lines
        for customer, move in self.get_moves():
            sold = move.kind in SOLD
            for item in move.items:
                if item.product_id:
                    quantity = item.quantity if sold else -item.quantity
                    lines[customer].append(
                        (
                            move.invoice_date,
                            item.product_id,
                            quantity,
                            item.amount,
                            sold,
                        )
                    )
        return lines

    def get_assortment(self, lines):
        question = self.question
        window = [line for line in lines if question.contains(line[0])]
        # a sample is bought too: it is the quantity that counts
        bought = {
            product
            for _day, product, quantity, _amount, sold in window
            if sold and quantity > 0
        }
        costed = margin = Decimal(0)
        for product in {line[1] for line in window}:
            cost = self.books.products[product].cost
            if cost:
                amount = sum(line[3] for line in window if line[1] == product)
                quantity = sum(line[2] for line in window if line[1] == product)
                costed += amount
                margin += question.round(amount - quantity * cost)
        return {
            "products_count": len(bought),
            "categories_count": len(
                {self.books.products[product].category_id for product in bought}
            ),
            "margin": margin,
            "margin_rate": percent(margin, costed),
        }

    # ------------------------------------------------------------
    # RISK
    # ------------------------------------------------------------

    def get_risk(self, row):
        """Silence, by his own rhythm."""
        if not row["purchase_days_lifetime"]:
            return None
        settings = self.question.risk
        limit = settings["first"]
        if row["purchase_days_lifetime"] > 1:
            rhythm = floor(settings["factor"] * Decimal(row["interval_median"]))
            limit = max(settings["window"], rhythm)
        silence = row["recency_days"]
        if silence > settings["lost"] * limit:
            return "lost"
        if silence > settings["high"] * limit:
            return "high"
        return "medium" if silence > limit else "low"
