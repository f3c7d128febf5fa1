from odoo import fields, models


class ResCompany(models.Model):
    """How a company measures loyalty, finds its early adopters and moves its customers
    along the life cycle. The formulas are in ``customer_metrics_loyalty.py``,
    ``customer_metrics_adoption.py`` and ``customer_metrics_lifecycle.py``."""

    _inherit = "res.company"

    # repeat patronage
    loyalty_repeat_target = fields.Integer(
        "Repeat Purchases for Full Score",
        default=4,
        required=True,
        help="So many repeat purchases in the window give the full score.",
    )
    loyalty_patronage_limit = fields.Float(
        "Buys Repeatedly From (Points)", default=50.0, required=True
    )
    # relative attitude
    loyalty_attitude_limit = fields.Float(
        "Well Disposed From (Points)", default=60.0, required=True
    )
    loyalty_min_measures = fields.Integer(
        "Measures Needed",
        default=2,
        required=True,
        help="Without evidence for so many of the four measures of attitude, the "
        "loyalty of a customer is not known.",
    )
    loyalty_decision_fast = fields.Float(
        "Quick Decision (Days)",
        default=3.0,
        required=True,
        help="Who orders within so many days of the quotation gets the full score.",
    )
    loyalty_decision_slow = fields.Float(
        "Slow Decision (Days)",
        default=30.0,
        required=True,
        help="Who takes so many days or more gets no points.",
    )
    loyalty_discount_limit = fields.Float(
        "Deep Discount (%)",
        default=20.0,
        required=True,
        help="Who takes so much discount on everything he orders gets no points.",
    )
    loyalty_incident_days = fields.Integer(
        "Buys Again Within (Days)",
        default=90,
        required=True,
        help="Who buys again within so many days of a return has tolerated it.",
    )
    # weights of the measures of attitude
    loyalty_weight_decision = fields.Integer(
        "Weight of Decision Time", default=1, required=True
    )
    loyalty_weight_price = fields.Integer(
        "Weight of Price Sensitivity", default=1, required=True
    )
    loyalty_weight_competitor = fields.Integer(
        "Weight of Attitude to Competitors", default=2, required=True
    )
    loyalty_weight_incident = fields.Integer(
        "Weight of Tolerance of Incidents", default=1, required=True
    )
    # first users of new products
    adopter_months = fields.Integer(
        "New Products of the Last (Months)",
        default=24,
        required=True,
        help="Products whose first sale is not longer ago are looked at.",
    )
    adopter_share = fields.Float(
        "First Users (%)",
        default=16.0,
        required=True,
        help="The first so many percent of the customers who bought a new product.",
    )
    adopter_days = fields.Integer(
        "Within (Days)",
        default=90,
        required=True,
        help="… and not later than so many days after its first sale.",
    )
    adopter_min_buyers = fields.Integer(
        "Customers Needed",
        default=5,
        required=True,
        help="Fewer customers of a product do not show who was early.",
    )
    adopter_min_products = fields.Integer(
        "Products Needed",
        default=1,
        required=True,
        help="An early adopter was among the first users of so many new products.",
    )
    # life cycle
    lifecycle_override_days = fields.Integer(
        "A Manual Stage Holds (Days)",
        default=90,
        required=True,
        help="Proposed when somebody moves a customer to another stage by hand.",
    )

    _loyalty_repeat_target_positive = models.Constraint(
        "CHECK (loyalty_repeat_target > 0)",
        "The repeat purchases for the full score are at least 1.",
    )
    _loyalty_limits_range = models.Constraint(
        "CHECK (loyalty_patronage_limit > 0 AND loyalty_patronage_limit <= 100"
        " AND loyalty_attitude_limit > 0 AND loyalty_attitude_limit <= 100)",
        "The limits of loyalty lie above 0 and at most at 100 points.",
    )
    _loyalty_min_measures_range = models.Constraint(
        "CHECK (loyalty_min_measures BETWEEN 1 AND 4)",
        "Between 1 and 4 measures of attitude can be needed.",
    )
    _loyalty_decision_order = models.Constraint(
        "CHECK (loyalty_decision_fast >= 0"
        " AND loyalty_decision_slow > loyalty_decision_fast)",
        "A slow decision takes longer than a quick one.",
    )
    _loyalty_discount_range = models.Constraint(
        "CHECK (loyalty_discount_limit > 0 AND loyalty_discount_limit <= 100)",
        "A deep discount lies above 0 and at most at 100 %.",
    )
    _loyalty_incident_days_positive = models.Constraint(
        "CHECK (loyalty_incident_days > 0)",
        "The days to buy again after a return are at least 1.",
    )
    _loyalty_weights_range = models.Constraint(
        "CHECK (loyalty_weight_decision >= 0 AND loyalty_weight_price >= 0"
        " AND loyalty_weight_competitor >= 0 AND loyalty_weight_incident >= 0"
        " AND loyalty_weight_decision + loyalty_weight_price"
        " + loyalty_weight_competitor + loyalty_weight_incident > 0)",
        "The weights of the measures of loyalty are 0 or more, one of them at least 1.",
    )
    _adopter_range = models.Constraint(
        "CHECK (adopter_months > 0 AND adopter_days > 0 AND adopter_min_products > 0"
        " AND adopter_min_buyers > 1"
        " AND adopter_share > 0 AND adopter_share <= 100)",
        "Early adopters: months, days and products are at least 1, customers at least "
        "2, and the share of first users lies above 0 and at most at 100 %.",
    )
    _lifecycle_override_days_positive = models.Constraint(
        "CHECK (lifecycle_override_days BETWEEN 1 AND 731)",
        "A manual stage holds between 1 day and two years.",
    )
