from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# who is about to leave, or has left
RISKY = ("medium", "high", "lost")


class CustomerMetrics(models.Model):
    """Who is about to leave: a customer is measured by his own rhythm (O05).

    *Silence* is the number of days from the last purchase to the day of the figures.
    Its *limit* in whole days is, with the settings of the company:

    * two purchases or more: ``max(risk_window_days, floor(risk_factor x median))``,
      where the median is that of the days between his purchases, over all time;
    * one purchase: ``risk_first_days``.

    The risk is *low* up to the limit, *medium* above it, *high* above
    ``risk_high_factor`` x limit and *lost* above ``risk_lost_factor`` x limit. Who
    never bought has no risk (empty). A purchase is a day with a purchase.
    """

    _inherit = "customer.metrics"

    silence_limit = fields.Integer(
        "Silent at Most (Days)",
        aggregator="avg",
        help="Longer than that without a purchase, and he is about to leave: his usual "
        "interval times the factor of the settings, at least the days set there.",
    )
    money_at_stake = fields.Monetary(
        help="Net sales of this window or of the one before, whichever is larger, of a "
        "customer at risk: what a year with him is worth when the window is a year.",
    )
    next_purchase_date = fields.Date(
        "Next Purchase Expected",
        aggregator="min",
        help="The last purchase plus the median of the days between his purchases.",
    )
    is_purchase_overdue = fields.Boolean(
        "Purchase Overdue",
        compute="_compute_is_purchase_overdue",
        search="_search_is_purchase_overdue",
        help="His next purchase was expected before today.",
    )

    @api.depends_context("uid")
    @api.depends("next_purchase_date")
    def _compute_is_purchase_overdue(self):
        today = self.env.user._card_today()
        for row in self:
            row.is_purchase_overdue = bool(
                row.next_purchase_date and row.next_purchase_date < today
            )

    def _search_is_purchase_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain("next_purchase_date", "<", self.env.user._card_today())
        return domain if True in value else ~domain

    def action_open_defection(self):
        """:return: the action that shows the customer's open defection, or a new one
        :raise UserError: for a customer without a card
        """
        self.ensure_one()
        self.check_access("read")
        if not self.partner_id.card_root_id:
            raise UserError(
                self.env._(
                    "%(customer)s has no customer card. Open a card first.",
                    customer=self.partner_id._get_card_names(),
                )
            )
        return self.partner_id.with_company(self.company_id).action_open_defection()

    # ------------------------------------------------------------
    # COMPUTATION
    # ------------------------------------------------------------

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        layers["risk"].update(
            {
                "silence_limit": self._get_silence_limit_sql(run.company),
                "defection_risk": self._get_risk_sql(run),
                "money_at_stake": self._get_stake_sql(run),
                "next_purchase_date": SQL(
                    "CASE WHEN m.purchase_days_lifetime >= 2 THEN"
                    " m.last_purchase + ROUND(m.interval_median::numeric)::int END"
                ),
            }
        )
        return layers

    @api.model
    def _get_silence_limit_sql(self, company):
        """:return: SQL: how many days he may be silent, an integer; 0 who never
        bought"""
        return SQL(
            """
            CASE WHEN m.purchase_days_lifetime >= 2
                 THEN GREATEST(
                     %(window)s,
                     FLOOR(%(factor)s::numeric * m.interval_median::numeric)::int)
                 WHEN m.purchase_days_lifetime = 1 THEN %(first)s
                 ELSE 0
             END
            """,
            window=company.risk_window_days,
            factor=str(company.risk_factor),
            first=company.risk_first_days,
        )

    @api.model
    def _get_risk_sql(self, run):
        """:return: SQL: a value of ``defection_risk``, or NULL"""
        return SQL(
            """
            CASE WHEN m.last_purchase IS NULL THEN NULL
                 WHEN (%(silence)s) > %(lost)s::numeric * (%(limit)s) THEN 'lost'
                 WHEN (%(silence)s) > %(high)s::numeric * (%(limit)s) THEN 'high'
                 WHEN (%(silence)s) > (%(limit)s) THEN 'medium'
                 ELSE 'low'
             END
            """,
            silence=SQL("%s::date - m.last_purchase", run.as_of),
            limit=self._get_silence_limit_sql(run.company),
            high=str(run.company.risk_high_factor),
            lost=str(run.company.risk_lost_factor),
        )

    @api.model
    def _get_stake_sql(self, run):
        """:return: SQL: an amount in the currency of the company, never negative"""
        return SQL(
            "CASE WHEN (%s) IN %s THEN GREATEST(m.amount, m.amount_previous, 0)"
            " ELSE 0 END",
            self._get_risk_sql(run),
            RISKY,
        )

    @api.model
    def _after_rows(self, run):
        result = super()._after_rows(run)
        self.env["customer.defection"]._follow_figures(run)
        return result
