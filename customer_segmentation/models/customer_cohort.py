from odoo import api, fields, models
from odoo.tools import SQL

# the cohorts of so many months are kept
COHORT_MONTHS = 24


class CustomerCohort(models.Model):
    """Who stays: the customers who bought for the first time in one month, so many
    months later (O08). Sums by custodian and department of today, written anew by the
    scheduled action.

    A customer belongs to the *cohort* of the calendar month of his first purchase.
    *Age* is the number of calendar months since then, from 0 to that of the last month
    that is over. He is *buying* at an age when he purchased in that month, and has
    *bought again* by an age n when he was buying at one of the ages 1 … n.
    A purchase is that of the figures. The cohorts of the last 24 months are kept.
    """

    _name = "customer.cohort"
    _description = "Retention by Cohort"
    _inherit = ["customer.ratio.mixin"]
    _order = "cohort DESC, age, id"
    _rec_name = "cohort"
    _ratio_fields = {
        "retention_rate": ("active_customers", "customers"),
        "return_rate": ("returned_customers", "customers"),
    }

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    team_id = fields.Many2one(
        "crm.team", "Department", readonly=True, ondelete="cascade"
    )
    cohort = fields.Date("First Purchase", required=True, readonly=True, index=True)
    month = fields.Date(required=True, readonly=True)
    age = fields.Integer("Months Later", required=True, readonly=True, aggregator=None)
    customers = fields.Integer(
        readonly=True, help="Who bought for the first time in the month of the cohort."
    )
    active_customers = fields.Integer(
        "Buying", readonly=True, help="Of these, who bought in this month."
    )
    returned_customers = fields.Integer(
        "Bought Again",
        readonly=True,
        help="Of these, who bought in a later month so far.",
    )
    amount = fields.Monetary("Net Sales", readonly=True, help="Of this month.")
    retention_rate = fields.Float(
        "Retention (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Buying in this month, of the customers of the cohort.",
    )
    return_rate = fields.Float(
        "Return Rate (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Have bought in a later month so far, of the customers of the cohort.",
    )

    # ------------------------------------------------------------
    # COMPUTATION
    # ------------------------------------------------------------

    @api.model
    def _refresh_part(self, run):
        """Write the cohorts of one company anew.

        :param run: ``MetricsRun``
        """
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_cohort WHERE company_id = %s",
                run.company.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH months AS (%(months)s),
                     members AS (%(members)s),
                     activity AS (
                         SELECT custodian_id, team_id, cohort, months.month,
                                COUNT(*) FILTER (WHERE months.bought) AS buying,
                                COUNT(*) FILTER (WHERE months.month = second) AS again,
                                SUM(months.amount) AS amount
                           FROM members
                           JOIN months USING (partner_id)
                       GROUP BY 1, 2, 3, 4),
                     ages AS (
                         SELECT custodian_id, team_id, cohort, COUNT(*) AS customers,
                                age, (cohort + make_interval(months => age))::date
                                    AS month
                           FROM members
                     CROSS JOIN generate_series(0, %(most)s) age
                          WHERE cohort + make_interval(months => age) < %(end)s
                       GROUP BY 1, 2, 3, 5),
                     rows AS (
                         SELECT custodian_id, team_id, cohort, month, age, customers,
                                COALESCE(buying, 0) AS buying,
                                COALESCE(amount, 0) AS amount,
                                COALESCE(SUM(again) OVER (
                                    PARTITION BY custodian_id, team_id, cohort
                                    ORDER BY month), 0) AS again
                           FROM ages
                      LEFT JOIN activity
                          USING (custodian_id, team_id, cohort, month))
                INSERT INTO customer_cohort (
                    company_id, custodian_id, team_id, cohort, month, age, customers,
                    active_customers, returned_customers, amount,
                    retention_rate, return_rate)
                SELECT %(company_id)s, NULLIF(custodian_id, 0), NULLIF(team_id, 0),
                       cohort, month, age, customers, buying, again, amount,
                       100.0 * buying / customers, 100.0 * again / customers
                  FROM rows
                """,
                months=self._get_months_sql(run),
                members=self._get_members_sql(run),
                most=COHORT_MONTHS - 1,
                end=self._get_end(run),
                company_id=run.company.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _get_end(self, run):
        """:return: the first day of the month that is not over yet"""
        return fields.Date.add(run.as_of, days=1).replace(day=1)

    @api.model
    def _get_months_sql(self, run):
        """:return: SQL: a row per customer and month with documents, of the months that
        are over"""
        return SQL(
            """
            SELECT partner_id, date_trunc('month', day)::date AS month,
                   SUM(amount) AS amount, bool_or(bought) AS bought
              FROM (%s) documents
             WHERE day < %s
          GROUP BY 1, 2
            """,
            self.env["customer.metrics"]._get_stream_sql(run),
            self._get_end(run),
        )

    @api.model
    def _get_members_sql(self, run):
        """:return: SQL: the customers with their cohort, the second month in which they
        bought, and whose they are (0: nobody's)"""
        return SQL(
            """
            SELECT first.*, COALESCE(card.card_custodian_id, 0) AS custodian_id,
                   COALESCE(card.card_team_id, 0) AS team_id
              FROM (SELECT partner_id, MIN(month) AS cohort,
                           (array_agg(month ORDER BY month))[2] AS second
                      FROM months
                     WHERE bought
                  GROUP BY partner_id) first
              JOIN res_partner card ON card.id = first.partner_id
             WHERE first.cohort >= %s
            """,
            fields.Date.subtract(self._get_end(run), months=COHORT_MONTHS),
        )
