from odoo import fields, models


class CustomerMetrics(models.Model):
    """What a customer will buy, as the model of ``customer.prediction`` says. Written by
    its batch; empty without a model."""

    _inherit = "customer.metrics"

    alive_probability = fields.Float(
        "Still a Customer (%)",
        digits=(16, 1),
        aggregator="avg",
        help="Probability that he still buys, by a BG/NBD model of all customers.",
    )
    predicted_purchases = fields.Float(
        "Purchases Expected",
        digits=(16, 2),
        help="In the next window, by the same model.",
    )
    predicted_value = fields.Monetary(
        "Net Sales Expected",
        help="In the next window: purchases expected x expected net sales of one "
        "(Gamma-Gamma model).",
    )
