from odoo import api, models
from odoo.tools import SQL


class CustomerMetrics(models.Model):
    """Places among the customers of the company.

    Of all customers with a positive net amount in the window; the others have no place
    and no share.

    * ``rank``: 1 + the number of strictly larger customers.
    * ``share``: 100 x amount / total; ``share_before``: what strictly larger customers
      hold; ``share_cumulated``: what customers at least as large hold. In percent,
      rounded to six digits. Classes are drawn from the exact sums ``m.larger_amount``
      and ``m.total_amount``.
    * RFM, of all customers with a purchase in the window: for each of last purchase,
      ``purchase_days`` and ``monetary`` apart, 5 while fewer than a fifth of the other
      customers are strictly better (later, more often, more per purchase), 4 while
      fewer than two fifths, … 1. That is ``5 - floor(5 x PERCENT_RANK)`` in descending
      order, at least 1, in whole numbers; equals share a score, ``NTILE`` would part
      them. The code is the three figures, as ``545``.
    """

    _inherit = "customer.metrics"

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        buyers = SQL("PARTITION BY m.amount > 0 ORDER BY m.amount DESC")
        total = SQL("NULLIF(SUM(GREATEST(m.amount, 0)) OVER (), 0)")
        larger = SQL(
            "COALESCE(SUM(m.amount) OVER (%s GROUPS BETWEEN UNBOUNDED PRECEDING"
            " AND 1 PRECEDING), 0)",
            buyers,
        )
        as_large = SQL("SUM(m.amount) OVER (%s)", buyers)

        def of_buyers(sql):
            return SQL("CASE WHEN m.amount > 0 THEN %s END", sql)

        def percent(sql):
            return of_buyers(SQL("ROUND(100 * %s / %s, 6)", sql, total))

        scores = {
            "rfm_recency": SQL("m.last_purchase"),
            "rfm_frequency": SQL("m.purchase_days"),
            "rfm_monetary": SQL("m.monetary"),
        }
        scores = {name: self._get_score_sql(value) for name, value in scores.items()}
        layers["ranks"] |= {
            "total_amount": total,
            "larger_amount": of_buyers(larger),
            "rank": of_buyers(SQL("RANK() OVER (%s)", buyers)),
            "share": percent(SQL("m.amount")),
            "share_before": percent(larger),
            "share_cumulated": percent(as_large),
            **scores,
            "rfm_code": SQL("concat(%s)", SQL(", ").join(scores.values())),
        }
        return layers

    @api.model
    def _get_score_sql(self, value):
        """:return: SQL: the fifth, 5 the best, of a value among those who bought"""
        return SQL(
            "CASE WHEN m.purchase_days > 0 THEN GREATEST(1, 5"
            " - 5 * (RANK() OVER (PARTITION BY m.purchase_days > 0"
            " ORDER BY %s DESC) - 1)"
            " / GREATEST(COUNT(*) OVER (PARTITION BY m.purchase_days > 0) - 1, 1)) END",
            value,
        )
