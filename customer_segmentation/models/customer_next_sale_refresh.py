from odoo import api, models
from odoo.tools import SQL

# of each kind, for one customer
MOST_OFFERS = 5


class CustomerNextSale(models.Model):
    """The offers are found in sets, from the purchases of each product."""

    _inherit = "customer.next.sale"

    @api.model
    def _refresh_part(self, run):
        """Bring the offers of one company up to date: what is known stays as it is,
        with what users said about it.

        :param run: ``MetricsRun``; the purchases are those of the last run of figures
        """
        for model in ("customer.metrics.product", "customer.product.affinity"):
            self.env[model].flush_model()
        self.flush_model()
        self._reopen_cancelled(run)
        self.env.cr.execute("DROP TABLE IF EXISTS customer_next_sale_found")
        self.env.cr.execute(
            SQL(
                "CREATE TEMP TABLE customer_next_sale_found ON COMMIT DROP AS %s",
                self._get_offers_sql(run),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM customer_next_sale offer
                 WHERE offer.company_id = %s
                   AND offer.state <> 'dismissed'
                   AND NOT EXISTS (
                       SELECT FROM customer_next_sale_found found
                        WHERE found.partner_id = offer.partner_id
                          AND found.product_id = offer.product_id)
                """,
                run.company.id,
            )
        )
        names = (
            "kind",
            "because_id",
            "confidence",
            "lift",
            "both_count",
            "last_purchase",
            "interval",
            "quantity",
            "amount",
            "score",
        )
        columns = SQL(", ").join(SQL.identifier(name) for name in names)
        new = SQL(", ").join(SQL.identifier("excluded", name) for name in names)
        old = SQL(", ").join(SQL.identifier("offer", name) for name in names)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_next_sale AS offer (
                    company_id, partner_id, card_root_id, product_id, state, %(columns)s)
                SELECT %(company_id)s, partner_id, partner_id, product_id, 'open',
                       %(columns)s
                  FROM customer_next_sale_found
           ON CONFLICT (company_id, partner_id, product_id)
         DO UPDATE SET (%(columns)s) = ROW(%(new)s)
                 WHERE ROW(%(old)s) IS DISTINCT FROM ROW(%(new)s)
                """,
                company_id=run.company.id,
                columns=columns,
                new=new,
                old=old,
            )
        )
        self.invalidate_model()

    @api.model
    def _reopen_cancelled(self, run):
        self.env["sale.order"].flush_model(["state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_next_sale offer
                   SET state = 'open', order_line_id = NULL
                 WHERE offer.company_id = %s
                   AND offer.state = 'quoted'
                   AND NOT EXISTS (
                       SELECT FROM sale_order_line line
                         JOIN sale_order quotation ON quotation.id = line.order_id
                        WHERE line.id = offer.order_line_id
                          AND quotation.state <> 'cancel')
                """,
                run.company.id,
            )
        )

    @api.model
    def _get_offers_sql(self, run):
        """:return: SQL: the offers, the best of each kind"""
        return SQL(
            """
            SELECT *
              FROM (SELECT offers.*,
                           ROW_NUMBER() OVER (
                               PARTITION BY offers.partner_id, offers.kind
                               ORDER BY offers.score DESC, offers.lift DESC,
                                        offers.product_id) AS place
                      FROM (%(stopped)s UNION ALL %(related)s) offers
                      JOIN res_partner card
                        ON card.id = offers.partner_id
                       AND card.card_root_id = card.id
                       AND card.card_state IN ('draft', 'active', 'dormant')
                       AND card.active
                      JOIN product_product product ON product.id = offers.product_id
                      JOIN product_template template
                        ON template.id = product.product_tmpl_id
                     WHERE product.active
                       AND template.sale_ok
                       AND NOT EXISTS (
                           SELECT FROM customer_next_sale known
                            WHERE known.company_id = %(company_id)s
                              AND known.partner_id = offers.partner_id
                              AND known.product_id = offers.product_id
                              AND known.state = 'dismissed')) ranked
             WHERE place <= %(most)s
            """,
            stopped=self._get_stopped_sql(run),
            related=self._get_related_sql(run),
            company_id=run.company.id,
            most=MOST_OFFERS,
        )

    @api.model
    def _get_stopped_sql(self, run):
        company = run.company
        return SQL(
            """
            SELECT purchase.partner_id, purchase.product_id, 'stopped' AS kind,
                   NULL::int AS because_id, NULL::numeric AS confidence,
                   NULL::numeric AS lift, NULL::int AS both_count,
                   purchase.last_purchase, purchase.interval,
                   CASE WHEN purchase.quantity_lifetime > 0
                        THEN ROUND(
                            (purchase.quantity_lifetime
                             / purchase.purchase_days_lifetime)::numeric,
                            CASE WHEN purchase.quantity_lifetime
                                      >= purchase.purchase_days_lifetime
                                 THEN 0 ELSE 2 END)
                        ELSE 1 END AS quantity,
                   purchase.amount + purchase.amount_previous AS amount,
                   (purchase.amount + purchase.amount_previous)::float8 AS score
              FROM (SELECT *, ROUND((last_purchase - first_purchase)::numeric
                                    / (purchase_days_lifetime - 1), 1) AS interval,
                           (last_purchase - first_purchase)::numeric
                               / (purchase_days_lifetime - 1) AS gap
                      FROM customer_metrics_product
                     WHERE company_id = %(company_id)s
                       AND purchase_days_lifetime >= 2) purchase
              JOIN customer_metrics figures
                ON figures.company_id = %(company_id)s
               AND figures.partner_id = purchase.partner_id
               AND figures.last_purchase > purchase.last_purchase
             WHERE purchase.amount + purchase.amount_previous > 0
               AND %(as_of)s::date - purchase.last_purchase > GREATEST(
                   %(window)s, FLOOR(%(factor)s::numeric * purchase.gap))
            """,
            company_id=company.id,
            as_of=run.as_of,
            window=company.risk_window_days,
            factor=str(company.risk_factor),
        )

    @api.model
    def _get_related_sql(self, run):
        return SQL(
            """
            SELECT * FROM (
            SELECT DISTINCT ON (purchase.partner_id, pair.other_id)
                   purchase.partner_id, pair.other_id AS product_id, 'related' AS kind,
                   pair.product_id AS because_id, pair.confidence::numeric AS confidence,
                   pair.lift::numeric AS lift, pair.both_count,
                   NULL::date AS last_purchase, NULL::numeric AS interval,
                   1::numeric AS quantity, 0::numeric AS amount,
                   pair.confidence::float8 AS score
              FROM customer_metrics_product purchase
              JOIN res_partner card
                ON card.id = purchase.partner_id AND card.card_root_id = card.id
              JOIN customer_product_affinity pair
                ON pair.company_id = purchase.company_id
               AND pair.product_id = purchase.product_id
             WHERE purchase.company_id = %(company_id)s
               AND purchase.purchase_days > 0
               AND NOT EXISTS (
                   SELECT FROM customer_metrics_product own
                    WHERE own.company_id = purchase.company_id
                      AND own.partner_id = purchase.partner_id
                      AND own.product_id = pair.other_id
                      AND own.purchase_days_lifetime > 0)
          ORDER BY purchase.partner_id, pair.other_id, pair.confidence DESC,
                   pair.lift DESC, pair.product_id) related
            """,
            company_id=run.company.id,
        )
