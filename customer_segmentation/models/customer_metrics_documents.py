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

    def init(self):  # pylint: disable=missing-return
        super().init()
        # all a run reads of an invoice: Odoo has no index by customer and day
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS account_move_customer_figures_idx
                ON account_move (company_id, partner_id, invoice_date)
           INCLUDE (id, move_type, amount_untaxed_signed, amount_total_signed)
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
    def _get_documents_sql(self, run, names=None):
        """:param names: columns, all when not given
        :return: SQL subselect: value and rhythm of each customer with documents; only
            from the days that these columns are about
        """
        sums = self._get_sum_columns(run)
        rhythm = self._get_rhythm_columns(run)
        columns = {
            name: sql
            for name, sql in {**sums, **rhythm}.items()
            if names is None or name in names
        }
        needs_gaps = not sums.keys() >= columns.keys()
        since = SQL("TRUE")
        if not needs_gaps and "amount_lifetime" not in columns:
            start = run.previous_from if "amount_previous" in columns else run.date_from
            since = SQL("day >= %s", start)
        documents = self._get_stream_sql(run)
        return SQL(
            "SELECT partner_id, %s FROM (%s) documents WHERE %s GROUP BY partner_id",
            SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(name))
                for name, sql in columns.items()
            ),
            self._get_gaps_sql(documents) if needs_gaps else documents,
            since,
        )

    @api.model
    def _get_sum_columns(self, run):
        """:return: ``{column: SQL}``: sums over documents"""
        in_window = SQL("FILTER (WHERE day >= %s)", run.date_from)
        before = SQL(
            "FILTER (WHERE day >= %s AND day < %s)", run.previous_from, run.date_from
        )
        return {
            "amount": SQL("SUM(amount) %s", in_window),
            "amount_previous": SQL("SUM(amount) %s", before),
            "amount_lifetime": SQL("SUM(amount)"),
            "amount_refunded": SQL("SUM(credited) %s", in_window),
            "documents": SQL("SUM(documents) %s", in_window),
            "refunds": SQL("SUM(refunds) %s", in_window),
            "invoiced_untaxed": SQL("SUM(untaxed) %s", in_window),
            "invoiced_total": SQL("SUM(total) %s", in_window),
            "mark": SQL("SUM(mark)"),
        }

    @api.model
    def _get_rhythm_columns(self, run):
        """:return: ``{column: SQL}`` over documents with their ``gap``"""
        is_purchase = SQL("bought AND gap IS DISTINCT FROM 0")
        return {
            "purchase_days": SQL(
                "COUNT(*) FILTER (WHERE %s AND day >= %s)", is_purchase, run.date_from
            ),
            "purchase_days_lifetime": SQL("COUNT(*) FILTER (WHERE %s)", is_purchase),
            "first_purchase": SQL("MIN(day) FILTER (WHERE bought)"),
            "last_purchase": SQL("MAX(day) FILTER (WHERE bought)"),
            "interval_median": SQL(
                "percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)"
                " FILTER (WHERE gap > 0)"
            ),
        }

    @api.model
    def _get_gaps_sql(self, documents):
        """:return: SQL subselect: documents with their ``gap``, the days since the
        purchase before: 0 for another of the same day, empty for the first.

        One sort serves it all: what was bought comes last, in the order of the days.
        """
        return SQL(
            """
            SELECT *, CASE WHEN bought AND LAG(bought) OVER purchase
                      THEN day - LAG(day) OVER purchase END AS gap
              FROM (%s) documents
            WINDOW purchase AS (PARTITION BY partner_id ORDER BY bought, day)
            """,
            documents,
        )

    @api.model
    def _get_stream_sql(self, run):
        """:return: SQL subselect: the documents that count, a row each"""
        documents = self._get_moves_sql(run)
        if run.basis == "invoiced":
            return documents
        return SQL(
            "%s UNION ALL SELECT partner_id, day, 0, FALSE, 0, credited, refunds,"
            " untaxed, total, mark FROM (%s) moves",
            self._get_orders_sql(run),
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
                   move.amount_total_signed AS total,
                   move.id::bigint * (1 + move.invoice_date - DATE '1970-01-01')
                       AS mark
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
                   0 AS credited, 0 AS refunds, 0 AS untaxed, 0 AS total,
                   o.id::bigint AS mark
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
    def _get_in_window_sql(self, run, moment):
        """:return: SQL condition: the company's day of a moment is in the window. What is
        a day off, no time zone brings in, and is not converted."""
        return SQL(
            "(%(moment)s >= %(start)s::date - 1 AND %(moment)s < %(end)s::date + 2"
            " AND %(day)s BETWEEN %(start)s AND %(end)s)",
            moment=moment,
            day=self._get_day_sql(run, moment),
            start=run.date_from,
            end=run.as_of,
        )

    @api.model
    def _get_order_rate_sql(self, order_alias):
        """:return: SQL: units of the order's currency per unit of the company's"""
        rate = SQL.identifier(order_alias, "currency_rate")
        return SQL("COALESCE(NULLIF(%s, 0), 1)::numeric", rate)
