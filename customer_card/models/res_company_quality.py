from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models


class ResCompany(models.Model):
    """What a company expects of its cards: how fresh, how often looked through."""

    _inherit = "res.company"

    # freshness
    card_stale_days_prospect = fields.Integer(
        "Prospects Are Stale After (Days)",
        default=30,
        required=True,
        help="Without any change or confirmation for more than this many days the card "
        "of a prospect is stale. 0: never.",
    )
    card_stale_days_customer = fields.Integer(
        "Customers Are Stale After (Days)",
        default=90,
        required=True,
        help="Without any change or confirmation for more than this many days the card "
        "of a customer is stale. 0: never.",
    )
    card_stale_days_former = fields.Integer(
        "Former Customers Are Stale After (Days)",
        default=365,
        required=True,
        help="Without any change or confirmation for more than this many days the card "
        "of a former customer is stale. 0: never.",
    )
    # weekly check
    card_review_max_lines = fields.Integer(
        "Cards in a Weekly Check",
        default=30,
        required=True,
        help="At most this many new, changed, stale and incomplete cards of a custodian "
        "are on the list of a week, the new ones first.",
    )
    card_review_sample_size = fields.Integer(
        "Random Cards in a Weekly Check",
        default=3,
        required=True,
        help="This many of his other cards are added at random.",
    )
    card_review_remark_days = fields.Integer(
        "Answer Remarks Within (Days)",
        default=7,
        required=True,
        help="When the to-do that a remark of the manager becomes is due.",
    )
    # score
    card_score_weight_completeness = fields.Integer(
        "Weight of Completeness", default=40, required=True
    )
    card_score_weight_freshness = fields.Integer(
        "Weight of Freshness", default=30, required=True
    )
    card_score_weight_rating = fields.Integer(
        "Weight of the Manager's Ratings", default=30, required=True
    )

    _card_stale_days_positive = models.Constraint(
        "CHECK (LEAST(card_stale_days_prospect, card_stale_days_customer, "
        "card_stale_days_former) >= 0)",
        "A card cannot be stale before its last update: the days start at 0 (never).",
    )
    _card_review_positive = models.Constraint(
        "CHECK (card_review_max_lines > 0 AND card_review_sample_size >= 0 "
        "AND card_review_remark_days >= 0)",
        "A weekly check has at least one card; random cards and days are not negative.",
    )
    _card_score_weights_positive = models.Constraint(
        "CHECK (LEAST(card_score_weight_completeness, card_score_weight_freshness, "
        "card_score_weight_rating) >= 0 AND card_score_weight_completeness "
        "+ card_score_weight_freshness + card_score_weight_rating > 0)",
        "The weights of the card score are not negative, and one of them counts.",
    )

    def _get_card_stale_limits(self):
        """From when on a card of this company is fresh, by the user's day: changed 90
        days ago it is fresh, 91 days ago stale.

        :return: ``{kind of customer: datetime in UTC}``, without the kinds that are
            never stale
        """
        self.ensure_one()
        user = self.env.user
        zone = pytz.timezone(user.tz or "UTC")
        today = user._card_today()
        limits = {}
        for kind in ("prospect", "customer", "former"):
            if days := self[f"card_stale_days_{kind}"]:
                morning = datetime.combine(today - timedelta(days=days), time.min)
                limits[kind] = (
                    zone.localize(morning).astimezone(pytz.utc).replace(tzinfo=None)
                )
        return limits
