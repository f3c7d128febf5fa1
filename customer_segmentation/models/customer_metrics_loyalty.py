from odoo import api, fields, models
from odoo.tools import SQL

LOYALTY_KINDS = [
    ("true", "True Loyalty"),
    ("latent", "Latent Loyalty"),
    ("spurious", "Spurious Loyalty"),
    ("none", "No Loyalty"),
]
# code of a measure of attitude: (column that counts its evidence, column of its score)
ATTITUDE_MEASURES = {
    "decision": ("orders", "loyalty_decision_score"),
    "price": ("order_lines", "loyalty_price_score"),
    "competitor": ("competitor_answers", "loyalty_competitor_score"),
    "incident": ("incidents_judged", "loyalty_incident_score"),
}


class CustomerMetrics(models.Model):
    """Loyalty by five measures (O01, O04), combined as Dick and Basu do (JAMS 22(2),
    1994): *repeat patronage* × *relative attitude*.

    Each measure is a score from 0 to 100 points, or has no evidence; settings of the
    company are in italics. ``[date_from, as_of]`` is the window of the run.

    1. Repeat purchases: purchase days in the window, less one when the first purchase
       ever is among them. Score = ``100 × min(1, repeats / *repeat target*)``. This
       measure alone is *repeat patronage*; there is evidence for everybody who ever
       bought.
    2. Decision time: ``decision_days`` (median from quotation to order, of the orders
       confirmed in the window). Score falls in a straight line from 100 at *quick
       decision* to 0 at *slow decision*. Evidence: orders confirmed in the window.
    3. Price sensitivity, from the lines sold on the orders confirmed in the window
       (product lines with a positive price and quantity, no down payments): ``100 × (1 − (discounted lines / lines + min(1, discount_rate /
       *deep discount*)) / 2)``, a negative rate counting as 0. A line is discounted
       when its discount is above 0. Evidence: lines sold.
    4. Attitude to competitors, asked: the mean of those of three parts that are known.
       (a) his attitude to brands on the card: loyal 100, indifferent 50, switcher 0;
       (b) the mean over the competing brands of what he thinks of them: rejects 100,
       indifferent 50, accepts 25, prefers 0: entries of the card that are not struck
       out, and what reported visits in the window saw and what is not on the card
       yet; (c) 100 less the shares of spend of the competing brands on the card, when
       one of them is known. Evidence: each stated attitude and each known share is
       one answer. Answers have no history: a run for a past day takes today's.
    5. Tolerance of incidents: an incident is a day in the window with a posted credit
       note (service addons add complaints, see ``_get_incident_queries``). It is
       tolerated when a purchase follows on a later day, not later than *buys again
       within* days after it; it is pending while it is neither tolerated nor are these
       days over; else it was not tolerated. Score = 100 × tolerated / (tolerated + not
       tolerated). Evidence: incidents that are not pending.

    *Relative attitude* = the mean of the measures 2–5 that have evidence, by their
    *weights*; a measure of weight 0 does not count, neither as evidence. It is known
    when at least *measures needed* of them have evidence.

    ============================  =====================  ==========================
    ..                            attitude ≥ *limit*     attitude below
    ============================  =====================  ==========================
    repeat patronage ≥ *limit*    true: **loyal**        spurious: **switcher**
    below                         latent: **switcher**   none: **no brand loyalty**
    ============================  =====================  ==========================

    (Spurious: he buys, and would buy elsewhere; latent: he likes us, and buys
    elsewhere.) Who never bought has no class, nor has he whose attitude is not known:
    missing evidence is not guessed.
    """

    _inherit = "customer.metrics"

    # evidence
    loyalty_repeats = fields.Integer(
        "Repeat Purchases in the Window",
        help="Purchases in the window, without the very first one.",
    )
    order_lines = fields.Integer(
        "Lines Ordered", help="Of the orders confirmed in the window."
    )
    order_lines_discounted = fields.Integer(
        "Lines with Discount", help="Of the orders confirmed in the window."
    )
    competitor_answers = fields.Integer(
        "Answers About Competitors",
        help="Stated attitudes and shares of spend, on the card and from visits.",
    )
    incidents = fields.Integer(help="Days with a credit note in the window.")
    incidents_tolerated = fields.Integer(help="He bought again soon after them.")
    incidents_judged = fields.Integer(
        help="Those after which there was time enough to buy again."
    )
    # scores
    loyalty_repeat_score = fields.Float("Repeat Purchases (Points)", aggregator="avg")
    loyalty_decision_score = fields.Float("Decision Time (Points)", aggregator="avg")
    loyalty_price_score = fields.Float("Price Sensitivity (Points)", aggregator="avg")
    loyalty_competitor_score = fields.Float(
        "Attitude to Competitors (Points)", aggregator="avg"
    )
    loyalty_incident_score = fields.Float(
        "Tolerance of Incidents (Points)", aggregator="avg"
    )
    # the two axes
    loyalty_measures = fields.Integer(
        "Measures of Attitude",
        aggregator="avg",
        help="How many of the four measures of attitude have evidence.",
    )
    loyalty_attitude = fields.Float(
        "Relative Attitude (Points)",
        aggregator="avg",
        help="The weighted mean of the measures of attitude that have evidence.",
    )
    loyalty_kind = fields.Selection(
        LOYALTY_KINDS,
        "Kind of Loyalty",
        help="True: buys repeatedly and is well disposed. Latent: is well disposed, but "
        "buys seldom. Spurious: buys repeatedly without being well disposed. Empty: "
        "not enough evidence.",
    )

    # ------------------------------------------------------------
    # LAYERS
    # ------------------------------------------------------------

    @api.model
    def _get_layers(self, run):
        """The scores, then the axes, then the class: a layer each."""
        layers = {}
        for name, columns in super()._get_layers(run).items():
            if name == "facts":
                columns = {**columns, **self._get_loyalty_facts()}
            elif name == "loyalty":
                layers["loyalty_scores"] = self._get_loyalty_scores(run.company)
                layers["loyalty_axes"] = self._get_loyalty_axes(run.company)
                layers["loyalty_kinds"] = self._get_loyalty_kinds(run.company)
                columns = {
                    **columns,
                    "loyalty_class": SQL(
                        "CASE m.loyalty_kind WHEN 'true' THEN 'loyal'"
                        " WHEN 'none' THEN 'none'"
                        " WHEN 'latent' THEN 'switcher'"
                        " WHEN 'spurious' THEN 'switcher' END"
                    ),
                }
            layers[name] = columns
        return layers

    @api.model
    def _get_loyalty_facts(self):
        """:return: ``{field: SQL}``: the evidence, from the sources"""
        return {
            "order_lines": SQL("COALESCE(discount.lines, 0)"),
            "order_lines_discounted": SQL("COALESCE(discount.lines_discounted, 0)"),
            "competitor_answers": SQL("COALESCE(competitor.answers, 0)"),
            "loyalty_competitor_score": SQL("COALESCE(competitor.score, 0)"),
            "incidents": SQL("COALESCE(incident.incidents, 0)"),
            "incidents_tolerated": SQL("COALESCE(incident.tolerated, 0)"),
            "incidents_judged": SQL("COALESCE(incident.judged, 0)"),
        }

    @api.model
    def _get_loyalty_scores(self, company):
        """:return: ``{field: SQL}``: points of the measures; 0 without evidence"""
        fast, slow = company.loyalty_decision_fast, company.loyalty_decision_slow
        repeats = SQL(
            "(m.purchase_days - CASE WHEN m.purchase_days > 0"
            " AND m.purchase_days = m.purchase_days_lifetime THEN 1 ELSE 0 END)"
        )
        return {
            "loyalty_repeats": repeats,
            "loyalty_repeat_score": SQL(
                "100 * LEAST(1, %s::float8 / %s)",
                repeats,
                company.loyalty_repeat_target,
            ),
            "loyalty_decision_score": SQL(
                "CASE WHEN m.orders > 0 THEN 100 * GREATEST(0, LEAST(1,"
                " (%(slow)s::float8 - m.decision_days) / (%(slow)s - %(fast)s::float8)))"
                " ELSE 0 END",
                slow=slow,
                fast=fast,
            ),
            "loyalty_price_score": SQL(
                "CASE WHEN m.order_lines > 0 THEN 100 * (1 - ("
                "m.order_lines_discounted::float8 / m.order_lines"
                " + GREATEST(0, LEAST(1, m.discount_rate::float8 / %s))) / 2)"
                " ELSE 0 END",
                company.loyalty_discount_limit,
            ),
            "loyalty_incident_score": SQL(
                "CASE WHEN m.incidents_judged > 0 THEN"
                " 100 * m.incidents_tolerated::float8 / m.incidents_judged"
                " ELSE 0 END"
            ),
        }

    @api.model
    def _get_loyalty_axes(self, company):
        """:return: ``{field: SQL}``: relative attitude and how much it rests on"""
        measures = [
            (
                SQL.identifier("m", count),
                SQL.identifier("m", score),
                company[f"loyalty_weight_{code}"],
            )
            for code, (count, score) in ATTITUDE_MEASURES.items()
            if company[f"loyalty_weight_{code}"]
        ]

        def total(term):
            return SQL(" + ").join(
                SQL("CASE WHEN %s > 0 THEN %s ELSE 0 END", count, term(score, weight))
                for count, score, weight in measures
            )

        return {
            "loyalty_measures": total(lambda score, weight: SQL("1")),
            "loyalty_attitude": SQL(
                "COALESCE((%s) / NULLIF((%s)::float8, 0), 0)",
                total(lambda score, weight: SQL("%s * %s", weight, score)),
                total(lambda score, weight: SQL("%s", weight)),
            ),
        }

    @api.model
    def _get_loyalty_kinds(self, company):
        """:return: ``{field: SQL}``: the quadrant of Dick and Basu"""
        return {
            "loyalty_kind": SQL(
                """CASE
                    WHEN m.purchase_days_lifetime = 0 THEN NULL
                    WHEN m.loyalty_measures < %(needed)s THEN NULL
                    WHEN m.loyalty_repeat_score >= %(patronage)s
                    THEN CASE WHEN m.loyalty_attitude >= %(attitude)s
                              THEN 'true' ELSE 'spurious' END
                    WHEN m.loyalty_attitude >= %(attitude)s THEN 'latent'
                    ELSE 'none'
                END""",
                needed=company.loyalty_min_measures,
                patronage=company.loyalty_patronage_limit,
                attitude=company.loyalty_attitude_limit,
            )
        }
