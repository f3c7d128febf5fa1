from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

DOCUMENTS = "customer_metrics_documents"
# a transaction that was open when the last run began may have committed since
OVERLAP = timedelta(hours=1)
# all purchases by product are computed anew, whatever seems to have changed
FULL_EVERY = timedelta(days=7)
# beyond this part of the customers, reading everything is quicker
MANY = 0.2


class CustomerMetrics(models.Model):
    """Whose purchases by product, and what is summed up from them, have to be computed
    anew.

    Reading every line of every document is most of the work, and on most nights few
    customers have new ones. A customer is *touched* when his documents are not those
    of the last run (``documents_mark``, a checksum: posted, cancelled, moved to another
    customer, merged), when one of them or a product that he buys was written since
    (its cost, its category), or when one of them has come into, or left, the window or
    the window before.

    Everybody is touched in the first run, after a change of window or basis, in and
    after a look back, with the basis *ordered*, where costs stand on order lines
    (*Margins in Sales Orders*), and once a week.
    """

    _inherit = "customer.metrics"

    # no bigint in Odoo
    documents_mark = fields.Float(
        digits=(40, 0),
        aggregator=None,
        help="Checksum of the documents that the purchases by product were made of.",
    )

    @api.model
    def _create_documents(self, run, documents):
        """Put value and rhythm of the documents into a temporary table."""
        table = SQL.identifier(DOCUMENTS)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(
            SQL("CREATE TEMP TABLE %s ON COMMIT DROP AS %s", table, documents)
        )
        # what it is joined by; statistics of the rest would be a tenth of the work
        self.env.cr.execute(SQL("ANALYZE %s (partner_id)", table))

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        layers["facts"]["documents_mark"] = (
            SQL("documents.mark") if run.recorded else SQL("NULL")
        )
        return layers

    @api.model
    def _get_product_run(self, run):
        """:return: ``MetricsRun`` of the customers who are touched"""
        state = run.company.metrics_product_state or {}
        if not run.is_full or self._must_read_all(run, state):
            return run
        touched = self._get_touched_ids(run, state)
        [(number,)] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM %s", SQL.identifier(DOCUMENTS))
        )
        if len(touched) > MANY * number:
            return run
        return replace(run, partner_ids=tuple(touched))

    @api.model
    def _get_product_source(self, run, product_run):
        """:param product_run: ``MetricsRun`` of the customers who are touched
        :return: SQL subselect: products, categories and margin of the window; of whom
            nobody touched, as they are kept"""
        touched = self._get_product_sql(product_run)
        if not run.is_full or product_run.is_full:
            return touched
        return SQL(
            """
            %s
             UNION ALL
            SELECT partner_id, products_count, categories_count, margin, margin_rate
              FROM customer_metrics
             WHERE company_id = %s AND partner_id <> ALL(%s)
            """,
            touched,
            run.company.id,
            list(product_run.partner_ids),
        )

    @api.model
    def _must_read_all(self, run, state):
        now = fields.Datetime.now()
        return (
            not state
            or run.basis != "invoiced"
            or self.env["customer.metrics.product"]._has_order_cost()
            or (state["months"], state["basis"]) != (run.months, run.basis)
            or run.as_of < fields.Date.to_date(state["as_of"])
            or fields.Datetime.to_datetime(state["full_at"]) < now - FULL_EVERY
        )

    @api.model
    def _get_product_state(self, run, product_run):
        """:return: what the next run has to know of this one"""
        now = fields.Datetime.now()
        state = run.company.metrics_product_state or {}
        return {
            "as_of": fields.Date.to_string(run.as_of),
            "months": run.months,
            "basis": run.basis,
            "at": fields.Datetime.to_string(now),
            "full_at": fields.Datetime.to_string(now)
            if product_run.is_full
            else state["full_at"],
        }

    @api.model
    def _get_touched_ids(self, run, state):
        """:return: ids of the customers whose purchases by product may have changed"""
        last = replace(run, as_of=fields.Date.to_date(state["as_of"]))
        since = fields.Datetime.to_datetime(state["at"]) - OVERLAP
        edges = [
            (last.previous_from, run.previous_from),
            (last.date_from, run.date_from),
        ]
        changed = SQL(" OR ").join(
            [
                SQL("move.write_date >= %s", since),
                *(
                    SQL("(move.invoice_date >= %s AND move.invoice_date < %s)", *edge)
                    for edge in edges
                    if edge[0] < edge[1]
                ),
            ]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(documents.partner_id, old.partner_id)
                  FROM %(documents)s documents
             FULL JOIN (SELECT partner_id, documents_mark
                          FROM customer_metrics
                         WHERE company_id = %(company)s
                       ) old ON old.partner_id = documents.partner_id
                 WHERE documents.mark IS DISTINCT FROM old.documents_mark
                 UNION
                SELECT %(customer)s
                  FROM account_move move
                  JOIN res_partner contact ON contact.id = move.partner_id
                 WHERE move.company_id = %(company)s
                   AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                   AND (%(changed)s)
                   AND %(whose)s
                 UNION
                SELECT bought.partner_id
                  FROM customer_metrics_product bought
                  JOIN product_product product ON product.id = bought.product_id
                  JOIN product_template template
                    ON template.id = product.product_tmpl_id
                 WHERE (product.write_date >= %(since)s
                        OR template.write_date >= %(since)s)
                   AND bought.company_id = %(company)s
                """,
                documents=SQL.identifier(DOCUMENTS),
                company=run.company.id,
                customer=self._get_customer_sql("contact"),
                since=since,
                changed=changed,
                whose=self._get_customer_filter(run, "contact"),
            )
        )
        return [partner_id for (partner_id,) in rows]
