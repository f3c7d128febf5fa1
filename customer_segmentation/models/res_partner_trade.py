from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import format_amount, format_date, formatLang

# months of the chart: this year beside the year before
MONTHS = 12
PRODUCTS = 6
HABITS = ("habit_consumption", "habit_purchase", "brand_attitude", "ideal_product")


class ResPartner(models.Model):
    """A customer's trade at a glance: what the page *Trade* of the card shows."""

    _inherit = "res.partner"

    def action_open_purchases(self):
        """:return: the action that opens what this customer buys, line by line
        :raise CardAccessError: for a card that the user may not open
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["customer.trade.report"]._get_purchases_action(self)

    def get_trade_sheet(self):
        """All that the page *Trade* shows, with the rights of the user: value, chart by
        month, products, habits, open money and measures in the current company.

        :return: dict that can be sent as JSON; texts are in the user's language.
            ``months`` has the net sales of twelve months and of the twelve before,
            ``measures`` a point for each of these months (none where there is nothing
            to measure)
        :raise CardAccessError: for a card that the user may not open
        """
        self.ensure_one()
        self.check_access("read")
        company = self.env.company
        metrics = self.env["customer.metrics"].search(
            [("partner_id", "=", self.id), ("company_id", "=", company.id)], limit=1
        )
        months = self._get_trade_months(company)
        return {
            "customer": self.id,
            "currency": company.currency_id.id,
            "as_of": metrics and format_date(self.env, metrics.as_of),
            "tiles": self._get_trade_tiles(metrics),
            "months": months,
            "products": self._get_trade_products(metrics),
            "habits": self._get_trade_habits(),
            "measures": self._get_trade_measures(metrics, months),
        }

    # ------------------------------------------------------------
    # TILES
    # ------------------------------------------------------------

    def _get_trade_tiles(self, metrics):
        """:return: list of ``{code, label, value, note, tone}``: the figures that one
        asks for first; tone is success, warning, danger or nothing"""
        if not metrics:
            return []
        return [
            self._get_sales_tile(metrics),
            self._get_rhythm_tile(metrics),
            self._get_open_tile(metrics),
            self._get_payment_tile(metrics),
        ]

    def _get_sales_tile(self, metrics):
        before, now = metrics.amount_previous, metrics.amount
        note, tone = self.env._("nothing in the period before"), False
        if before > 0:
            change = round(100 * (now - before) / before)
            note = self.env._(
                "%(change)s%% on the period before", change=f"{change:+d}"
            )
            tone = "success" if change >= 5 else "danger" if change <= -15 else False
        return {
            "code": "sales",
            "label": metrics._fields["amount"]._description_string(self.env),
            "value": self._format_trade_amount(now, metrics),
            "note": note,
            "tone": tone,
        }

    def _get_rhythm_tile(self, metrics):
        note = self.env._("has not bought yet")
        if metrics.last_purchase:
            note = self.env._(
                "last on %(date)s", date=format_date(self.env, metrics.last_purchase)
            )
        if metrics.interval_median:
            note = self.env._(
                "every %(days)s days, %(last)s",
                days=round(metrics.interval_median),
                last=note,
            )
        tones = {"medium": "warning", "high": "danger", "lost": "danger"}
        return {
            "code": "rhythm",
            "label": metrics._fields["purchase_days"]._description_string(self.env),
            "value": str(metrics.purchase_days),
            "note": note,
            "tone": tones.get(metrics.defection_risk, False),
        }

    def _get_open_tile(self, metrics):
        overdue = metrics.receivable_overdue
        note = self.env._("nothing overdue")
        if overdue > 0:
            note = self.env._(
                "%(amount)s overdue", amount=self._format_trade_amount(overdue, metrics)
            )
        return {
            "code": "open",
            "label": metrics._fields["receivable_open"]._description_string(self.env),
            "value": self._format_trade_amount(metrics.receivable_open, metrics),
            "note": note,
            "tone": "danger" if overdue > 0 else False,
        }

    def _get_payment_tile(self, metrics):
        late = metrics.days_late
        if late >= 1:
            value = self.env._("%(days)s days late", days=round(late))
        elif late <= -1:
            value = self.env._("%(days)s days early", days=round(-late))
        else:
            value = self.env._("In time") if metrics.dso or late else "–"
        note = ""
        if metrics.dso:
            note = self.env._(
                "on average open for %(days)s days", days=round(metrics.dso)
            )
        return {
            "code": "payment",
            "label": self.env._("Pays"),
            "value": value,
            "note": note,
            "tone": "danger" if late >= 15 else "warning" if late >= 5 else False,
        }

    def _format_trade_amount(self, amount, metrics):
        """:return: an amount for a tile: large ones without cents"""
        currency = metrics.currency_id
        if abs(amount) < 1000:
            return format_amount(self.env, amount, currency)
        text = formatLang(self.env, amount, digits=0)
        if currency.position == "after":
            return f"{text}\N{NO-BREAK SPACE}{currency.symbol}"
        return f"{currency.symbol}\N{NO-BREAK SPACE}{text}"

    # ------------------------------------------------------------
    # CHART, PRODUCTS, HABITS
    # ------------------------------------------------------------

    def _get_trade_months(self, company):
        """:return: list of twelve ``{label, start, end, amount, before, purchases,
        discount, late, basket}``, the last is the month of today"""
        today = self.env.user._card_today()
        first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        Report = self.env["customer.trade.report"]
        own = [
            *Report._get_customer_domain(self),
            ("company_id", "=", company.id),
        ]
        rows = {
            start: values
            for start, *values in Report._read_group(
                [*own, ("date", ">=", first - relativedelta(months=MONTHS))],
                ["date:month"],
                ["amount:sum", "date:count_distinct", "discount:avg"],
            )
        }
        late = dict(
            Report._read_group(
                [
                    *own,
                    ("payment_date", ">=", first),
                    ("move_type", "!=", "out_refund"),
                ],
                ["payment_date:month"],
                ["days_late:avg"],
            )
        )
        result = []
        for number in range(MONTHS):
            start = first + relativedelta(months=number)
            before = rows.get(start - relativedelta(months=MONTHS))
            amount, purchases, discount = rows.get(start) or (0.0, 0, None)
            result.append(
                {
                    "label": format_date(self.env, start, date_format="MMM yy"),
                    "start": fields.Date.to_string(start),
                    "end": fields.Date.to_string(start + relativedelta(months=1)),
                    "amount": amount,
                    "before": before[0] if before else 0.0,
                    "purchases": purchases,
                    "discount": discount,
                    "late": late.get(start),
                    "basket": amount / purchases if purchases else None,
                }
            )
        return result

    def _get_trade_products(self, metrics):
        """:return: list of ``{id, name, amount, share, note, tone}``: what he buys most
        in the window"""
        if not metrics:
            return []
        lines = self.env["customer.metrics.product"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "=", metrics.company_id.id),
                ("amount", ">", 0),
            ],
            limit=PRODUCTS,
        )
        most = max(lines.mapped("amount"), default=0)
        return [
            {
                "id": line.product_id.id,
                # sudo: the name of a product that the customer has bought
                "name": line.sudo().product_id.display_name,
                "amount": self._format_trade_amount(line.amount, metrics),
                "share": round(100 * line.amount / most),
                "note": self._get_product_note(line),
                "tone": self._get_product_tone(line),
            }
            for line in lines
        ]

    def _get_product_note(self, line):
        if not line.amount_previous:
            return self.env._(
                "new since %(date)s", date=format_date(self.env, line.first_purchase)
            )
        change = round(
            100 * (line.amount - line.amount_previous) / line.amount_previous
        )
        return self.env._("%(change)s%% on the period before", change=f"{change:+d}")

    def _get_product_tone(self, line):
        if not line.amount_previous or line.amount > 1.1 * line.amount_previous:
            return "success"
        return "danger" if line.amount < 0.75 * line.amount_previous else False

    def _get_trade_habits(self):
        """:return: list of ``{label, value}``: why he buys, as the survey of the card
        says it"""
        rows = [
            {
                "label": self._fields[name]._description_string(self.env),
                "value": dict(self._fields[name]._description_selection(self.env)).get(
                    self[name]
                )
                if self._fields[name].type == "selection"
                else self[name],
            }
            for name in HABITS
            if self[name]
        ]
        brands = [line.brand for line in self.competitor_ids if line.brand]
        if brands:
            rows.append(
                {"label": self.env._("Buys elsewhere"), "value": ", ".join(brands)}
            )
        return rows

    # ------------------------------------------------------------
    # MEASURES
    # ------------------------------------------------------------

    def _get_trade_measures(self, metrics, months):
        """:return: list of ``{code, label, value, points}``, one point per month"""
        if not metrics or not metrics.last_purchase:
            return []
        number = self._format_trade_number
        measures = [
            (
                "purchases",
                self.env._("Purchases a month"),
                number(sum(month["purchases"] for month in months) / MONTHS, 1),
                [month["purchases"] for month in months],
            ),
            (
                "basket",
                self.env._("Net sales per purchase"),
                self._format_trade_amount(metrics.monetary, metrics),
                [month["basket"] for month in months],
            ),
            (
                "discount",
                self.env._("Discount taken"),
                f"{number(metrics.discount_rate, 1)}\N{NO-BREAK SPACE}%",
                [month["discount"] for month in months],
            ),
            (
                "late",
                self.env._("Days late"),
                number(metrics.days_late, 0),
                [month["late"] for month in months],
            ),
        ]
        return [
            {"code": code, "label": label, "value": value, "points": points}
            for code, label, value, points in measures
            if any(points)
        ]

    def _format_trade_number(self, number, digits):
        return formatLang(self.env, number, digits=digits)
