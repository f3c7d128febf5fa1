from odoo import fields, models


class CustomerCohort(models.Model):
    """Who stays: the customers who bought for the first time in one month, so many
    months later (O08). Sums by custodian and department of today, written anew by the
    scheduled action.

    A customer belongs to the *cohort* of the calendar month of his first purchase.
    *Age* is the number of calendar months since then, from 0 to that of the last month
    that is over. He is *buying* at an age when he purchased in that month, and has
    *bought again* by an age n when he was buying at one of the ages 1 … n.
    """

    _name = "customer.cohort"
    _description = "Retention by Cohort"
    _inherit = ["customer.ratio.mixin"]
    _order = "cohort DESC, age, id"
    _rec_name = "cohort"
    _ratio_fields = {
        "retention_rate": ("active_customers", "customers"),
        "return_rate": ("returned_customers", "customers"),
    }

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    team_id = fields.Many2one(
        "crm.team", "Department", readonly=True, ondelete="cascade"
    )
    cohort = fields.Date("First Purchase", required=True, readonly=True, index=True)
    month = fields.Date(required=True, readonly=True)
    age = fields.Integer("Months Later", required=True, readonly=True, aggregator=None)
    customers = fields.Integer(
        readonly=True, help="Who bought for the first time in the month of the cohort."
    )
    active_customers = fields.Integer(
        "Buying", readonly=True, help="Of these, who bought in this month."
    )
    returned_customers = fields.Integer(
        "Bought Again",
        readonly=True,
        help="Of these, who bought in a later month so far.",
    )
    amount = fields.Monetary("Net Sales", readonly=True, help="Of this month.")
    retention_rate = fields.Float(
        "Retention (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Buying in this month, of the customers of the cohort.",
    )
    return_rate = fields.Float(
        "Return Rate (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Have bought in a later month so far, of the customers of the cohort.",
    )
