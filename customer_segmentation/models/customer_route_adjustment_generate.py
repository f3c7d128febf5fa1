from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from odoo.addons.customer_visit.models.res_users_visit import DONE_STATES

# two who make the rows at once do it one after the other
LOCK = 0x526F7574


class CustomerRouteAdjustment(models.Model):
    """The rows of a period, made by one statement per company. Made again, what nobody
    has decided yet is brought up to date, and what was decided stays as it was."""

    _inherit = "customer.route.adjustment"

    @api.model
    def _cron_generate(self):
        """At the end of each month and quarter, once for each company."""
        companies = self.env["res.company"].search([], order="id")  # pylint: disable=no-search-all
        Cron = self.env["ir.cron"]
        for number, company in enumerate(companies):
            self._generate_due(company)
            if not Cron._commit_progress(1, remaining=len(companies) - number - 1):
                break

    @api.model
    def _generate_due(self, company):
        """Make the rows of the periods that ended, where there are none yet."""
        for period, start in self._get_ended_periods(company):
            if not self._is_generated(company, period, start):
                self._generate(company, period, start)

    @api.model
    def action_generate(self, *_ids):
        """Make the rows of the month and of the quarter that ended last, or bring them
        up to date, in the current company.

        :raise AccessError: unless the user manages cards
        """
        user = self.env.user
        if not (user._is_card_admin() or user._card_managed_team_ids()):
            raise AccessError(
                self.env._(
                    "Route adjustments are made for managers: ask the manager of your "
                    "department."
                )
            )
        company = self.env.company
        for period, start in self._get_ended_periods(company):
            self._generate(company, period, start)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _get_ended_periods(self, company):
        """:return: ``[(period, first day)]``: the month and the quarter that ended
        last, by the company's day"""
        month = company._get_metrics_today().replace(day=1)
        quarter = month - relativedelta(months=(month.month - 1) % 3)
        return [
            ("month", month - relativedelta(months=1)),
            ("quarter", quarter - relativedelta(months=3)),
        ]

    @api.model
    def _is_generated(self, company, period, start):
        # sudo: a fact, whoever asks
        return bool(
            self.sudo().search_count(
                [
                    ("company_id", "=", company.id),
                    ("period", "=", period),
                    ("date_from", "=", start),
                ],
                limit=1,
            )
        )

    @api.model
    def _generate(self, company, period, start):
        """Compare the time and the value of all cards that somebody keeps.

        :param period: ``month`` or ``quarter``
        :param start: its first day
        """
        months = 1 if period == "month" else 3
        end = start + relativedelta(months=months) - timedelta(days=1)
        self.env.flush_all()
        self.env.execute_query(SQL("SELECT TRUE FROM pg_advisory_xact_lock(%s)", LOCK))
        columns = (
            "custodian_id",
            "date_to",
            "visits",
            "hours",
            "amount",
            "time_share",
            "value_share",
            "gap",
            "finding",
            "visits_wanted",
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_route_adjustment (
                    partner_id, company_id, period, date_from, %(columns)s,
                    create_uid, create_date, write_uid, write_date)
                SELECT partner_id, %(company)s, %(period)s, %(start)s, %(columns)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(rows)s) compared
                    ON CONFLICT (company_id, partner_id, period, date_from)
                    DO UPDATE SET %(updates)s, write_date = EXCLUDED.write_date
                 WHERE customer_route_adjustment.decision IS NULL
                """,
                columns=SQL(", ").join(SQL.identifier(name) for name in columns),
                updates=SQL(", ").join(
                    SQL("%(name)s = EXCLUDED.%(name)s", name=SQL.identifier(name))
                    for name in columns
                ),
                company=company.id,
                period=period,
                start=start,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                rows=self._get_comparison_sql(company, start, end),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _get_comparison_sql(self, company, start, end):
        """:return: SQL subselect: a row per card with what was spent on it and what it
        is worth; those without contacts and without sales are left out"""
        return SQL(
            """
            SELECT proportions.*,
                   %(end)s::date AS date_to,
                   ABS(time_share - value_share) AS gap,
                   CASE WHEN amount <= 0 THEN 'prospect'
                        WHEN visits >= 2 AND visits > visits_wanted
                             AND time_share >= %(factor)s * value_share
                        THEN 'too_much'
                        -- nobody was seen at all: there is nothing to compare with
                        WHEN all_visits = 0 THEN 'too_little'
                        WHEN visits < visits_wanted
                             AND value_share >= %(factor)s * time_share
                        THEN 'too_little'
                        ELSE 'fits' END AS finding
              FROM (
                SELECT *, ROUND(all_visits * value_share / 100)::int AS visits_wanted
                  FROM (
                SELECT *,
                       COALESCE(100 * hours / NULLIF(SUM(hours) OVER route, 0), 0)
                           AS time_share,
                       COALESCE(100 * GREATEST(amount, 0)
                           / NULLIF(SUM(GREATEST(amount, 0)) OVER route, 0), 0)
                           AS value_share,
                       SUM(visits) OVER route AS all_visits
                  FROM (
                    SELECT card.id AS partner_id,
                           card.card_custodian_id AS custodian_id,
                           COALESCE(figures.amount, 0) AS amount,
                           COALESCE(spent.visits, 0) AS visits,
                           COALESCE(spent.hours, 0)
                               + COALESCE(spent.unknown, 0)
                               * COALESCE(SUM(spent.hours) OVER keeper
                                          / NULLIF(SUM(spent.known) OVER keeper, 0), 1)
                               AS hours
                      FROM res_partner card
                 LEFT JOIN customer_metrics figures
                        ON figures.partner_id = card.id
                       AND figures.company_id = %(company)s
                 LEFT JOIN (
                           SELECT card_root_id,
                                  COUNT(*) AS visits,
                                  SUM(duration) FILTER (WHERE duration > 0) AS hours,
                                  COUNT(*) FILTER (WHERE duration > 0) AS known,
                                  COUNT(*) FILTER (WHERE COALESCE(duration, 0) <= 0)
                                      AS unknown
                             FROM customer_visit
                            WHERE company_id = %(company)s
                              AND state = ANY(%(done)s)
                              AND visit_date BETWEEN %(start)s AND %(end)s
                         GROUP BY card_root_id) spent
                        ON spent.card_root_id = card.id
                     WHERE card.card_state = 'active'
                       AND card.active
                       AND card.card_custodian_id IS NOT NULL
                       AND (card.company_id IS NULL OR card.company_id = %(company)s)
                    WINDOW keeper AS (PARTITION BY card.card_custodian_id)
                  ) cards
                 WHERE visits > 0 OR amount > 0
                WINDOW route AS (PARTITION BY custodian_id)
                  ) shares
              ) proportions
            """,
            company=company.id,
            start=start,
            end=end,
            done=list(DONE_STATES),
            factor=company.route_factor,
        )
