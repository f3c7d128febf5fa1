from odoo import fields, models


class CustomerPrediction(models.Model):
    """One fit of the models that say what customers will buy, with its parameters, its
    day and its sample. The last one made the predictions on the figures; when it has no
    result, there are none."""

    _name = "customer.prediction"
    _description = "Prediction Model"
    _order = "date DESC, id DESC"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date("As Of", required=True, readonly=True)
    state = fields.Selection(
        [
            ("done", "Done"),
            ("few", "Too Few Customers"),
            ("unstable", "No Stable Result"),
        ],
        "Result",
        required=True,
        readonly=True,
    )
    # sample
    customers = fields.Integer(readonly=True, help="Who have bought at all.")
    repeaters = fields.Integer(
        "Bought Again", readonly=True, help="Of these, on a second day or more."
    )
    sample = fields.Integer(
        "Estimated From",
        readonly=True,
        help="Customers; drawn by chance when there are more than 50,000.",
    )
    horizon_days = fields.Integer(
        "Days Ahead", readonly=True, help="As long as the window of the figures."
    )
    # BG/NBD
    r = fields.Float("Purchase Rate: r", digits=(16, 4), readonly=True)
    alpha = fields.Float("Purchase Rate: alpha", digits=(16, 4), readonly=True)
    a = fields.Float("Leaving: a", digits=(16, 4), readonly=True)
    b = fields.Float("Leaving: b", digits=(16, 4), readonly=True)
    log_likelihood = fields.Float(digits=(16, 2), readonly=True, aggregator=None)
    # Gamma-Gamma
    p = fields.Float("Value: p", digits=(16, 4), readonly=True)
    q = fields.Float("Value: q", digits=(16, 4), readonly=True)
    v = fields.Float("Value: v", digits=(16, 4), readonly=True)
    value_log_likelihood = fields.Float(
        "Log Likelihood (Value)", digits=(16, 2), readonly=True, aggregator=None
    )
    value_is_stable = fields.Boolean("Value Has a Stable Result", readonly=True)
    # outcome
    value_total = fields.Monetary(
        "Net Sales Expected", readonly=True, help="Of all customers together."
    )
