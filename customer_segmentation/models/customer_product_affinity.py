from odoo import api, fields, models
from odoo.tools import SQL

# who bought more different products in the window resells them: his basket says nothing
MOST_PRODUCTS = 300


class CustomerProductAffinity(models.Model):
    """Two products that the same customers buy, in one direction: of those who buy the
    one, so many buy the other too (O07). Found by the scheduled action in the purchases
    of the window; with N customers who bought anything in it,

    * *both* = customers who bought both;
    * *confidence* = both / customers of the product;
    * *lift* = both x N / (customers of the product x customers of the other): so many
      times more often than if the two had nothing to do with each other.

    Kept from the *both* and *lift* of the company's settings on. A customer counts who
    bought no more than 300 different products, and a product that is active and for
    sale. It says nothing about any single customer.
    """

    _name = "customer.product.affinity"
    _description = "Bought Together"
    _order = "lift DESC, both_count DESC, id"
    _rec_name = "product_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    product_id = fields.Many2one(
        "product.product",
        "Who Buys",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    other_id = fields.Many2one(
        "product.product",
        "Buys Too",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    product_count = fields.Integer(
        "Customers", readonly=True, help="Of the first product."
    )
    other_count = fields.Integer(
        "Customers of the Other", readonly=True, help="Of the second product."
    )
    both_count = fields.Integer("Customers of Both", readonly=True)
    customers = fields.Integer(
        "All Customers", readonly=True, help="Who bought anything.", aggregator="max"
    )
    confidence = fields.Float(
        "Buy Too (%)", digits=(16, 1), readonly=True, aggregator="avg"
    )
    lift = fields.Float(digits=(16, 2), readonly=True, aggregator="avg")

    _pair_uniq = models.UniqueIndex(
        "(company_id, product_id, other_id)", "A pair of products stands here once."
    )

    @api.model
    def _refresh_part(self, run):
        """Write the pairs of one company anew.

        :param run: ``MetricsRun``; the purchases are those of the last run of figures
        """
        self.env["customer.metrics.product"].flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_product_affinity WHERE company_id = %s",
                run.company.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH bought AS MATERIALIZED (%(bought)s),
                     everybody AS (
                         SELECT COUNT(DISTINCT partner_id) AS count FROM bought),
                     products AS (
                         SELECT product_id, COUNT(*) AS count
                           FROM bought
                       GROUP BY product_id
                         HAVING COUNT(*) >= %(least)s),
                     known AS MATERIALIZED (
                         SELECT bought.partner_id, bought.product_id
                           FROM bought
                           JOIN products USING (product_id)),
                     pairs AS (
                         SELECT one.product_id, other.product_id AS other_id,
                                COUNT(*) AS count
                           FROM known one
                           JOIN known other USING (partner_id)
                          WHERE one.product_id <> other.product_id
                       GROUP BY 1, 2
                         HAVING COUNT(*) >= %(least)s)
                INSERT INTO customer_product_affinity (
                    company_id, product_id, other_id, product_count, other_count,
                    both_count, customers, confidence, lift)
                SELECT %(company_id)s, pairs.product_id, pairs.other_id,
                       one.count, other.count, pairs.count, everybody.count,
                       100.0 * pairs.count / one.count,
                       pairs.count * everybody.count::numeric
                           / (one.count * other.count)
                  FROM pairs
                  JOIN products one ON one.product_id = pairs.product_id
                  JOIN products other ON other.product_id = pairs.other_id
            CROSS JOIN everybody
                 WHERE pairs.count * everybody.count::numeric
                       >= %(lift)s::numeric * one.count * other.count
                """,
                bought=self._get_bought_sql(run),
                least=run.company.affinity_min_customers,
                lift=str(run.company.affinity_min_lift),
                company_id=run.company.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _get_bought_sql(self, run):
        """:return: SQL: which customer bought which product in the window"""
        return SQL(
            """
            SELECT partner_id, product_id
              FROM (SELECT purchase.partner_id, purchase.product_id,
                           COUNT(*) OVER (PARTITION BY purchase.partner_id) AS products
                      FROM customer_metrics_product purchase
                      JOIN product_product product ON product.id = purchase.product_id
                      JOIN product_template template
                        ON template.id = product.product_tmpl_id
                     WHERE purchase.company_id = %s
                       AND purchase.purchase_days > 0
                       AND product.active
                       AND template.sale_ok) basket
             WHERE products <= %s
            """,
            run.company.id,
            MOST_PRODUCTS,
        )
