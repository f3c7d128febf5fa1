from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

# Mean length of the periods in days: a month is a twelfth of the Julian year of
# 365.25 days.
PERIOD_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
# A stock that lasts longer is as good as endless, and its end past the calendar.
LONGEST_COVER = 100 * 365


class CustomerCardConsumption(models.Model):
    """What a customer has in stock of a product, and how fast he uses it: hence for
    how long it lasts and when he will need more.

    ``days_of_cover = stock_quantity / daily_use``, where ``daily_use`` is
    ``usage_quantity`` over the length of its period in days (the usual definition of
    days of supply: stock on hand divided by the mean demand of a day). Quantities are
    in the unit of the product, which is text: nothing is converted. All days are those
    of the user who looks.
    """

    _name = "customer.card.consumption"
    _description = "Consumption"
    _inherit = ["customer.card.line.mixin"]
    _order = "next_need_date, id"

    # what
    product_id = fields.Many2one(
        "customer.card.product",
        "Product or Category",
        required=True,
        index=True,
        ondelete="restrict",
    )
    uom = fields.Char(related="product_id.uom")
    # stock and use
    stock_quantity = fields.Float(
        "Stock at the Customer",
        digits=(16, 2),
        required=True,
        help="How much he had on the day of the count.",
    )
    as_of_date = fields.Date(
        "Counted On",
        required=True,
        default=lambda self: self.env.user._card_today(),
    )
    usage_quantity = fields.Float(
        "Use", digits=(16, 2), required=True, help="How much he uses in one period."
    )
    usage_period = fields.Selection(
        [("day", "per Day"), ("week", "per Week"), ("month", "per Month")],
        "Period",
        default="month",
        required=True,
    )
    lead_days = fields.Integer(
        "Order Before (Days)",
        default=lambda self: self.env.company.card_need_lead_days,
        help="How many days before the stock is used up he has to order.",
    )
    note = fields.Char()
    # what follows
    daily_use = fields.Float(
        digits=(16, 4), compute="_compute_cover", store=True, aggregator=None
    )
    days_of_cover = fields.Float(
        "Days of Cover",
        digits=(16, 1),
        compute="_compute_cover",
        store=True,
        aggregator="avg",
        help="For how many days the stock lasted from the day of the count: stock "
        "divided by the use of a day.",
    )
    next_need_date = fields.Date(
        "Next Need",
        compute="_compute_cover",
        store=True,
        index="btree_not_null",
        help="The day on which the stock is expected to be used up.",
    )
    order_date = fields.Date(
        "Order By",
        compute="_compute_cover",
        store=True,
        index="btree_not_null",
        help="The next need, less the days that ordering takes.",
    )
    stock_today = fields.Float(
        "Stock Today (Estimated)",
        digits=(16, 2),
        compute="_compute_today",
        help="The stock that was counted, less the use since then.",
    )
    days_left = fields.Integer(
        compute="_compute_today",
        help="Days until the next need; negative when it is past.",
    )
    need_state = fields.Selection(
        [
            ("overdue", "Overdue"),
            ("due", "Due"),
            ("soon", "Soon"),
            ("ok", "Supplied"),
        ],
        "Need",
        compute="_compute_today",
        search="_search_need_state",
        group_expand="_group_expand_need_state",
        help="Overdue: the stock is used up by now. Due: he has to order by now. "
        "Soon: within the days of the settings.",
    )

    _stock_positive = models.Constraint(
        "CHECK (stock_quantity >= 0)", "The stock at the customer cannot be negative."
    )
    _usage_positive = models.Constraint(
        "CHECK (usage_quantity > 0)",
        "Enter how much the customer uses in a period: more than zero.",
    )
    _lead_days_positive = models.Constraint(
        "CHECK (lead_days >= 0)",
        "The days for ordering cannot be negative: 0 means on the day of the need.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.product_id.complete_name

    @api.depends(
        "stock_quantity", "as_of_date", "usage_quantity", "usage_period", "lead_days"
    )
    def _compute_cover(self):
        for line in self:
            daily_use = line.usage_quantity / PERIOD_DAYS[line.usage_period or "month"]
            known = line.as_of_date and daily_use > 0
            cover = line.stock_quantity / daily_use if known else 0.0
            line.daily_use = daily_use
            line.days_of_cover = cover
            line.next_need_date = known and line.as_of_date + timedelta(
                days=int(min(max(cover, 0), LONGEST_COVER))
            )
            line.order_date = known and line.next_need_date - timedelta(
                days=line.lead_days
            )

    @api.depends_context("uid", "company")
    @api.depends("next_need_date", "order_date", "daily_use", "stock_quantity")
    def _compute_today(self):
        today = self.env.user._card_today()
        soon = self._get_soon_date()
        for line in self:
            if not line.next_need_date:
                line.stock_today = line.stock_quantity
                line.days_left = 0
                line.need_state = False
                continue
            used = line.daily_use * (today - line.as_of_date).days
            line.stock_today = max(line.stock_quantity - max(used, 0), 0)
            line.days_left = (line.next_need_date - today).days
            if line.next_need_date < today:
                line.need_state = "overdue"
            elif line.order_date <= today:
                line.need_state = "due"
            elif line.order_date <= soon:
                line.need_state = "soon"
            else:
                line.need_state = "ok"

    @api.model
    def _get_soon_date(self):
        """:return: until which day a need counts as soon, for this user and company"""
        return self.env.user._card_today() + timedelta(
            days=self.env.company.card_need_soon_days
        )

    @api.model
    def _get_need_domains(self):
        """:return: ``{need state: Domain}`` on the user's day"""
        today, soon = self.env.user._card_today(), self._get_soon_date()
        return {
            "overdue": Domain("next_need_date", "<", today),
            "due": Domain("next_need_date", ">=", today)
            & Domain("order_date", "<=", today),
            "soon": Domain("order_date", ">", today) & Domain("order_date", "<=", soon),
            "ok": Domain("order_date", ">", soon),
        }

    def _search_need_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = self._get_need_domains()
        return Domain.OR(domains[state] for state in value if state in domains)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """A need is a matter of the day, so its state is not stored: group by the
        dates."""
        if groupby_spec != "need_state":
            return super()._read_group_groupby(alias, groupby_spec, query)
        return SQL(
            """
            CASE WHEN %(need)s < %(today)s THEN 'overdue'
                 WHEN %(order)s <= %(today)s THEN 'due'
                 WHEN %(order)s <= %(soon)s THEN 'soon'
                 ELSE 'ok' END
            """,
            need=self._field_to_sql(alias, "next_need_date", query),
            order=self._field_to_sql(alias, "order_date", query),
            today=self.env.user._card_today(),
            soon=self._get_soon_date(),
        )

    def _group_expand_need_state(self, states, domain):
        return [state for state, _label in self._fields["need_state"].selection]

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("as_of_date")
    def _check_as_of_date(self):
        today = self.env.user._card_today()
        for line in self:
            if line.as_of_date > today:
                raise ValidationError(
                    self.env._(
                        "%(product)s: the stock cannot be counted in the future. Enter "
                        "the day on which it was counted.",
                        product=line.product_id.complete_name,
                    )
                )

    @api.constrains("partner_id", "product_id", "active")
    def _check_product_once(self):
        lines = self.filtered("active")
        counts = lines._read_group(
            [
                ("active", "=", True),
                ("partner_id", "in", lines.partner_id.ids),
                ("product_id", "in", lines.product_id.ids),
            ],
            ["partner_id", "product_id"],
            ["__count"],
            having=[("__count", ">", 1)],
        )
        present = {(line.partner_id, line.product_id) for line in lines}
        for partner, product, _count in counts:
            if (partner, product) not in present:
                continue
            raise ValidationError(
                self.env._(
                    "%(product)s is among the consumption of %(customer)s already. "
                    "Record a new count there.",
                    product=product.complete_name,
                    customer=partner.display_name,
                )
            )

    @api.onchange("stock_quantity")
    def _onchange_stock_quantity(self):
        """A stock that is typed in anew was counted today, as a rule."""
        if self._origin and self.stock_quantity != self._origin.stock_quantity:
            self.as_of_date = self.env.user._card_today()
