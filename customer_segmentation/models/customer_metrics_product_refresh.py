from odoo import api, models
from odoo.tools import SQL

TABLE = "customer_metrics_product_computed"
# column of the table: its type
COLUMNS = (
    "quantity",
    "amount",
    "quantity_previous",
    "amount_previous",
    "quantity_lifetime",
    "amount_costed",
    "margin",
    "purchase_days",
    "purchase_days_lifetime",
    "first_purchase",
    "last_purchase",
    "last_price",
)


class CustomerMetricsProduct(models.Model):
    """The computation of purchases by product: the rows that differ into a temporary
    table, then written; two statements for any number of customers."""

    _inherit = "customer.metrics.product"

    @api.model
    def _refresh_products(self, run):
        """Compute the rows of a run; whose documents are gone, his rows go.

        :param run: ``MetricsRun``
        """
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(TABLE)))
        self.env.cr.execute(
            SQL(
                "CREATE TEMP TABLE %s ON COMMIT DROP AS %s",
                SQL.identifier(TABLE),
                self._get_statement(run),
            )
        )
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(TABLE)))
        self.env.cr.execute(self._get_write_statement(run))

    @api.model
    def _get_statement(self, run):
        """:return: SQL: the rows that differ from those kept, with ``old_id`` and
        whether they ``exist`` still"""
        columns = [SQL.identifier(name) for name in COLUMNS]
        new = SQL(", ").join(SQL("new.%s", column) for column in columns)
        old = SQL(", ").join(SQL("old.%s", column) for column in columns)
        return SQL(
            """
            SELECT old.id AS old_id, new.partner_id IS NOT NULL AS exist,
                   new.partner_id, new.product_id, %(new)s
              FROM (%(rows)s) new
         FULL JOIN (SELECT *
                      FROM customer_metrics_product kept
                     WHERE kept.company_id = %(company)s AND %(whose)s
                   ) old
                ON old.partner_id = new.partner_id
               AND old.product_id = new.product_id
             WHERE old.id IS NULL
                OR new.partner_id IS NULL
                OR ROW(%(new)s) IS DISTINCT FROM ROW(%(old)s)
            """,
            new=new,
            old=old,
            rows=self._get_rows_sql(run),
            company=run.company.id,
            whose=SQL("TRUE")
            if run.is_full
            else SQL("kept.partner_id = ANY(%s)", list(run.partner_ids)),
        )

    @api.model
    def _get_rows_sql(self, run):
        """:return: SQL subselect: a row per customer and product. Days are made one
        first: several lines of a day are one purchase."""
        return SQL(
            """
            SELECT partner_id, product_id,
                   COALESCE(SUM(quantity) FILTER (WHERE day >= %(start)s), 0)
                       AS quantity,
                   COALESCE(SUM(amount) FILTER (WHERE day >= %(start)s), 0)
                       AS amount,
                   COALESCE(SUM(quantity) FILTER (
                       WHERE day >= %(previous)s AND day < %(start)s), 0)
                       AS quantity_previous,
                   COALESCE(SUM(amount) FILTER (
                       WHERE day >= %(previous)s AND day < %(start)s), 0)
                       AS amount_previous,
                   SUM(quantity) AS quantity_lifetime,
                   COALESCE(SUM(amount_costed) FILTER (WHERE day >= %(start)s), 0)
                       AS amount_costed,
                   ROUND(COALESCE(SUM(amount_costed - cost)
                       FILTER (WHERE day >= %(start)s), 0), %(decimals)s) AS margin,
                   (COUNT(bought) FILTER (WHERE day >= %(start)s))::int
                       AS purchase_days,
                   COUNT(bought)::int AS purchase_days_lifetime,
                   MIN(day) FILTER (WHERE bought > 0) AS first_purchase,
                   MAX(day) FILTER (WHERE bought > 0) AS last_purchase,
                   ROUND((MAX(ARRAY[(day - DATE '1970-01-01')::numeric, price])
                       FILTER (WHERE bought > 0))[2], %(decimals)s) AS last_price
              FROM (SELECT partner_id, product_id, day,
                           SUM(quantity) AS quantity,
                           SUM(amount) AS amount,
                           SUM(amount) FILTER (WHERE unit_cost > 0) AS amount_costed,
                           SUM(quantity * unit_cost) FILTER (WHERE unit_cost > 0)
                               AS cost,
                           SUM(quantity) FILTER (WHERE bought) AS bought,
                           SUM(amount) FILTER (WHERE bought)
                               / NULLIF(SUM(quantity) FILTER (WHERE bought), 0)
                               AS price
                      FROM (%(lines)s) lines
                  GROUP BY partner_id, product_id, day
                   ) days
          GROUP BY partner_id, product_id
            """,
            lines=self._get_lines_sql(run),
            start=run.date_from,
            previous=run.previous_from,
            decimals=run.company.currency_id.decimal_places,
        )

    @api.model
    def _get_write_statement(self, run):
        columns = [SQL.identifier(name) for name in COLUMNS]
        new = SQL(", ").join(SQL("new.%s", column) for column in columns)
        return SQL(
            """
            WITH changed AS (
                UPDATE customer_metrics_product kept
                   SET (%(columns)s, write_uid, write_date)
                       = ROW(%(new)s, %(uid)s, now() AT TIME ZONE 'UTC')
                  FROM %(table)s new
                 WHERE kept.id = new.old_id AND new.exist
            ), gone AS (
                DELETE FROM customer_metrics_product kept
                      USING %(table)s new
                      WHERE kept.id = new.old_id AND NOT new.exist
            )
            INSERT INTO customer_metrics_product
                   (company_id, partner_id, product_id, %(columns)s,
                    create_uid, create_date, write_uid, write_date)
            SELECT %(company)s, new.partner_id, new.product_id, %(new)s,
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM %(table)s new
             WHERE new.old_id IS NULL
            """,
            columns=SQL(", ").join(columns),
            new=new,
            uid=self.env.uid,
            table=SQL.identifier(TABLE),
            company=run.company.id,
        )
