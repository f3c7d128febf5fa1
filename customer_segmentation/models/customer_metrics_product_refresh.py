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
        self.env["customer.metrics"]._analyze_grown(self._table, self.env.cr.rowcount)

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
        """:return: SQL subselect: a row per customer and product.

        One sort serves it all: the purchases of a product in the order of their days
        come last, so a line begins a purchase when the line before is of another day,
        and the last line of all tells the last price.
        """
        in_window = SQL("FILTER (WHERE day >= %s)", run.date_from)
        before = SQL(
            "FILTER (WHERE day >= %s AND day < %s)", run.previous_from, run.date_from
        )
        columns = {
            "quantity": SQL("COALESCE(SUM(quantity) %s, 0)", in_window),
            "amount": SQL("COALESCE(SUM(amount) %s, 0)", in_window),
            "quantity_previous": SQL("COALESCE(SUM(quantity) %s, 0)", before),
            "amount_previous": SQL("COALESCE(SUM(amount) %s, 0)", before),
            "quantity_lifetime": SQL("SUM(quantity)"),
            "amount_costed": SQL(
                "COALESCE(SUM(amount) FILTER (WHERE unit_cost > 0 AND day >= %s), 0)",
                run.date_from,
            ),
            "margin": SQL(
                "ROUND(COALESCE(SUM(amount - quantity * unit_cost)"
                " FILTER (WHERE unit_cost > 0 AND day >= %s), 0), %s)",
                run.date_from,
                run.company.currency_id.decimal_places,
            ),
            "purchase_days": SQL(
                "(COUNT(*) FILTER (WHERE is_new_day AND day >= %s))::int", run.date_from
            ),
            "purchase_days_lifetime": SQL("(COUNT(*) FILTER (WHERE is_new_day))::int"),
            "first_purchase": SQL("MIN(day) FILTER (WHERE bought)"),
            "last_purchase": SQL("MAX(day) FILTER (WHERE bought)"),
            "last_price": SQL(
                "ROUND(MAX(amount / NULLIF(quantity, 0))"
                " FILTER (WHERE bought AND is_last), %s)",
                run.company.currency_id.decimal_places,
            ),
        }
        return SQL(
            """
            SELECT partner_id, product_id, %(columns)s
              FROM (SELECT *,
                           bought AND (LAG(day) OVER purchase IS DISTINCT FROM day
                                       OR NOT LAG(bought) OVER purchase) AS is_new_day,
                           LEAD(day) OVER purchase IS NULL AS is_last
                      FROM (%(lines)s) lines
                    WINDOW purchase AS (PARTITION BY partner_id, product_id
                                        ORDER BY bought, day, line_id)
                   ) purchases
          GROUP BY partner_id, product_id
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", columns[name], SQL.identifier(name)) for name in COLUMNS
            ),
            lines=self._get_lines_sql(run),
        )

    @api.model
    def _get_write_statement(self, run):
        columns = [SQL.identifier(name) for name in COLUMNS]
        new = SQL(", ").join(SQL("new.%s", column) for column in columns)
        return SQL(
            """
            WITH changed AS (
                UPDATE customer_metrics_product kept
                   SET (%(columns)s) = ROW(%(new)s)
                  FROM %(table)s new
                 WHERE kept.id = new.old_id AND new.exist
            ), gone AS (
                DELETE FROM customer_metrics_product kept
                      USING %(table)s new
                      WHERE kept.id = new.old_id AND NOT new.exist
            )
            INSERT INTO customer_metrics_product
                   (company_id, partner_id, product_id, %(columns)s)
            SELECT %(company)s, new.partner_id, new.product_id, %(new)s
              FROM %(table)s new
             WHERE new.old_id IS NULL
            """,
            columns=SQL(", ").join(columns),
            new=new,
            table=SQL.identifier(TABLE),
            company=run.company.id,
        )
