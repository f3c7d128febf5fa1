from odoo import api, fields, models
from odoo.tools import SQL

from ..models.res_partner_freshness import OPEN_STATES


class CustomerCardUnchecked(models.Model):
    """Custodians whose cards nobody has checked this week: without a finished weekly
    check. A week begins on Monday, a day is the user's day."""

    _name = "customer.card.unchecked"
    _description = "Not Checked This Week"
    _auto = False
    _order = "last_check NULLS FIRST, team_id, custodian_id"
    _rec_name = "custodian_id"
    _depends = {
        "customer.card.review": ["custodian_id", "state", "team_id", "week_start"],
        "res.partner": [
            "active",
            "card_completeness",
            "card_custodian_id",
            "card_last_review",
            "card_state",
            "card_team_id",
        ],
        "res.users": ["active"],
    }

    custodian_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    review_id = fields.Many2one("customer.card.review", "Weekly Check", readonly=True)
    state = fields.Selection(
        [("none", "Not Begun"), ("open", "To Check")], "Status", readonly=True
    )
    card_count = fields.Integer("Cards Kept", readonly=True)
    unrated_count = fields.Integer(
        "Not Rated This Week",
        readonly=True,
        help="Cards that the manager has not rated since Monday.",
    )
    completeness = fields.Float(readonly=True, aggregator="avg", digits=(4, 1))
    last_check = fields.Date(
        "Last Checked Week",
        readonly=True,
        help="Monday of the last week whose check was finished. Empty: never.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT MIN(card.id) AS id,
                   card.card_custodian_id AS custodian_id,
                   card.card_team_id AS team_id,
                   review.id AS review_id,
                   CASE WHEN review.id IS NULL THEN 'none' ELSE 'open' END AS state,
                   COUNT(*) AS card_count,
                   COUNT(*) FILTER (
                       WHERE card.card_last_review IS NULL
                          OR card.card_last_review < %(week_start)s) AS unrated_count,
                   AVG(card.card_completeness) AS completeness,
                   last.week_start AS last_check
              FROM res_partner card
              JOIN res_users custodian
                ON custodian.id = card.card_custodian_id AND custodian.active
         LEFT JOIN customer_card_review review
                ON review.custodian_id = card.card_custodian_id
               AND COALESCE(review.team_id, 0) = COALESCE(card.card_team_id, 0)
               AND review.week_start = %(week_start)s
         LEFT JOIN (
                SELECT custodian_id, team_id, MAX(week_start) AS week_start
                  FROM customer_card_review
                 WHERE state = 'done'
              GROUP BY custodian_id, team_id) last
                ON last.custodian_id = card.card_custodian_id
               AND COALESCE(last.team_id, 0) = COALESCE(card.card_team_id, 0)
             WHERE card.card_state = ANY(%(states)s)
               AND card.active
               AND COALESCE(review.state, 'open') != 'done'
          GROUP BY card.card_custodian_id, card.card_team_id, review.id,
                   last.week_start
            """,
            week_start=self.env["customer.card.review"]._get_week_start(),
            states=list(OPEN_STATES),
        )

    @api.model
    def action_start_now(self, *_ids):
        """Make this week's checks, see ``customer.card.review.action_start_now``."""
        return self.env["customer.card.review"].action_start_now()

    def action_open(self):
        """Open the weekly check of a custodian; it is made when there is none yet.

        :raise AccessError: when the user does not manage the department
        """
        self.ensure_one()
        review = self.review_id
        if not review:
            keys = [
                ("custodian_id", "=", self.custodian_id.id),
                ("team_id", "=", self.team_id.id),
                ("week_start", "=", review._get_week_start()),
            ]
            review.action_start_now()
            review = review.search(keys)
        return review.get_formview_action()

    def action_open_cards(self):
        """Open the cards of a custodian that were not rated this week."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_card.res_partner_action_card_unchecked"
        )
        action["domain"] = [
            ("card_state", "in", list(OPEN_STATES)),
            ("card_custodian_id", "=", self.custodian_id.id),
            ("card_team_id", "=", self.team_id.id),
        ]
        return action
