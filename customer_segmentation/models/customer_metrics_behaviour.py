from odoo import api, models
from odoo.tools import SQL


class CustomerMetrics(models.Model):
    """Behaviour, from quotations, orders and what was bought of each product.

    Days are those of the company's time zone, in the window. The customer of an order
    is that of its partner.

    * ``quotations``: quotations and orders created, in whatever state they are now;
      ``orders``: confirmed orders (state ``sale``) by ``date_order``.
    * ``decision_days``: median over these orders of the days (with fraction) from
      ``create_date``, when the quotation was made, to ``date_order``, which Odoo sets
      at confirmation; never below 0.
    * ``discount_rate``: of these orders, 100 x (list - paid) / list. *List* is price x
      quantity of the lines sold (product lines with a positive price and quantity, no
      down payments), in company currency; *paid* is the same less the discount of the
      line, less the lines with a negative price (discounts on the whole order).
    * ``products_count``, ``categories_count``: products with a purchase in the window
      and their categories, from ``customer.metrics.product``.
    * ``margin``, ``margin_rate``: sums of the same, of the sales with a known cost, what
      was given away for nothing included; the rate is 100 x margin / these sales.
    """

    _inherit = "customer.metrics"

    @api.model
    def _get_sources(self, run):
        return {
            **super()._get_sources(run),
            "ordering": self._get_ordering_sql(run),
            "discount": self._get_discount_sql(run),
            "product": self._get_product_sql(run),
        }

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        layers["facts"] |= {
            "quotations": SQL("COALESCE(ordering.quotations, 0)"),
            "orders": SQL("COALESCE(ordering.orders, 0)"),
            "decision_days": SQL("ordering.decision_days"),
            "discount_rate": SQL("discount.rate"),
            "products_count": SQL("COALESCE(product.products, 0)"),
            "categories_count": SQL("COALESCE(product.categories, 0)"),
            "margin": SQL("COALESCE(product.margin, 0)"),
            "margin_rate": SQL("product.margin_rate"),
        }
        return layers

    @api.model
    def _get_ordering_sql(self, run):
        """:return: SQL subselect: quotations, orders and decision time"""
        confirmed = SQL(
            "o.state = 'sale' AND %s", self._get_in_window_sql(run, SQL("o.date_order"))
        )
        created = self._get_in_window_sql(run, SQL("o.create_date"))
        return SQL(
            """
            SELECT %(customer)s AS partner_id,
                   COUNT(*) FILTER (WHERE %(created)s) AS quotations,
                   COUNT(*) FILTER (WHERE %(confirmed)s) AS orders,
                   percentile_cont(0.5) WITHIN GROUP (
                       ORDER BY GREATEST(
                           EXTRACT(EPOCH FROM o.date_order - o.create_date), 0
                       )::float8 / 86400
                   ) FILTER (WHERE %(confirmed)s) AS decision_days
              FROM sale_order o
              JOIN res_partner contact ON contact.id = o.partner_id
             WHERE o.company_id = %(company)s
               AND ((%(confirmed)s) OR (%(created)s))
               AND %(whose)s
          GROUP BY 1
            """,
            customer=self._get_customer_sql("contact"),
            created=created,
            confirmed=confirmed,
            company=run.company.id,
            whose=self._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_discount_sql(self, run):
        """:return: SQL subselect: ``partner_id, rate``, and the lines sold, of them those
        with a discount"""
        value = SQL(
            "line.price_unit::numeric * line.product_uom_qty::numeric / %s",
            self._get_order_rate_sql("o"),
        )
        return SQL(
            """
            SELECT %(customer)s AS partner_id,
                   100 * SUM(CASE WHEN line.price_unit > 0
                             THEN %(value)s * COALESCE(line.discount, 0)::numeric / 100
                             ELSE -%(value)s END)
                       / NULLIF(SUM(%(value)s) FILTER (WHERE line.price_unit > 0), 0)
                       AS rate,
                   COUNT(*) FILTER (WHERE line.price_unit > 0) AS lines,
                   COUNT(*) FILTER (WHERE line.price_unit > 0 AND line.discount > 0)
                       AS lines_discounted
              FROM sale_order o
              JOIN res_partner contact ON contact.id = o.partner_id
              JOIN sale_order_line line ON line.order_id = o.id
             WHERE o.company_id = %(company)s
               AND o.state = 'sale'
               AND %(in_window)s
               AND line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
               AND line.product_uom_qty > 0
               AND %(whose)s
          GROUP BY 1
            """,
            customer=self._get_customer_sql("contact"),
            value=value,
            company=run.company.id,
            in_window=self._get_in_window_sql(run, SQL("o.date_order")),
            whose=self._get_customer_filter(run, "contact"),
        )

    @api.model
    def _get_product_sql(self, run):
        """:return: SQL subselect: products, categories and margin of the window"""
        return SQL(
            """
            SELECT partner_id,
                   SUM(products) AS products,
                   COUNT(*) FILTER (WHERE products > 0) AS categories,
                   SUM(margin) AS margin,
                   100 * SUM(margin) / NULLIF(SUM(costed), 0) AS margin_rate
              FROM (SELECT bought.partner_id,
                           template.categ_id,
                           COUNT(*) FILTER (WHERE bought.purchase_days > 0) AS products,
                           SUM(bought.margin) AS margin,
                           SUM(bought.amount_costed) AS costed
                      FROM customer_metrics_product bought
                      JOIN product_product product ON product.id = bought.product_id
                      JOIN product_template template
                        ON template.id = product.product_tmpl_id
                     WHERE bought.company_id = %(company)s
                       AND (bought.purchase_days > 0 OR bought.amount_costed <> 0
                            OR bought.margin <> 0)
                       AND %(whose)s
                  GROUP BY bought.partner_id, template.categ_id
                   ) categories
          GROUP BY partner_id
            """,
            company=run.company.id,
            whose=SQL("TRUE")
            if run.is_full
            else SQL("bought.partner_id = ANY(%s)", list(run.partner_ids)),
        )
