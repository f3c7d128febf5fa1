from odoo import fields, models

DIMENSIONS = [
    ("abc", "ABC Class"),
    ("loyalty", "Loyalty"),
    ("lifecycle", "Life Cycle Stage"),
    ("key", "Key Customer"),
    ("risk", "Risk of Defection"),
]


class CustomerSegmentChange(models.Model):
    """One change of one class of one customer in one company, with the figures that
    stood behind it at that time. Written by the statement that changes the class, never
    by hand, and never changed."""

    _name = "customer.segment.change"
    _description = "Change of Class"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, index=True)
    dimension = fields.Selection(DIMENSIONS, "What", required=True)
    value_from = fields.Char("From (Code)")
    value_to = fields.Char("To (Code)", required=True)

    amount = fields.Monetary("Net Sales")
    share = fields.Float("Share (%)", digits=(16, 4), aggregator="max")
    share_before = fields.Float(
        "Share of Larger Customers (%)", digits=(16, 4), aggregator="max"
    )
    rank = fields.Integer(aggregator="min")
    purchase_days = fields.Integer("Purchases")
    last_purchase = fields.Date()
    reason = fields.Char(help="Why, when somebody decided it by hand.")
