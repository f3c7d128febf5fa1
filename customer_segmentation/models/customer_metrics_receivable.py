from odoo import api, models
from odoo.tools import SQL


class CustomerMetrics(models.Model):
    """Receivables: what a customer owes at the end of ``as_of``, and how late he pays.

    **Items** are posted journal items on receivable accounts of the company, dated
    ``as_of`` or before (``date``, the accounting date). An item of a customer document
    (invoice, receipt, credit note) belongs to the customer of the document's partner,
    any other (payment, opening balance) to that of the partner on the item itself.

    * The *residual* of an item at the end of a day is what reconciliations with a
      ``max_date`` until that day have left of it. It is the residual of now plus what
      was settled after that day: the same sum, without reading every reconciliation.
    * ``receivable_open``: sum of the residuals; payments and credits that are not yet
      matched to an invoice lessen it.
    * ``receivable_overdue``: sum of the positive residuals due before ``as_of`` (due
      that day is not late); unmatched payments do not lessen it.
    * ``days_late``: of the invoices and receipts, what was paid with a ``max_date`` in
      the window: sum(amount x (max_date - due date)) / sum(amount), of the
      reconciliations, in company currency. Those with credit notes and with entries of
      exchange differences are no payment. An item without due date is due on its date.
    * ``dso``: ``receivable_open`` / sales of the window with tax (invoices and receipts
      less credit notes, ``amount_total_signed``) x days of the window; empty when
      nothing was sold.
    """

    _inherit = "customer.metrics"

    def init(self):  # pylint: disable=missing-return
        super().init()
        # what was settled in a window, or after a day
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS account_partial_reconcile_settled_idx
                ON account_partial_reconcile (max_date)
           INCLUDE (debit_move_id, credit_move_id, amount)
            """
        )

    @api.model
    def _get_sources(self, run):
        return {
            **super()._get_sources(run),
            "receivable": self._get_receivable_sql(run),
            "payment": self._get_payment_sql(run),
        }

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        layers["facts"] |= {
            "receivable_open": SQL("COALESCE(receivable.open, 0)"),
            "receivable_overdue": SQL("COALESCE(receivable.overdue, 0)"),
            "days_late": SQL("payment.days_late"),
        }
        layers["measures"]["dso"] = SQL(
            "CASE WHEN m.invoiced_total > 0"
            " THEN m.receivable_open / m.invoiced_total * %s END",
            run.days,
        )
        return layers

    @api.model
    def _get_receivable_sql(self, run):
        """:return: SQL subselect: ``partner_id, open, overdue`` of each customer with
        open items"""
        return SQL(
            """
            SELECT partner_id,
                   SUM(residual) AS open,
                   SUM(residual) FILTER (WHERE residual > 0 AND due < %(as_of)s)
                       AS overdue
              FROM (SELECT %(customer)s AS partner_id,
                           COALESCE(line.date_maturity, line.date) AS due,
                           line.residual
                      FROM (%(open)s UNION ALL %(settled)s) line
                      %(joins)s
                     WHERE line.residual <> 0 AND %(whose)s
                   ) items
          GROUP BY partner_id
            """,
            as_of=run.as_of,
            customer=self._get_customer_sql("contact"),
            open=self._get_items_sql(run, SQL("LEFT JOIN"), SQL("IS NOT TRUE")),
            settled=self._get_items_sql(run, SQL("JOIN"), SQL("IS TRUE")),
            joins=self._get_item_joins_sql(),
            whose=self._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_items_sql(self, run, join, reconciled):
        """:param join: SQL: how items are joined to what was settled after ``as_of``
        :param reconciled: SQL: whether they are settled now
        :return: SQL subselect: items with their residual at the end of ``as_of``"""
        return SQL(
            """
            SELECT line.move_id, line.partner_id, line.date, line.date_maturity,
                   line.amount_residual + COALESCE(later.amount, 0) AS residual
              FROM account_move_line line
              %(join)s (SELECT line_id, SUM(amount) AS amount
                          FROM (SELECT debit_move_id AS line_id, amount
                                  FROM account_partial_reconcile
                                 WHERE max_date > %(as_of)s
                                 UNION ALL
                                SELECT credit_move_id, -amount
                                  FROM account_partial_reconcile
                                 WHERE max_date > %(as_of)s
                               ) part
                      GROUP BY line_id
                       ) later
                ON later.line_id = line.id
             WHERE line.reconciled %(reconciled)s
               AND line.account_id = ANY(%(accounts)s)
               AND line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND line.date <= %(as_of)s
            """,
            join=join,
            reconciled=reconciled,
            as_of=run.as_of,
            accounts=self._get_receivable_accounts_sql(),
            company=run.company.id,
        )

    @api.model
    def _get_payment_sql(self, run):
        """:return: SQL subselect: ``partner_id, days_late`` of each customer who paid
        in the window"""
        return SQL(
            """
            SELECT %(customer)s AS partner_id,
                   SUM(part.amount
                       * (part.max_date - COALESCE(line.date_maturity, line.date)))
                       / NULLIF(SUM(part.amount), 0) AS days_late
              FROM account_partial_reconcile part
              JOIN account_move_line line ON line.id = part.debit_move_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner contact ON contact.id = move.partner_id
             WHERE part.max_date BETWEEN %(start)s AND %(as_of)s
               AND line.company_id = %(company)s
               AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_receipt')
               AND line.account_id = ANY(%(accounts)s)
               AND part.credit_move_id NOT IN (
                       SELECT refunded.id
                         FROM account_move refund
                         JOIN account_move_line refunded
                           ON refunded.move_id = refund.id
                        WHERE refund.move_type = 'out_refund'
                          AND refund.company_id = %(company)s
                          AND refund.state = 'posted'
                          AND refunded.account_id = ANY(%(accounts)s)
                        UNION ALL
                       SELECT exchanged.id
                         FROM account_partial_reconcile exchange
                         JOIN account_move_line exchanged
                           ON exchanged.move_id = exchange.exchange_move_id
                   )
               AND %(whose)s
          GROUP BY 1
            """,
            customer=self._get_customer_sql("contact"),
            start=run.date_from,
            as_of=run.as_of,
            company=run.company.id,
            accounts=self._get_receivable_accounts_sql(),
            whose=self._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_item_joins_sql(self):
        """:return: SQL: from ``line`` to ``contact``, the partner that it is about"""
        return SQL(
            """
            JOIN account_move move ON move.id = line.move_id
            JOIN res_partner contact
              ON contact.id = CASE
                     WHEN move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                     THEN COALESCE(move.partner_id, line.partner_id)
                     ELSE line.partner_id END
            """
        )

    @api.model
    def _get_receivable_accounts_sql(self):
        """:return: SQL: ids of the receivable accounts, as constants: the index of
        open items begins with the account"""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM account_account WHERE account_type = 'asset_receivable'"
            )
        )
        return SQL("%s::int[]", [account_id for (account_id,) in rows])
