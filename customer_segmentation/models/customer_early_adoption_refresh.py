from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL


class CustomerEarlyAdoption(models.Model):
    """Who was early, from the first purchases (``customer.metrics.product``), by the
    settings of the company (in italics).

    A product is new when its first sale to any customer of the company is later than
    *months* before the day of the run, and more than *within days* after the first
    purchase of all in the company's books: what was sold when the books begin is not
    new. At least *customers needed* have bought it until the day of the run.

    A customer was one of its first users when fewer than *first users %* of its
    customers first bought it on an earlier day than he, not later than *within days*
    after its first sale, and some customer came later than he. Customers of the same
    day are equal. Who was so with at least *products needed* new products is an early
    adopter (``customer.metrics.is_early_adopter``).
    """

    _inherit = "customer.early.adoption"

    @api.model
    def _refresh_adoptions(self, run):
        """Bring the list of one company up to date, by one statement.

        :param run: ``MetricsRun`` of all its customers
        """
        company = run.company
        self.env.execute_query(
            SQL(
                """
                WITH bought AS (
                    SELECT partner_id, product_id, first_purchase
                      FROM customer_metrics_product
                     WHERE company_id = %(company)s AND first_purchase IS NOT NULL
                ), product AS (
                    SELECT product_id, MIN(first_purchase) AS first_sale,
                           COUNT(*) AS buyers
                      FROM bought
                  GROUP BY product_id
                    HAVING MIN(first_purchase) > %(new_after)s
                       AND MIN(first_purchase) > %(days)s
                           + (SELECT MIN(first_purchase) FROM bought)
                       AND COUNT(*) >= %(min_buyers)s
                ), placed AS (
                    SELECT bought.*, product.first_sale, product.buyers,
                           RANK() OVER place - 1 AS earlier,
                           COUNT(*) OVER place AS until_then
                      FROM bought
                      JOIN product ON product.product_id = bought.product_id
                    WINDOW place AS (PARTITION BY bought.product_id
                                         ORDER BY bought.first_purchase)
                ), early AS (
                    SELECT *
                      FROM placed
                     WHERE 100 * earlier < %(share)s * buyers
                       AND first_purchase <= first_sale + %(days)s
                       AND until_then < buyers
                ), gone AS (
                    DELETE FROM customer_early_adoption kept
                          WHERE kept.company_id = %(company)s
                            AND NOT EXISTS (
                                SELECT FROM early
                                 WHERE early.partner_id = kept.partner_id
                                   AND early.product_id = kept.product_id)
                )
                INSERT INTO customer_early_adoption AS kept (
                    company_id, partner_id, product_id, product_first_sale,
                    first_purchase, days_after, earlier_buyers, buyers,
                    create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, partner_id, product_id, first_sale,
                       first_purchase, first_purchase - first_sale, earlier, buyers,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM early
           ON CONFLICT (company_id, partner_id, product_id) DO UPDATE
                   SET product_first_sale = EXCLUDED.product_first_sale,
                       first_purchase = EXCLUDED.first_purchase,
                       days_after = EXCLUDED.days_after,
                       earlier_buyers = EXCLUDED.earlier_buyers,
                       buyers = EXCLUDED.buyers
                 WHERE (kept.product_first_sale, kept.first_purchase,
                        kept.earlier_buyers, kept.buyers)
                       IS DISTINCT FROM
                       (EXCLUDED.product_first_sale, EXCLUDED.first_purchase,
                        EXCLUDED.earlier_buyers, EXCLUDED.buyers)
             RETURNING id
                """,
                company=company.id,
                new_after=run.as_of - relativedelta(months=company.adopter_months),
                days=company.adopter_days,
                min_buyers=company.adopter_min_buyers,
                share=company.adopter_share,
                uid=self.env.uid,
            )
        )
        self.invalidate_model()


class CustomerMetrics(models.Model):
    """Early adopters: see ``customer.early.adoption``."""

    _inherit = "customer.metrics"

    @api.model
    def _create_computed(self, run, *args):
        """First purchases are up to date now, and show who was early; that depends on
        all customers."""
        if run.is_full and run.fields is None:
            self.env["customer.early.adoption"]._refresh_adoptions(run)
        return super()._create_computed(run, *args)

    @api.model
    def _get_sources(self, run):
        return {
            **super()._get_sources(run),
            "adoption": SQL(
                """
                SELECT partner_id, COUNT(*) AS products
                  FROM customer_early_adoption
                 WHERE company_id = %s
              GROUP BY partner_id
                """,
                run.company.id,
            ),
        }

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        layers["facts"] = {
            **layers["facts"],
            "is_early_adopter": SQL(
                "COALESCE(adoption.products, 0) >= %s",
                run.company.adopter_min_products,
            ),
        }
        return layers
