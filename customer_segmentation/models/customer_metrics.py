from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

ABC_CLASSES = [("a", "A"), ("b", "B"), ("c", "C"), ("none", "No Purchases")]
LOYALTY_CLASSES = [
    ("loyal", "Loyal"),
    ("switcher", "Switcher"),
    ("none", "No Brand Loyalty"),
]
LIFECYCLE_STAGES = [
    ("potential", "Potential"),
    ("possible", "Possible"),
    ("supporter", "Supporter"),
    ("customer", "Customer"),
    ("loyal", "Loyal Customer"),
]
# a day further back is an earlier day
RECENCY_OPERATORS = {"in": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
RISKS = [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("lost", "Lost")]


class CustomerMetrics(models.Model):
    """What one customer is worth to one company: a row per company and customer, filled
    by SQL from posted documents (``_refresh``) and read by everybody who sees the card.

    A customer is the card root of the partner on the document, else his commercial
    partner of today. Amounts are untaxed, in the company's currency, net of credit
    notes; days are days of the company. Nobody writes a row by hand.
    """

    _name = "customer.metrics"
    _description = "Customer Figures"
    _order = "amount desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    # of the company: a night on which nothing changed writes no row
    as_of = fields.Date(
        "As Of",
        related="company_id.metrics_as_of",
        help="The last day that counts.",
    )

    # value
    amount = fields.Monetary(
        "Net Sales", help="Untaxed, less credit notes, in the window."
    )
    amount_previous = fields.Monetary(
        "Net Sales Before", help="The same for the window before."
    )
    amount_lifetime = fields.Monetary("Net Sales Ever")
    amount_refunded = fields.Monetary("Credited", help="Credit notes in the window.")
    documents = fields.Integer(help="Invoices and receipts in the window.")
    refunds = fields.Integer("Credit Notes", help="In the window.")
    margin = fields.Monetary(
        "Gross Margin", help="In the window, where the cost of the goods is known."
    )
    margin_rate = fields.Float(
        "Gross Margin (%)", aggregator="avg", help="Of the sales whose cost is known."
    )

    # rhythm: a day with several documents is one purchase
    purchase_days = fields.Integer(
        "Purchases", help="Days with a purchase in the window."
    )
    purchase_days_lifetime = fields.Integer("Purchases Ever")
    repeat_purchases = fields.Integer(help="Days with a purchase ever, less the first.")
    first_purchase = fields.Date(aggregator="min")
    last_purchase = fields.Date(aggregator="max")
    interval_mean = fields.Float(
        "Days Between Purchases", aggregator="avg", help="Mean, over all time."
    )
    interval_median = fields.Float(
        "Median Days Between Purchases", aggregator="avg", help="Over all time."
    )
    recency_days = fields.Integer(
        "Days Since Last Purchase",
        compute="_compute_recency_days",
        search="_search_recency_days",
        aggregator="avg",
        help="0: never bought.",
    )
    monetary = fields.Monetary(
        "Net Sales per Purchase", aggregator="avg", help="Of a day, in the window."
    )
    rfm_recency = fields.Integer("Recency Score", aggregator="avg")
    rfm_frequency = fields.Integer("Frequency Score", aggregator="avg")
    rfm_monetary = fields.Integer("Monetary Score", aggregator="avg")
    rfm_code = fields.Char(
        "RFM", help="Recency, frequency, money: 5 is the best fifth, 1 the last."
    )

    # place among the customers of the company
    rank = fields.Integer(
        aggregator="min", help="1: the largest; equals share a rank. 0: has none."
    )
    share = fields.Float(
        "Share (%)", digits=(16, 6), help="Of the company's net sales in the window."
    )
    share_before = fields.Float(
        "Share of Larger Customers (%)",
        digits=(16, 6),
        aggregator="max",
        help="Held by customers who buy strictly more.",
    )
    share_cumulated = fields.Float(
        "Cumulated Share (%)", digits=(16, 6), aggregator="max"
    )

    # receivables
    receivable_open = fields.Monetary("Open Receivables")
    receivable_overdue = fields.Monetary("Overdue Receivables")
    days_late = fields.Float(
        aggregator="avg",
        help="Of what he paid in the window, weighted by amount. Negative: early.",
    )
    dso = fields.Float(
        "DSO",
        aggregator="avg",
        help="Days sales outstanding: open receivables / sales of the window with "
        "tax x days of the window.",
    )

    # behaviour, from quotations and orders
    quotations = fields.Integer(help="Quotations and orders made in the window.")
    orders = fields.Integer(help="Orders confirmed in the window.")
    decision_days = fields.Float(
        "Decision Time (Days)",
        aggregator="avg",
        help="Median from quotation to order, of the orders of the window.",
    )
    discount_rate = fields.Float(
        "Discount Taken (%)", aggregator="avg", help="Of the orders of the window."
    )
    products_count = fields.Integer("Products Bought", help="In the window.")
    categories_count = fields.Integer("Categories Bought", help="In the window.")
    return_rate = fields.Float(
        "Returned (%)", aggregator="avg", help="Credited of invoiced, in the window."
    )

    # classes: how they are found is in the file of each
    abc_class = fields.Selection(ABC_CLASSES, "ABC Class", index=True)
    loyalty_class = fields.Selection(LOYALTY_CLASSES, "Loyalty")
    is_early_adopter = fields.Boolean("Early Adopter")
    lifecycle_stage = fields.Selection(LIFECYCLE_STAGES, "Life Cycle Stage", index=True)
    is_key_customer = fields.Boolean("Key Customer")
    defection_risk = fields.Selection(RISKS, "Risk of Defection", index=True)

    _partner_company_uniq = models.UniqueIndex(
        "(company_id, partner_id)", "A company has one row of figures per customer."
    )

    @api.depends("as_of", "last_purchase")
    def _compute_recency_days(self):
        for row in self:
            known = row.as_of and row.last_purchase
            row.recency_days = (row.as_of - row.last_purchase).days if known else 0

    def _search_recency_days(self, operator, value):
        """Of each company by its own last day."""
        if operator not in RECENCY_OPERATORS:
            return NotImplemented
        bounds = value if operator == "in" else [value]
        companies = self.env["res.company"].search([("metrics_as_of", "!=", False)])
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "last_purchase",
                RECENCY_OPERATORS[operator],
                company.metrics_as_of - timedelta(days=int(bound)),
            )
            for company in companies
            for bound in bounds
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "recency_days" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "(%s - %s)",
            self._field_to_sql(alias, "as_of", query),
            self._field_to_sql(alias, "last_purchase", query),
        )
