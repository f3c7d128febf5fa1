from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

# any number: who makes daily reviews holds this lock
GENERATE_LOCK = 190_300_061
# a review that was missed is made up for within so many days
LATEST_DAYS = 7
# and the next working day is looked for within so many
FREE_DAYS = 14
# salespeople per transaction of the scheduled action
BATCH = 200


class CustomerDailyReview(models.Model):
    """Making the daily reviews: all salespeople of a company by a few statements."""

    _inherit = "customer.daily.review"

    @api.model
    def _cron_generate(self):
        """Make the reviews of the last working day, and those that were missed.
        Repeated or interrupted it goes on with what is not there yet."""
        self._generate(commit=True)

    @api.model
    def _generate(self, team_ids=None, commit=False):
        """Make the daily reviews that do not exist yet, and add to open ones what has
        been recorded meanwhile.

        :param team_ids: of crm.team; by default all salespeople
        :param commit: commit after each batch, as a scheduled action
        :return: the new reviews
        """
        self.env.flush_all()
        self._lock_generation()
        reviews = self.browse()
        groups = self._get_salespeople(team_ids)
        left = sum(len(user_ids) for _company_id, _today, user_ids in groups)
        for company_id, today, user_ids in groups:
            spans = self._get_day_spans(company_id, today)
            for start in range(0, len(user_ids), BATCH):
                batch = user_ids[start : start + BATCH]
                made = self._insert_reviews(batch, company_id, spans)
                reviews |= made
                self._get_open_reviews(batch, today)._insert_lines(today)
                left -= len(batch)
                if commit:
                    if not self.env["ir.cron"]._commit_progress(
                        len(batch), remaining=left
                    ):
                        return reviews
                    self._lock_generation()
        self.env.invalidate_all(flush=False)
        return reviews

    @api.model
    def _lock_generation(self):
        """Two who make the reviews at once do it one after the other."""
        self.env.execute_query(
            SQL("SELECT TRUE FROM pg_advisory_xact_lock(%s)", GENERATE_LOCK)
        )

    @api.model
    def _get_salespeople(self, team_ids=None):
        """Who keeps cards or had contacts lately.

        :return: ``[(company id, today there, [user ids]), …]``: a day is the
            salesperson's day
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT person.company_id, person.today, ARRAY_AGG(person.id)
                  FROM (%s) person
                 WHERE %s
              GROUP BY person.company_id, person.today
              ORDER BY person.company_id, person.today
                """,
                self._get_salespeople_query(),
                SQL("TRUE")
                if team_ids is None
                else SQL("person.team_id = ANY(%s)", list(team_ids)),
            )
        )
        return [(company_id, today, sorted(ids)) for company_id, today, ids in rows]

    @api.model
    def _get_salespeople_query(self):
        """:return: SQL of ``id``, ``company_id``, ``team_id`` and ``today`` of those who
        keep cards or had contacts lately. The department is that of his sales team;
        of a leader the one that he leads; else that of his cards."""
        return SQL(
            """
            SELECT account.id, account.company_id,
                   (%(now)s AT TIME ZONE 'UTC'
                        AT TIME ZONE COALESCE(partner.tz, 'UTC'))::date AS today,
                   COALESCE(
                       account.sale_team_id,
                       (SELECT team.id FROM crm_team team
                         WHERE team.user_id = account.id AND team.active
                      ORDER BY LENGTH(team.parent_path), team.id LIMIT 1),
                       (SELECT MIN(card.card_team_id) FROM res_partner card
                         WHERE card.card_custodian_id = account.id
                           AND card.card_state IS NOT NULL)) AS team_id
              FROM res_users account
              JOIN res_partner partner ON partner.id = account.partner_id
             WHERE account.active
               AND NOT account.share
               AND (EXISTS (SELECT FROM res_partner card
                             WHERE card.card_custodian_id = account.id
                               AND card.card_state IN ('active', 'draft', 'dormant'))
                    OR EXISTS (SELECT FROM customer_visit visit
                                WHERE visit.user_id = account.id
                                  AND visit.visit_date > %(since)s))
            """,
            now=fields.Datetime.now(),
            since=fields.Date.today() - timedelta(days=LATEST_DAYS),
        )

    # ------------------------------------------------------------
    # WORKING DAYS
    # ------------------------------------------------------------

    @api.model
    def _get_day_spans(self, company_id, today):
        """:return: ``[(working day, last day before the next one), …]`` of the working
        days before ``today`` by the calendar of the company, the oldest first"""
        first = today - timedelta(days=LATEST_DAYS)
        last = today + timedelta(days=FREE_DAYS)
        days = self._get_working_days(company_id, first, last)
        spans = []
        for day, following in zip(days, [*days[1:], last], strict=True):
            if day < today:
                spans.append((day, following - timedelta(days=1)))
        return spans

    @api.model
    def _get_working_days(self, company_id, first, last):
        """:return: the sorted dates from ``first`` to ``last`` on which the company
        works; all of them for a company without working hours"""
        # sudo: when a company works is no secret
        company = self.env["res.company"].sudo().browse(company_id)
        calendar = company.resource_calendar_id
        dates = [
            first + timedelta(days=number) for number in range((last - first).days + 1)
        ]
        if not calendar or calendar.flexible_hours:
            return dates
        zone = pytz.timezone(calendar.tz or "UTC")
        intervals = calendar._work_intervals_batch(
            zone.localize(datetime.combine(first, time.min)),
            zone.localize(datetime.combine(last, time.max)),
            tz=zone,
        )[False]
        worked = {start.date() for start, _stop, _meta in intervals}
        return [day for day in dates if day in worked] or dates

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    @api.model
    def _insert_reviews(self, user_ids, company_id, spans):
        """Make a review for the last span, and for earlier ones that were missed since
        the last review of a salesperson. Whoever was on leave has one only with
        contacts.

        :return: the new reviews
        """
        if not spans:
            return self.browse()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_daily_review (
                    user_id, team_id, company_id, date, date_to, state,
                    create_uid, create_date, write_uid, write_date)
                SELECT person.id, person.team_id, %(company_id)s, span.day,
                       span.day_to, 'open', %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(people)s) person
            CROSS JOIN UNNEST(%(days)s::date[], %(days_to)s::date[]) span(day, day_to)
                 WHERE person.id = ANY(%(user_ids)s)
                   AND (span.day = %(latest)s OR EXISTS (
                       SELECT FROM customer_daily_review earlier
                        WHERE earlier.user_id = person.id
                          AND earlier.date < span.day))
                   AND (NOT %(on_leave)s OR EXISTS (
                       SELECT FROM customer_visit visit
                        WHERE visit.user_id = person.id
                          AND visit.visit_date BETWEEN span.day AND span.day_to))
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                people=self._get_salespeople_query(),
                company_id=company_id,
                days=[day for day, _day_to in spans],
                days_to=[day_to for _day, day_to in spans],
                latest=spans[-1][0],
                user_ids=user_ids,
                on_leave=self._get_on_leave_condition(),
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        return self.browse(row_id for (row_id,) in rows)

    @api.model
    def _get_on_leave_condition(self):
        """:return: SQL: deputies stand in for ``person`` on ``span.day``, on all cards
        that he keeps"""
        return SQL(
            """
            COALESCE((
                SELECT BOOL_AND(card.card_deputy_id IS NOT NULL
                                AND span.day BETWEEN card.card_deputy_from
                                                 AND card.card_deputy_until)
                  FROM res_partner card
                 WHERE card.card_custodian_id = person.id
                   AND card.card_state IN ('active', 'draft', 'dormant')), FALSE)
            """
        )

    @api.model
    def _get_open_reviews(self, user_ids, today):
        """:return: the reviews of these users that may still get lines"""
        return self.search(
            [
                ("user_id", "in", user_ids),
                ("state", "=", "open"),
                ("date", ">=", today - timedelta(days=LATEST_DAYS)),
            ]
        )

    def _update_lines(self):
        """Add what has been recorded meanwhile to these reviews."""
        by_day = defaultdict(self.browse)
        # sudo: each salesperson's own day
        for review in self.sudo():
            by_day[review.user_id._card_today()] |= review
        self.env.flush_all()
        for today, reviews in by_day.items():
            reviews._insert_lines(today)
        self.invalidate_recordset(["line_ids"])

    def _insert_lines(self, today):
        """Add the visits of these days: those made, those planned and not done, and
        those that were moved to another day when it had begun."""
        if not self:
            return
        planned_field = self.env["ir.model.fields"]._get(
            "customer.visit", "date_planned"
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_daily_review_line (
                    review_id, visit_id, create_uid, create_date, write_uid, write_date)
                SELECT found.review_id, found.visit_id,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (
                SELECT review.id AS review_id, visit.id AS visit_id,
                       COALESCE(visit.date_start, visit.date_planned) AS moment
                  FROM customer_daily_review review
                  JOIN customer_visit visit
                    ON visit.user_id = review.user_id
                   AND visit.visit_date BETWEEN review.date
                                            AND LEAST(review.date_to, %(yesterday)s)
                 WHERE review.id = ANY(%(ids)s)
                 UNION
                SELECT review.id, visit.id,
                       COALESCE(visit.date_start, visit.date_planned)
                  FROM customer_daily_review review
                  JOIN res_users account ON account.id = review.user_id
                  JOIN res_partner partner ON partner.id = account.partner_id
            CROSS JOIN LATERAL (
                       SELECT COALESCE(partner.tz, 'UTC') AS tz) zone
                  JOIN customer_visit visit
                    ON visit.user_id = review.user_id
                   AND visit.visit_date > review.date_to
                  JOIN mail_message message
                    ON message.model = 'customer.visit'
                   AND message.res_id = visit.id
                  JOIN mail_tracking_value moved
                    ON moved.mail_message_id = message.id
                   AND moved.field_id = %(field_id)s
                 WHERE review.id = ANY(%(ids)s)
                   AND (moved.old_value_datetime AT TIME ZONE 'UTC'
                        AT TIME ZONE zone.tz)::date
                       BETWEEN review.date AND LEAST(review.date_to, %(yesterday)s)
                   AND (message.date AT TIME ZONE 'UTC'
                        AT TIME ZONE zone.tz)::date >= review.date
                       ) found
              ORDER BY found.review_id, found.moment, found.visit_id
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                yesterday=today - timedelta(days=1),
                field_id=planned_field.id,
                ids=self.ids,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
