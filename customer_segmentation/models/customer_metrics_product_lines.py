from odoo import api, models
from odoo.tools import SQL


class CustomerMetricsProduct(models.Model):
    """The lines behind the purchases by product, and what they cost.

    **Cost**: what Odoo's *Margins in Sales Orders* keeps on the order line, if it is
    installed and the line comes from an order; else the cost of the product today, as
    Odoo's own invoice analysis counts. A product without a cost has no known cost: its
    sales are in no margin.
    """

    _inherit = "customer.metrics.product"

    @api.model
    def _get_lines_sql(self, run):
        """:return: SQL subselect: ``partner_id, product_id, line_id, day, quantity``
        (unit of the product), ``amount, unit_cost`` (company currency, NULL when not known),
        ``bought``"""
        if run.basis == "ordered":
            return self._get_order_lines_sql(run)
        return self._get_invoice_lines_sql(run)

    @api.model
    def _get_invoice_lines_sql(self, run):
        Metrics = self.env["customer.metrics"]
        cost, cost_join = self._get_invoice_cost_sql()
        return SQL(
            """
            SELECT %(customer)s AS partner_id,
                   line.product_id,
                   line.id AS line_id,
                   move.invoice_date AS day,
                   CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
                       * %(quantity)s AS quantity,
                   -line.balance AS amount,
                   %(cost)s AS unit_cost,
                   move.move_type <> 'out_refund' AND line.quantity > 0 AS bought
              FROM account_move move
              JOIN res_partner contact ON contact.id = move.partner_id
              JOIN account_move_line line ON line.move_id = move.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
         LEFT JOIN uom_uom product_unit ON product_unit.id = template.uom_id
              %(cost_join)s
             WHERE move.company_id = %(company)s
               AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND move.invoice_date <= %(as_of)s
               AND line.display_type = 'product'
               AND %(whose)s
            """,
            customer=Metrics._get_customer_sql("contact"),
            quantity=self._get_quantity_sql(SQL("line.quantity")),
            cost=cost,
            cost_join=cost_join,
            company=run.company.id,
            as_of=run.as_of,
            whose=Metrics._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_order_lines_sql(self, run):
        Metrics = self.env["customer.metrics"]
        day = Metrics._get_day_sql(run, SQL("o.date_order"))
        cost = self._get_standard_price_sql(SQL("line.company_id"))
        if self._has_order_cost():
            cost = SQL("COALESCE(NULLIF(%s, 0), %s)", self._get_order_cost_sql(), cost)
        return SQL(
            """
            SELECT %(customer)s AS partner_id,
                   line.product_id,
                   line.id AS line_id,
                   %(day)s AS day,
                   %(quantity)s AS quantity,
                   ROUND(line.price_subtotal / %(rate)s, %(decimals)s) AS amount,
                   %(cost)s AS unit_cost,
                   line.product_uom_qty > 0 AS bought
              FROM sale_order o
              JOIN res_partner contact ON contact.id = o.partner_id
              JOIN sale_order_line line ON line.order_id = o.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
         LEFT JOIN uom_uom product_unit ON product_unit.id = template.uom_id
             WHERE o.company_id = %(company)s
               AND o.state = 'sale'
               AND %(day)s <= %(as_of)s
               AND line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
               AND %(whose)s
            """,
            customer=Metrics._get_customer_sql("contact"),
            day=day,
            quantity=self._get_quantity_sql(SQL("line.product_uom_qty")),
            rate=Metrics._get_order_rate_sql("o"),
            decimals=run.company.currency_id.decimal_places,
            cost=cost,
            company=run.company.id,
            as_of=run.as_of,
            whose=Metrics._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_quantity_sql(self, quantity):
        """:return: SQL: a quantity of a line in the unit of the product"""
        return SQL(
            "(CASE WHEN line.product_uom_id IS NULL"
            " OR line.product_uom_id = template.uom_id THEN %(quantity)s::numeric"
            " ELSE %(quantity)s::numeric * line_unit.factor::numeric"
            " / COALESCE(NULLIF(product_unit.factor, 0), 1)::numeric END)",
            quantity=quantity,
        )

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    @api.model
    def _has_order_cost(self):
        return "purchase_price" in self.env["sale.order.line"]._fields

    @api.model
    def _get_standard_price_sql(self, company):
        """:return: SQL: cost of a unit of the product today, NULL when it has none"""
        return SQL("NULLIF((product.standard_price ->> %s::text)::numeric, 0)", company)

    @api.model
    def _get_order_cost_sql(self):
        """:return: SQL: cost of a unit of the product on an order line, in the
        company's currency"""
        return SQL(
            "line.purchase_price::numeric / %s"
            " / COALESCE(NULLIF(line_unit.factor, 0), 1)::numeric"
            " * COALESCE(product_unit.factor, 1)::numeric",
            self.env["customer.metrics"]._get_order_rate_sql("o"),
        )

    @api.model
    def _get_invoice_cost_sql(self):
        """:return: SQL: cost of a unit on an invoice line, and the join it needs"""
        today = self._get_standard_price_sql(SQL("line.company_id"))
        if not self._has_order_cost():
            return today, SQL()
        join = SQL(
            """
            LEFT JOIN (
                SELECT rel.invoice_line_id,
                       AVG(%(cost)s) FILTER (WHERE line.purchase_price <> 0) AS cost
                  FROM sale_order_line_invoice_rel rel
                  JOIN sale_order_line line ON line.id = rel.order_line_id
                  JOIN sale_order o ON o.id = line.order_id
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template
                    ON template.id = product.product_tmpl_id
             LEFT JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
             LEFT JOIN uom_uom product_unit ON product_unit.id = template.uom_id
              GROUP BY rel.invoice_line_id
            ) ordered ON ordered.invoice_line_id = line.id
            """,
            cost=self._get_order_cost_sql(),
        )
        return SQL("COALESCE(ordered.cost, %s)", today), join
