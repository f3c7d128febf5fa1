from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .customer_card_consumption import PERIOD_DAYS

# Use is observed over the counts of the last year: long enough for seasons, short
# enough to follow a customer who grows.
OBSERVED_DAYS = 365


class CustomerCardConsumption(models.Model):
    """Each count of a stock stays as history, and tells how fast the customer really
    uses it."""

    _inherit = "customer.card.consumption"

    reading_ids = fields.One2many(
        "customer.card.consumption.reading", "consumption_id", "Counts", readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._enter_readings()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if {"stock_quantity", "as_of_date"} & vals.keys():
            self._enter_readings()
        return result

    def action_count(self):
        """:return: the action that asks what is in stock now
        :raise AccessError: for a line of a card that the user does not keep
        """
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_consumption_count_action"
        )
        return {**action, "context": {"default_consumption_id": self.id}}

    def _enter_readings(self):
        """Keep the present counts as history. A later day is a new count; the same or
        an earlier day corrects the latest one.

        :raise UserError: when a correction would lie before the count before
        """
        # sudo: nobody writes the history but this method
        Reading = self.env["customer.card.consumption.reading"].sudo()
        history = Reading.search([("consumption_id", "in", self.ids)]).grouped(
            lambda reading: reading.consumption_id.id
        )
        new = []
        for line in self:
            readings = history.get(line.id, Reading)
            values = {
                "date": line.as_of_date,
                "stock_quantity": line.stock_quantity,
                "user_id": self.env.uid,
            }
            if not readings or line.as_of_date > readings[0].date:
                new.append({**values, "consumption_id": line.id})
                continue
            if len(readings) > 1 and line.as_of_date <= readings[1].date:
                raise UserError(
                    self.env._(
                        "%(product)s was counted on %(date)s already: the latest count "
                        "must be later.",
                        product=line.product_id.complete_name,
                        date=format_date(self.env, readings[1].date),
                    )
                )
            readings[0].write(values)
        Reading.create(new)

    def _get_observed_use(self, count=None):
        """How much is really used in a day: between the first count of the last year
        and the last one,
        ``(first stock + all deliveries since then − last stock) / days between``.

        :param count: ``(date, stock, delivered)`` of a count that is not entered yet
        :return: ``{line id: quantity a day}``, ``None`` where less than two counts
            tell, negative where more came in than was entered as delivered
        """
        observed = {}
        for line in self:
            counts = [
                (reading.date, reading.stock_quantity, reading.delivered_quantity)
                for reading in line.reading_ids.sorted("date")
            ]
            if count:
                counts = [known for known in counts if known[0] < count[0]] + [count]
            start = counts and counts[-1][0] - timedelta(days=OBSERVED_DAYS)
            counts = [known for known in counts if known[0] >= start]
            if len(counts) < 2:
                observed[line.id] = None
                continue
            first, *others = counts
            delivered = sum(known[2] for known in others)
            days = (others[-1][0] - first[0]).days
            observed[line.id] = (first[1] + delivered - others[-1][1]) / days
        return observed

    def _enter_count(self, date, stock, delivered=0.0, observe=False):
        """Enter a new count of one stock.

        :param date: day of the count, later than the last one (or the same: then it
            corrects it)
        :param stock: how much there was, in the unit of the product
        :param delivered: how much came in since the count before
        :param observe: whether the rate of use follows from the counts
        :raise AccessError: for a line of a card that the user does not keep
        :raise UserError: for a date before the last count, negative quantities, or
            counts that tell no use
        """
        self.ensure_one()
        product = self.product_id.complete_name
        if stock < 0 or delivered < 0:
            raise UserError(
                self.env._(
                    "%(product)s: stock and deliveries cannot be negative.",
                    product=product,
                )
            )
        if date < self.as_of_date:
            raise UserError(
                self.env._(
                    "%(product)s was counted on %(date)s already. Enter a later day.",
                    product=product,
                    date=format_date(self.env, self.as_of_date),
                )
            )
        vals = {"stock_quantity": stock, "as_of_date": date}
        if observe:
            daily_use = self._get_observed_use((date, stock, delivered))[self.id]
            if daily_use is None or daily_use <= 0:
                raise UserError(self._get_unobserved_text(daily_use))
            vals["usage_quantity"] = daily_use * PERIOD_DAYS[self.usage_period]
        self.write(vals)
        # sudo: nobody writes the history but the methods of this model
        self.reading_ids.sudo().filtered(
            lambda reading: reading.date == date
        ).delivered_quantity = delivered

    def _get_unobserved_text(self, daily_use):
        """:return: why the counts tell no rate of use"""
        if daily_use is None:
            return self.env._(
                "%(product)s: the use can be observed from the second count on, on "
                "another day.",
                product=self.product_id.complete_name,
            )
        return self.env._(
            "%(product)s: the stock did not fall by these counts. Enter what was "
            "delivered in between.",
            product=self.product_id.complete_name,
        )
