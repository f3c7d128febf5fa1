from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

from .res_partner_card import OPEN_STATES

# custodians per transaction of the scheduled action
BATCH = 50
# any number: who makes weekly checks holds this lock
GENERATE_LOCK = 190_300_047


class CustomerCardReview(models.Model):
    """Making the weekly checks: all cards of some custodians by three statements."""

    _inherit = "customer.card.review"

    @api.model
    def _cron_generate(self):
        """Make the checks of the week. Repeated or interrupted it goes on with the
        custodians who have none yet."""
        self._generate(commit=True)

    @api.model
    def _generate(self, team_ids=None, week_start=None, commit=False):
        """Make the weekly checks that do not exist yet.

        :param team_ids: of crm.team; by default all cards, with or without department
        :param week_start: a Monday, by default that of the user's week
        :param commit: commit after each batch, as a scheduled action
        :return: the new checks
        """
        week_start = week_start or self._get_week_start()
        reviews = self.browse()
        self.env.flush_all()
        while keepers := self._get_unchecked_keepers(team_ids, week_start):
            self._lock_generation()
            made = self._insert_reviews(keepers[:BATCH], week_start)
            made._insert_lines()
            reviews |= made
            if not made:
                break
            if commit and not self.env["ir.cron"]._commit_progress(
                len(made), remaining=len(keepers) - len(made)
            ):
                break
        self.env.invalidate_all(flush=False)
        return reviews

    @api.model
    def _lock_generation(self):
        """Two who make the checks at once do it one after the other."""
        self.env.execute_query(
            SQL("SELECT TRUE FROM pg_advisory_xact_lock(%s)", GENERATE_LOCK)
        )

    @api.model
    def _get_unchecked_keepers(self, team_ids, week_start):
        """:return: list of ``(custodian id, department id or None)`` who keep cards and
        have no check in this week"""
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT card.card_custodian_id, card.card_team_id
                  FROM res_partner card
                  JOIN res_users custodian
                    ON custodian.id = card.card_custodian_id AND custodian.active
             LEFT JOIN customer_card_review review
                    ON review.custodian_id = card.card_custodian_id
                   AND COALESCE(review.team_id, 0) = COALESCE(card.card_team_id, 0)
                   AND review.week_start = %(week_start)s
                 WHERE card.card_state = ANY(%(states)s)
                   AND card.active
                   AND review.id IS NULL
                   AND %(teams)s
              ORDER BY 1, 2
                """,
                week_start=week_start,
                states=list(OPEN_STATES),
                teams=SQL("TRUE")
                if team_ids is None
                else SQL("card.card_team_id = ANY(%s)", list(team_ids)),
            )
        )

    @api.model
    def _insert_reviews(self, keepers, week_start):
        """:param keepers: ``[(custodian id, department id or None), …]``
        :return: the new checks, with how their custodians' cards are at this time"""
        now = fields.Datetime.now()
        # sudo: figures of all cards of a custodian, by SQL
        Partner = self.env["res.partner"].sudo().browse()
        query = Query(self.env, "card", SQL.identifier("res_partner"))
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_card_review (
                    custodian_id, team_id, company_id, week_start, week, since_date,
                    state, card_count, stale_count, incomplete_count, completeness,
                    create_uid, create_date, write_uid, write_date)
                SELECT keeper.user_id, keeper.team_id,
                       COALESCE(team.company_id, %(company_id)s),
                       %(week_start)s, %(week)s, COALESCE((
                           SELECT MAX(last.create_date)
                             FROM customer_card_review last
                            WHERE last.custodian_id = keeper.user_id
                              AND COALESCE(last.team_id, 0) = COALESCE(keeper.team_id, 0)
                              AND last.state = 'done'
                              AND last.week_start < %(week_start)s
                       ), %(week_ago)s),
                       'open', COUNT(*), COUNT(*) FILTER (WHERE %(stale)s),
                       COUNT(*) FILTER (WHERE card.card_completeness < 100),
                       AVG(card.card_completeness),
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM UNNEST(%(users)s::int[], %(teams)s::int[]) keeper(user_id, team_id)
             LEFT JOIN crm_team team ON team.id = keeper.team_id
                  JOIN res_partner card
                    ON card.card_custodian_id = keeper.user_id
                   AND card.card_team_id IS NOT DISTINCT FROM keeper.team_id
                   AND card.card_state = ANY(%(states)s)
                   AND card.active
              GROUP BY keeper.user_id, keeper.team_id, team.company_id
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                company_id=self.env.company.id,
                week_start=week_start,
                week=self._get_week_name(week_start),
                week_ago=now - timedelta(days=7),
                stale=self._get_stale_sql(Partner, query),
                uid=self.env.uid,
                now=now,
                users=[user_id for user_id, _team_id in keepers],
                teams=[team_id for _user_id, team_id in keepers],
                states=list(OPEN_STATES),
            )
        )
        return self.browse(row_id for (row_id,) in rows)

    @api.model
    def _get_stale_sql(self, Partner, query):
        stale = Domain("card_is_stale", "=", True).optimize_full(Partner)
        return stale._to_sql(Partner, "card", query)

    def _insert_lines(self):
        """Choose the cards of these checks: first the new ones, then the changed, the
        stale and the incomplete ones, those that nobody has rated for long first; then
        some of the rest at random."""
        # sudo: figures of all cards of a custodian, by SQL
        Partner = self.env["res.partner"].sudo().browse()
        query = Query(self.env, "card", SQL.identifier("res_partner"))
        self.env.execute_query(
            SQL(
                """
                WITH card AS MATERIALIZED (
                    SELECT review.id AS review_id,
                           company.card_review_max_lines AS max_lines,
                           company.card_review_sample_size AS sample_size,
                           card.id, card.card_completeness, card.card_last_update,
                           card.card_last_review,
                           COALESCE(card.card_last_update > review.since_date, FALSE)
                               AS is_touched,
                           EXISTS (
                               SELECT FROM customer_card_event event
                                WHERE event.partner_id = card.id
                                  AND event.kind = 'opened'
                                  AND event.date > review.since_date) AS is_new,
                           (%(stale)s) IS TRUE AS is_stale,
                           COALESCE(card.card_completeness < 100, FALSE) AS is_incomplete
                      FROM customer_card_review review
                      JOIN res_company company ON company.id = review.company_id
                      JOIN res_partner card
                        ON card.card_custodian_id = review.custodian_id
                       AND card.card_team_id IS NOT DISTINCT FROM review.team_id
                       AND card.card_state = ANY(%(states)s)
                       AND card.active
                     WHERE review.id = ANY(%(ids)s)
                ), placed AS (
                    SELECT card.*, is_touched AND NOT is_new AS is_changed,
                           is_touched OR is_new OR is_stale OR is_incomplete AS has_reason,
                           ROW_NUMBER() OVER (
                               PARTITION BY review_id
                               ORDER BY is_new DESC, is_touched DESC, is_stale DESC,
                                        is_incomplete DESC, card_last_review NULLS FIRST,
                                        card_completeness, id) AS place
                      FROM card
                ), drawn AS (
                    SELECT placed.*, NOT has_reason OR place > max_lines AS is_rest,
                           ROW_NUMBER() OVER (
                               PARTITION BY review_id, NOT has_reason OR place > max_lines
                               ORDER BY RANDOM()) AS draw
                      FROM placed
                )
                INSERT INTO customer_card_review_line (
                    review_id, partner_id, sequence, is_new, is_changed, is_stale,
                    is_incomplete, is_sample, completeness, last_update, state, rating,
                    rating_value, create_uid, create_date, write_uid, write_date)
                SELECT review_id, id, place, is_new, is_changed, is_stale, is_incomplete,
                       is_rest, card_completeness, card_last_update, 'todo', '0', 0,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM drawn
                 WHERE NOT is_rest OR draw <= sample_size
             RETURNING id
                """,
                stale=self._get_stale_sql(Partner, query),
                states=list(OPEN_STATES),
                ids=self.ids,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
