from odoo import fields, models
from odoo.tools import SQL


class CustomerCardScore(models.Model):
    """How well a custodian keeps his cards: one row for each weekly check, so that
    the weeks can be compared. Each part lies between 0 and 100:

    * completeness: the average completeness of all cards that he kept when the check
      was made;
    * freshness: the share of these cards that were not stale;
    * rating: the average of the manager's ratings on this check, 1 star = 0,
      5 stars = 100, empty while nothing is rated.

    ``score`` = Σ weight × part / Σ weight over the parts that are there. The weights
    are in the settings of the company whose check it is. Other addons extend
    ``_select``, ``_from`` and ``_get_parts``.
    """

    _name = "customer.card.score"
    _description = "Card Score"
    _auto = False
    _order = "week_start DESC, custodian_id"
    _rec_name = "custodian_id"
    _depends = {
        "customer.card.review": [
            "card_count",
            "company_id",
            "completeness",
            "custodian_id",
            "stale_count",
            "team_id",
            "week_start",
        ],
        "customer.card.review.line": ["rating_value", "review_id", "state"],
        "res.company": [
            "card_score_weight_completeness",
            "card_score_weight_freshness",
            "card_score_weight_rating",
        ],
    }

    review_id = fields.Many2one("customer.card.review", "Weekly Check", readonly=True)
    custodian_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    week_start = fields.Date("Week", readonly=True)
    card_count = fields.Integer("Cards Kept", readonly=True, aggregator="avg")
    rated_count = fields.Integer("Cards Rated", readonly=True)
    completeness = fields.Float(readonly=True, aggregator="avg", digits=(4, 1))
    freshness = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="Share of the cards that were not stale.",
    )
    rating = fields.Float(
        "Manager's Rating",
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="Average of the ratings: 1 star counts 0, 5 stars count 100.",
    )
    score = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="Weighted average of completeness, freshness and rating.",
    )

    @property
    def _table_query(self):
        parts = self._get_parts()
        weighted = SQL(" + ").join(
            SQL("COALESCE(%s * %s, 0)", weight, part) for part, weight in parts
        )
        weights = SQL(" + ").join(
            SQL("CASE WHEN %s IS NULL THEN 0 ELSE %s END", part, weight)
            for part, weight in parts
        )
        return SQL(
            "SELECT %s, (%s) / NULLIF(%s, 0) AS score FROM %s",
            self._select(),
            weighted,
            weights,
            self._from(),
        )

    def _select(self):
        """:return: SQL columns, without the score"""
        return SQL(
            """
            review.id AS id,
            review.id AS review_id,
            review.custodian_id AS custodian_id,
            review.team_id AS team_id,
            review.company_id AS company_id,
            review.week_start AS week_start,
            review.card_count AS card_count,
            rated.count AS rated_count,
            review.completeness AS completeness,
            %s AS freshness,
            %s AS rating
            """,
            self._get_freshness(),
            self._get_rating(),
        )

    def _from(self):
        """:return: SQL tables: ``review``, ``company`` with the weights, ``rated``"""
        return SQL(
            """
            customer_card_review review
            JOIN res_company company ON company.id = review.company_id
            LEFT JOIN (
                SELECT line.review_id, COUNT(*) AS count, AVG(line.rating_value) AS stars
                  FROM customer_card_review_line line
                 WHERE line.state = 'rated'
              GROUP BY line.review_id
            ) rated ON rated.review_id = review.id
            """
        )

    def _get_parts(self):
        """:return: ``[(SQL of a part, 0–100 or NULL, SQL of its weight), …]``"""
        return [
            (
                SQL("review.completeness::numeric"),
                SQL("company.card_score_weight_completeness"),
            ),
            (self._get_freshness(), SQL("company.card_score_weight_freshness")),
            (self._get_rating(), SQL("company.card_score_weight_rating")),
        ]

    def _get_freshness(self):
        return SQL(
            "(100.0 * (review.card_count - review.stale_count) "
            "/ NULLIF(review.card_count, 0))"
        )

    def _get_rating(self):
        return SQL("((rated.stars - 1) * 25)")
