from odoo import api, models
from odoo.tools import SQL

# points of what a customer thinks of brands in general …
BRAND_POINTS = {"loyal": 100, "indifferent": 50, "switcher": 0}
# … and of a competing one
COMPETITOR_POINTS = {"rejects": 100, "indifferent": 50, "accepts": 25, "prefers": 0}


class CustomerMetrics(models.Model):
    """The records behind the measures of loyalty: a subselect each, for all customers
    at once. What they mean is said in ``customer_metrics_loyalty.py``."""

    _inherit = "customer.metrics"

    @api.model
    def _get_sources(self, run):
        return {
            **super()._get_sources(run),
            "competitor": self._get_competitor_source(run),
            "incident": self._get_incident_source(run),
        }

    # ------------------------------------------------------------
    # COMPETITORS
    # ------------------------------------------------------------

    @api.model
    def _get_competitor_source(self, run):
        """:return: SQL: what was asked about competitors: answers and the mean of the
        parts that are known"""
        return SQL(
            """
            SELECT partner_id,
                   SUM(answers)::int AS answers,
                   AVG(score) AS score
              FROM (%(brand)s UNION ALL %(attitude)s UNION ALL %(spend)s) part
          GROUP BY partner_id
            """,
            brand=self._get_brand_query(run),
            attitude=self._get_attitude_query(run),
            spend=self._get_spend_query(run),
        )

    @api.model
    def _get_brand_query(self, run):
        return SQL(
            """
            SELECT p.id AS partner_id, 1 AS answers,
                   (%(points)s)::float8 AS score
              FROM res_partner p
             WHERE p.brand_attitude IS NOT NULL
               AND p.id = %(customer)s
               AND %(whose)s
            """,
            points=self._get_points_sql(SQL("p.brand_attitude"), BRAND_POINTS),
            customer=self._get_customer_sql("p"),
            whose=self._get_customer_filter(run, "p"),
        )

    @api.model
    def _get_attitude_query(self, run):
        """The entries of the card, and what visits saw that is not there yet."""
        return SQL(
            """
            SELECT %(customer)s AS partner_id, COUNT(*) AS answers,
                   AVG(%(points)s)::float8 AS score
              FROM (SELECT partner_id, attitude
                      FROM customer_card_competitor
                     WHERE active AND attitude IS NOT NULL
                 UNION ALL
                    SELECT visit.partner_id, seen.attitude
                      FROM customer_visit_competitor seen
                      JOIN customer_visit visit ON visit.id = seen.visit_id
                     WHERE seen.attitude IS NOT NULL
                       AND (seen.outcome IS NULL OR seen.outcome = 'proposed')
                       AND visit.state IN ('reported', 'reviewed')
                       AND %(day)s BETWEEN %(date_from)s AND %(as_of)s) heard
              JOIN res_partner p ON p.id = heard.partner_id
             WHERE %(whose)s
          GROUP BY 1
            """,
            customer=self._get_customer_sql("p"),
            points=self._get_points_sql(SQL("heard.attitude"), COMPETITOR_POINTS),
            day=self._get_day_sql(run, SQL("visit.date_start")),
            date_from=run.date_from,
            as_of=run.as_of,
            whose=self._get_customer_filter(run, "p"),
        )

    @api.model
    def _get_spend_query(self, run):
        return SQL(
            """
            SELECT %(customer)s AS partner_id, COUNT(*) AS answers,
                   GREATEST(0, 100 - SUM(line.spend_share))::float8 AS score
              FROM customer_card_competitor line
              JOIN res_partner p ON p.id = line.partner_id
             WHERE line.active AND line.spend_share > 0
               AND %(whose)s
          GROUP BY 1
            """,
            customer=self._get_customer_sql("p"),
            whose=self._get_customer_filter(run, "p"),
        )

    @api.model
    def _get_points_sql(self, column, points):
        """:return: SQL: the points of the answer in ``column``"""
        whens = [
            SQL("WHEN %s THEN %s", value, number) for value, number in points.items()
        ]
        return SQL("CASE %s %s END", column, SQL(" ").join(whens))

    # ------------------------------------------------------------
    # INCIDENTS
    # ------------------------------------------------------------

    @api.model
    def _get_incident_queries(self, run):
        """Where something went wrong. To be extended: complaints are incidents too.

        :return: list of SQL, each selects ``partner_id`` (the customer) and ``date`` of
            incidents in the window, a customer's incidents of a day as often as it likes
        """
        return [
            SQL(
                """
                SELECT %(customer)s AS partner_id, move.invoice_date AS date
                  FROM account_move move
                  JOIN res_partner p
                    ON p.id = move.partner_id
                 WHERE move.company_id = %(company)s
                   AND move.state = 'posted'
                   AND move.move_type = 'out_refund'
                   AND move.invoice_date BETWEEN %(date_from)s AND %(as_of)s
                   AND %(whose)s
                """,
                customer=self._get_customer_sql("p"),
                company=run.company.id,
                date_from=run.date_from,
                as_of=run.as_of,
                whose=self._get_customer_filter(run, "p"),
            )
        ]

    @api.model
    def _get_incident_source(self, run):
        """:return: SQL: incidents, tolerated ones, judged ones"""
        days = run.company.loyalty_incident_days
        return SQL(
            """
            SELECT partner_id,
                   COUNT(*) AS incidents,
                   COUNT(*) FILTER (WHERE tolerated) AS tolerated,
                   COUNT(*) FILTER (
                       WHERE tolerated OR date + %(days)s <= %(as_of)s
                   ) AS judged
              FROM (SELECT happened.partner_id, happened.date,
                           COALESCE(BOOL_OR(bought.day <= happened.date + %(days)s),
                                    FALSE) AS tolerated
                      FROM (SELECT DISTINCT partner_id, date
                              FROM (%(incidents)s) incident) happened
                 LEFT JOIN (%(purchases)s) bought
                        ON bought.partner_id = happened.partner_id
                       AND bought.day > happened.date
                  GROUP BY 1, 2) judgement
          GROUP BY partner_id
            """,
            days=days,
            as_of=run.as_of,
            incidents=SQL(" UNION ALL ").join(self._get_incident_queries(run)),
            purchases=self._get_purchase_query(run),
        )

    @api.model
    def _get_purchase_query(self, run):
        """:return: SQL: ``partner_id`` and ``day`` of what counts as a purchase"""
        documents = (
            self._get_orders_sql(run)
            if run.basis == "ordered"
            else self._get_moves_sql(run)
        )
        return SQL(
            "SELECT partner_id, day FROM (%s) document WHERE bought AND day >= %s",
            documents,
            run.date_from,
        )
