from odoo import api, fields, models
from odoo.tools import SQL

from .customer_defection import KINDS

# the rates of so many months are kept, the running one included
RATE_MONTHS = 24


class CustomerDefectionRate(models.Model):
    """How many leave, and why: a row per company, custodian, department, calendar month
    and kind, written by the scheduled action (O05).

    * *Customers* of a month: cards that purchased in one of the ``metrics_months``
      calendar months before it. They are the same on the rows of all six kinds, and
      counted once in a group.
    * *Defections* of a month: those confirmed (whatever became of them since, but *No
      Defection*) that were noticed in it.
    * *Defection rate* = defections / customers. *Win-back rate* = won back or come
      back / these and those lost for good.

    The custodian and the department are those of today. Over several months the
    customers of each add up: the rate is that of an average month.
    """

    _name = "customer.defection.rate"
    _description = "Defection Rates"
    _inherit = ["customer.ratio.mixin"]
    _order = "month DESC, team_id, custodian_id, kind, id"
    _rec_name = "month"
    _ratio_fields = {
        "defection_rate": ("defections", "customers"),
        "winback_rate": ("won", "decided"),
    }

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    team_id = fields.Many2one(
        "crm.team", "Department", readonly=True, ondelete="cascade"
    )
    month = fields.Date(required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, "Why They Left", required=True, readonly=True)
    customers = fields.Integer(
        readonly=True,
        help="Who bought in the window before this month: any of them might leave.",
    )
    defections = fields.Integer(readonly=True, help="Confirmed, by the day noticed.")
    open_count = fields.Integer("Still Open", readonly=True)
    won = fields.Integer(
        "Won Back", readonly=True, help="By a plan, or come back by themselves."
    )
    lost = fields.Integer("Lost for Good", readonly=True)
    decided = fields.Integer(
        readonly=True, help="Won back, come back or lost for good."
    )
    amount = fields.Monetary(
        "Money at Stake", readonly=True, help="Of the defections of the month."
    )
    amount_won = fields.Monetary(
        "Money Won Back", readonly=True, help="Of those won back or come back."
    )
    defection_rate = fields.Float(
        "Defection Rate (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Defections of the month, of its customers.",
    )
    winback_rate = fields.Float(
        "Win-Back Rate (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Won back, of those decided.",
    )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == "customers:sum":
            return self._get_whole_sql("customers", query)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_whole_sql(self, name, query):
        """The customers of a month stand on the rows of all kinds alike."""
        whole = super()._get_whole_sql(name, query)
        if name != "customers":
            return whole
        kind = self._field_to_sql(self._table, "kind", query)
        return SQL("(%s / NULLIF(COUNT(DISTINCT %s), 0))", whole, kind)

    # ------------------------------------------------------------
    # COMPUTATION
    # ------------------------------------------------------------

    @api.model
    def _refresh_part(self, run):
        """Write the rates of one company anew.

        :param run: ``MetricsRun``
        """
        self.env["customer.defection"].flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_defection_rate WHERE company_id = %s",
                run.company.id,
            )
        )
        last = run.as_of.replace(day=1)
        self.env.cr.execute(
            SQL(
                """
                WITH bought AS (%(bought)s),
                     exposed AS (%(exposed)s),
                     gone AS (%(gone)s),
                     places AS (
                         SELECT custodian_id, team_id, month FROM exposed
                          UNION
                         SELECT custodian_id, team_id, month FROM gone)
                INSERT INTO customer_defection_rate (
                    company_id, custodian_id, team_id, month, kind, customers,
                    defections, open_count, won, lost, decided, amount, amount_won,
                    defection_rate, winback_rate)
                SELECT %(company_id)s, NULLIF(places.custodian_id, 0),
                       NULLIF(places.team_id, 0), places.month, kinds.kind,
                       COALESCE(exposed.customers, 0), COALESCE(gone.defections, 0),
                       COALESCE(gone.open_count, 0), COALESCE(gone.won, 0),
                       COALESCE(gone.lost, 0), COALESCE(gone.won + gone.lost, 0),
                       COALESCE(gone.amount, 0), COALESCE(gone.amount_won, 0),
                       100.0 * COALESCE(gone.defections, 0)
                           / NULLIF(exposed.customers, 0),
                       100.0 * gone.won / NULLIF(gone.won + gone.lost, 0)
                  FROM places
            CROSS JOIN unnest(%(kinds)s) AS kinds(kind)
             LEFT JOIN exposed USING (custodian_id, team_id, month)
             LEFT JOIN gone USING (custodian_id, team_id, month, kind)
                """,
                bought=self._get_bought_sql(run),
                exposed=self._get_exposed_sql(run, last),
                gone=self._get_gone_sql(run, last),
                company_id=run.company.id,
                kinds=[kind for kind, _label in KINDS],
            )
        )
        self.invalidate_model()

    @api.model
    def _get_bought_sql(self, run):
        """:return: SQL: the months in which each card bought"""
        return SQL(
            """
            SELECT DISTINCT partner_id, date_trunc('month', day)::date AS month
              FROM (%s) documents
              JOIN res_partner card
                ON card.id = documents.partner_id AND card.card_root_id = card.id
             WHERE bought
            """,
            self.env["customer.metrics"]._get_stream_sql(run),
        )

    @api.model
    def _get_exposed_sql(self, run, last):
        """:return: SQL: how many cards bought in the window before each month"""
        return SQL(
            """
            SELECT COALESCE(card.card_custodian_id, 0) AS custodian_id,
                   COALESCE(card.card_team_id, 0) AS team_id,
                   months.month, COUNT(DISTINCT card.id) AS customers
              FROM (SELECT month::date AS month
                      FROM generate_series(%(first)s::date, %(last)s::date,
                                           interval '1 month') month) months
              JOIN bought ON bought.month < months.month
               AND bought.month >= months.month - make_interval(months => %(window)s)
              JOIN res_partner card ON card.id = bought.partner_id
          GROUP BY 1, 2, 3
            """,
            first=fields.Date.subtract(last, months=RATE_MONTHS - 1),
            last=last,
            window=run.months,
        )

    @api.model
    def _get_gone_sql(self, run, last):
        """:return: SQL: the confirmed defections by month and kind"""
        return SQL(
            """
            SELECT COALESCE(card.card_custodian_id, 0) AS custodian_id,
                   COALESCE(card.card_team_id, 0) AS team_id,
                   date_trunc('month', defection.date)::date AS month,
                   defection.kind::varchar AS kind,
                   COUNT(*) AS defections,
                   COUNT(*) FILTER (WHERE state IN ('confirmed', 'winback'))
                       AS open_count,
                   COUNT(*) FILTER (WHERE state IN ('won', 'returned')) AS won,
                   COUNT(*) FILTER (WHERE state = 'lost') AS lost,
                   SUM(amount) AS amount,
                   SUM(amount) FILTER (WHERE state IN ('won', 'returned'))
                       AS amount_won
              FROM customer_defection defection
              JOIN res_partner card ON card.id = defection.partner_id
             WHERE defection.company_id = %(company_id)s
               AND defection.date_confirmed IS NOT NULL
               AND defection.kind IS NOT NULL
               AND defection.state NOT IN ('suggested', 'dismissed')
               AND defection.date BETWEEN %(first)s AND %(as_of)s
          GROUP BY 1, 2, 3, 4
            """,
            company_id=run.company.id,
            first=fields.Date.subtract(last, months=RATE_MONTHS - 1),
            as_of=run.as_of,
        )
