from odoo import api, fields, models

from ..models.customer_card_consumption import PERIOD_DAYS


class CustomerCardConsumptionCount(models.TransientModel):
    """What is in stock now? Enters a new count, and shows what use it tells."""

    _name = "customer.card.consumption.count"
    _description = "Count of a Customer's Stock"

    consumption_id = fields.Many2one(
        "customer.card.consumption", required=True, readonly=True, ondelete="cascade"
    )
    # what is known; not related, which would read it past the rights of the user
    known_date = fields.Date("Last Count", compute="_compute_known")
    known_quantity = fields.Float(
        "Stock Then", digits=(16, 2), compute="_compute_known"
    )
    estimated_quantity = fields.Float(
        "Estimated Now", digits=(16, 2), compute="_compute_known"
    )
    usage_quantity = fields.Float("Use", digits=(16, 2), compute="_compute_known")
    usage_period = fields.Selection(
        [("day", "per Day"), ("week", "per Week"), ("month", "per Month")],
        "Period",
        compute="_compute_known",
    )
    uom = fields.Char("Unit", compute="_compute_known")
    # what was counted
    date = fields.Date(
        "Counted On", required=True, default=lambda self: self.env.user._card_today()
    )
    stock_quantity = fields.Float("In Stock Now", digits=(16, 2))
    delivered_quantity = fields.Float(
        "Delivered Since",
        digits=(16, 2),
        help="What the customer received since the last count, from anybody.",
    )
    # what it tells
    observed_quantity = fields.Float(
        "Observed Use",
        digits=(16, 2),
        compute="_compute_observed",
        help="Stock at the first count of the last year, plus what was delivered since, "
        "less what is there now, for the days between.",
    )
    observed_problem = fields.Char(compute="_compute_observed")
    use_observed = fields.Boolean(
        "Go on with the Observed Use",
        help="The observed use replaces the one that was entered.",
    )

    @api.depends("consumption_id")
    def _compute_known(self):
        for count in self:
            line = count.consumption_id
            count.known_date = line.as_of_date
            count.known_quantity = line.stock_quantity
            count.estimated_quantity = line.stock_today
            count.usage_quantity = line.usage_quantity
            count.usage_period = line.usage_period
            count.uom = line.product_id.uom

    @api.depends("consumption_id", "date", "stock_quantity", "delivered_quantity")
    def _compute_observed(self):
        for count in self:
            line = count.consumption_id
            daily_use = (
                line
                and count.date
                and line._get_observed_use(
                    (count.date, count.stock_quantity, count.delivered_quantity)
                )[line.id]
            )
            known = bool(daily_use and daily_use > 0)
            count.observed_quantity = (
                daily_use * PERIOD_DAYS[line.usage_period] if known else 0
            )
            count.observed_problem = (
                line and not known and line._get_unobserved_text(daily_use)
            )

    def action_save(self):
        """Enter the count.

        :raise AccessError: for a line of a card that the user does not keep
        :raise UserError: when the numbers cannot be
        """
        self.ensure_one()
        self.consumption_id._enter_count(
            self.date, self.stock_quantity, self.delivered_quantity, self.use_observed
        )
        return {"type": "ir.actions.act_window_close"}
