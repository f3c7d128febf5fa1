from odoo import api, models
from odoo.tools import SQL


class CustomerMetrics(models.Model):
    """Value and rhythm, from the documents of a customer.

    **Documents.** Basis *invoiced*: posted customer invoices, receipts and credit notes
    (``out_invoice``, ``out_receipt``, ``out_refund``) of the company, with
    ``amount_untaxed_signed`` (company currency, untaxed, credit notes negative), on
    their ``invoice_date``. Basis *ordered*: confirmed sales orders (state ``sale``) with
    their untaxed amount at the rate of the order, rounded to the company's currency, on
    the day of ``date_order`` in the company's time zone; credit notes then count in
    ``amount_refunded``, ``refunds`` and ``return_rate`` only.

    Until ``as_of`` included; the window is ``[date_from, as_of]`` (``MetricsRun``).

    * ``amount``, ``amount_previous``, ``amount_lifetime``: sum of the documents in the
      window, in the window before, and ever.
    * ``documents``: number of invoices and receipts (or orders) in the window;
      ``refunds``: of credit notes; ``amount_refunded``: their sum, positive.
    * **purchase**: a day with at least one invoice or receipt (or order) of more than
      nothing. ``purchase_days`` in the window, ``purchase_days_lifetime`` ever,
      ``repeat_purchases`` = ever less the first (never below 0), ``first_purchase`` and
      ``last_purchase`` ever.
    * ``interval_mean``, ``interval_median``: days between one purchase and the next,
      over all time; empty with fewer than two purchases. The median of an even number
      is the mean of the middle two.
    * ``recency_days``: days from the last purchase (ever) to ``as_of``.
    * ``monetary``: ``amount / purchase_days`` of the window, rounded to the currency.
    * ``return_rate``: 100 x credited / invoiced untaxed, in the window.
    """

    _inherit = "customer.metrics"

    def init(self):
        super().init()
        # all a run reads of an invoice: Odoo has no index by customer and day
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS account_move_customer_documents_idx
                ON account_move (company_id, partner_id, invoice_date)
           INCLUDE (move_type, amount_untaxed_signed, amount_total_signed)
             WHERE state = 'posted'
               AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')
            """
        )

    @api.model
    def _get_sources(self, run):
        return {**super()._get_sources(run), "documents": self._get_documents_sql(run)}

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        layers["facts"] |= {
            "as_of": SQL("%s", run.as_of),
            **{
                name: SQL("COALESCE(documents.%s, 0)", SQL.identifier(name))
                for name in (
                    "amount",
                    "amount_previous",
                    "amount_lifetime",
                    "amount_refunded",
                    "documents",
                    "refunds",
                    "purchase_days",
                    "purchase_days_lifetime",
                    "invoiced_untaxed",
                    "invoiced_total",
                )
            },
            **{
                name: SQL("documents.%s", SQL.identifier(name))
                for name in ("first_purchase", "last_purchase", "interval_median")
            },
        }
        layers["measures"] |= {
            "repeat_purchases": SQL("GREATEST(m.purchase_days_lifetime - 1, 0)"),
            "interval_mean": SQL(
                "(m.last_purchase - m.first_purchase)::float8"
                " / NULLIF(m.purchase_days_lifetime - 1, 0)"
            ),
            "recency_days": SQL("m.as_of - m.last_purchase"),
            "monetary": SQL(
                "ROUND(m.amount / NULLIF(m.purchase_days, 0), %s)",
                run.company.currency_id.decimal_places,
            ),
            "return_rate": SQL(
                "CASE WHEN m.invoiced_untaxed > 0"
                " THEN 100 * m.amount_refunded / m.invoiced_untaxed END"
            ),
        }
        return layers

    @api.model
    def _get_documents_sql(self, run):
        """:return: SQL subselect: value and rhythm of each customer with documents"""
        return SQL(
            """
            SELECT partner_id,
                   SUM(amount) FILTER (WHERE day >= %(start)s) AS amount,
                   SUM(amount) FILTER (WHERE day >= %(previous)s AND day < %(start)s)
                       AS amount_previous,
                   SUM(amount) AS amount_lifetime,
                   SUM(credited) FILTER (WHERE day >= %(start)s) AS amount_refunded,
                   SUM(documents) FILTER (WHERE day >= %(start)s) AS documents,
                   SUM(refunds) FILTER (WHERE day >= %(start)s) AS refunds,
                   SUM(untaxed) FILTER (WHERE day >= %(start)s) AS invoiced_untaxed,
                   SUM(total) FILTER (WHERE day >= %(start)s) AS invoiced_total,
                   COUNT(*) FILTER (WHERE bought AND day >= %(start)s) AS purchase_days,
                   COUNT(*) FILTER (WHERE bought) AS purchase_days_lifetime,
                   MIN(day) FILTER (WHERE bought) AS first_purchase,
                   MAX(day) FILTER (WHERE bought) AS last_purchase,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS interval_median
              FROM (SELECT *,
                           CASE WHEN bought THEN
                               day - MAX(day) FILTER (WHERE bought) OVER (
                                   PARTITION BY partner_id ORDER BY day
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                               )
                           END AS gap
                      FROM (%(days)s) days
                   ) gaps
          GROUP BY partner_id
            """,
            days=self._get_days_sql(run),
            start=run.date_from,
            previous=run.previous_from,
        )

    @api.model
    def _get_days_sql(self, run):
        """:return: SQL subselect: a row per customer and day with documents"""
        documents = self._get_moves_sql(run)
        if run.basis == "ordered":
            documents = SQL(
                "%s UNION ALL %s",
                self._get_orders_sql(run),
                SQL(
                    "SELECT partner_id, day, 0, FALSE, 0, credited, refunds, untaxed,"
                    " total FROM (%s) moves",
                    documents,
                ),
            )
        return SQL(
            """
            SELECT partner_id, day,
                   SUM(amount) AS amount,
                   bool_or(bought) AS bought,
                   SUM(documents) AS documents,
                   SUM(credited) AS credited,
                   SUM(refunds) AS refunds,
                   SUM(untaxed) AS untaxed,
                   SUM(total) AS total
              FROM (%s) documents
          GROUP BY partner_id, day
            """,
            documents,
        )

    @api.model
    def _get_moves_sql(self, run):
        """:return: SQL subselect: the posted customer documents until ``as_of``"""
        refund = SQL("move.move_type = 'out_refund'")
        return SQL(
            """
            SELECT %(customer)s AS partner_id,
                   move.invoice_date AS day,
                   move.amount_untaxed_signed AS amount,
                   NOT %(refund)s AND move.amount_untaxed_signed > 0 AS bought,
                   CASE WHEN %(refund)s THEN 0 ELSE 1 END AS documents,
                   CASE WHEN %(refund)s THEN -move.amount_untaxed_signed ELSE 0 END
                       AS credited,
                   CASE WHEN %(refund)s THEN 1 ELSE 0 END AS refunds,
                   CASE WHEN %(refund)s THEN 0 ELSE move.amount_untaxed_signed END
                       AS untaxed,
                   move.amount_total_signed AS total
              FROM account_move move
              JOIN res_partner contact ON contact.id = move.partner_id
             WHERE move.company_id = %(company)s
               AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND move.invoice_date <= %(as_of)s
               AND %(whose)s
            """,
            customer=self._get_customer_sql("contact"),
            refund=refund,
            company=run.company.id,
            as_of=run.as_of,
            whose=self._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_orders_sql(self, run):
        """:return: SQL subselect: the confirmed orders until ``as_of``"""
        amount = SQL(
            "ROUND(o.amount_untaxed / %s, %s)",
            self._get_order_rate_sql("o"),
            run.company.currency_id.decimal_places,
        )
        return SQL(
            """
            SELECT %(customer)s AS partner_id,
                   %(day)s AS day,
                   %(amount)s AS amount,
                   o.amount_untaxed > 0 AS bought,
                   1 AS documents,
                   0 AS credited, 0 AS refunds, 0 AS untaxed, 0 AS total
              FROM sale_order o
              JOIN res_partner contact ON contact.id = o.partner_id
             WHERE o.company_id = %(company)s
               AND o.state = 'sale'
               AND %(day)s <= %(as_of)s
               AND %(whose)s
            """,
            customer=self._get_customer_sql("contact"),
            day=self._get_day_sql(run, SQL("o.date_order")),
            amount=amount,
            company=run.company.id,
            as_of=run.as_of,
            whose=self._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_day_sql(self, run, moment):
        """:return: SQL: the company's day of a moment (UTC, as Odoo stores it)"""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            moment,
            run.company.partner_id.tz or "UTC",
        )

    @api.model
    def _get_order_rate_sql(self, order_alias):
        """:return: SQL: units of the order's currency per unit of the company's"""
        rate = SQL.identifier(order_alias, "currency_rate")
        return SQL("COALESCE(NULLIF(%s, 0), 1)::numeric", rate)
