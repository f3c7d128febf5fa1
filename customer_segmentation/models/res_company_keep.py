from odoo import fields, models


class ResCompany(models.Model):
    """When a customer is about to leave, and what is proposed to him next."""

    _inherit = "res.company"

    # risk
    risk_window_days = fields.Integer(
        "Silent at Least (Days)",
        default=60,
        required=True,
        help="Nobody is about to leave who has bought within so many days.",
    )
    risk_factor = fields.Float(
        "Times His Usual Interval",
        digits=(6, 2),
        default=2.0,
        required=True,
        help="He is when he has been silent for longer than so many times the median "
        "of the days between his purchases.",
    )
    risk_first_days = fields.Integer(
        "After a Single Purchase (Days)",
        default=180,
        required=True,
        help="Who has bought once has no interval yet: he is about to leave after so "
        "many days.",
    )
    risk_high_factor = fields.Float(
        "High Risk From",
        digits=(6, 2),
        default=1.5,
        required=True,
        help="Times the days of silence at which he is about to leave.",
    )
    risk_lost_factor = fields.Float(
        "Lost From",
        digits=(6, 2),
        default=3.0,
        required=True,
        help="Times the days of silence at which he is about to leave.",
    )
    # defections
    defection_detect = fields.Selection(
        [("no", "Never"), ("high", "High Risk"), ("lost", "Lost")],
        "Suggest Defections From",
        default="high",
        required=True,
        help="From this risk on, a defection is suggested to whoever keeps the card.",
    )
    defection_min_amount = fields.Monetary(
        "Money at Stake at Least",
        default=0.0,
        help="No defection is suggested for a customer who bought less.",
    )
    defection_most_open = fields.Integer(
        "Suggestions per Custodian",
        default=10,
        required=True,
        help="So many wait for one person at a time, those with most money at stake "
        "first; the next ones follow when he has decided.",
    )
    # next sale
    prediction_min_customers = fields.Integer(
        "Customers at Least",
        default=100,
        required=True,
        help="With fewer customers who bought, nothing is predicted: the figures would "
        "mean nothing.",
    )
    affinity_min_customers = fields.Integer(
        "Bought Together By",
        default=5,
        required=True,
        help="Two products belong together when at least so many customers bought both.",
    )
    affinity_min_lift = fields.Float(
        "Lift at Least",
        digits=(6, 2),
        default=1.2,
        required=True,
        help="How many times more often customers buy both than if the one had nothing "
        "to do with the other. 1: no connection.",
    )

    statistics_as_of = fields.Date(
        readonly=True,
        copy=False,
        help="Cohorts, rates, products bought together and predictions are of this day.",
    )

    _risk_days_positive = models.Constraint(
        "CHECK (risk_window_days > 0 AND risk_first_days > 0)",
        "The days after which a silent customer is about to leave are positive.",
    )
    _risk_factors_rising = models.Constraint(
        "CHECK (risk_factor > 0 AND risk_high_factor >= 1"
        " AND risk_lost_factor >= risk_high_factor)",
        "The factors of the risk of defection rise: high from at least 1, lost from at "
        "least as much as high.",
    )
    _defection_most_open_positive = models.Constraint(
        "CHECK (defection_most_open > 0)",
        "At least one suggestion per custodian: choose Never to have none.",
    )
    _prediction_min_customers_range = models.Constraint(
        "CHECK (prediction_min_customers >= 10)",
        "A prediction needs at least 10 customers.",
    )
    _affinity_limits_positive = models.Constraint(
        "CHECK (affinity_min_customers >= 2 AND affinity_min_lift >= 1)",
        "Products belong together when at least 2 customers bought both, and with a "
        "lift of at least 1.",
    )
