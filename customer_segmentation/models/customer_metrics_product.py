from odoo import fields, models


class CustomerMetricsProduct(models.Model):
    """What one customer buys of one product from one company: a row per company,
    customer and product, filled by SQL with the figures (``_refresh_products``).

    From the product lines of the documents that count for ``customer.metrics``: posted
    invoices, receipts and credit notes, or confirmed orders, by the basis of the
    company. Quantities are in the unit of the product, less what was credited; amounts
    are untaxed, in the company's currency. A purchase is a day with a line of more than
    nothing of the product on an invoice, receipt or order.
    """

    _name = "customer.metrics.product"
    _description = "Purchases of a Product by a Customer"
    _order = "amount desc, id"
    _rec_name = "product_id"
    # millions of rows that nobody writes: who and when is the company's last run
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="cascade"
    )
    categ_id = fields.Many2one(related="product_id.categ_id")
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")

    # value
    quantity = fields.Float(digits="Product Unit", help="In the window, less returns.")
    amount = fields.Monetary(
        "Net Sales", help="In the window, untaxed, less credit notes."
    )
    quantity_previous = fields.Float(
        "Quantity Before", digits="Product Unit", help="In the window before."
    )
    amount_previous = fields.Monetary("Net Sales Before", help="In the window before.")
    quantity_lifetime = fields.Float("Quantity Ever", digits="Product Unit")
    amount_costed = fields.Monetary(
        "Net Sales of Known Cost", help="The part of the window's sales with a cost."
    )
    margin = fields.Monetary(
        "Gross Margin", help="Of the window's sales with a known cost."
    )

    # rhythm
    purchase_days = fields.Integer("Purchases", help="Days in the window.")
    purchase_days_lifetime = fields.Integer("Purchases Ever", help="Days.")
    first_purchase = fields.Date(aggregator="min")
    last_purchase = fields.Date(aggregator="max")
    last_price = fields.Monetary(
        "Last Price Paid",
        aggregator="avg",
        help="Per unit of the product, untaxed, after discount: of the last line of the "
        "last purchase.",
    )

    _partner_product_uniq = models.UniqueIndex(
        "(partner_id, product_id, company_id)",
        "A customer has one row per product and company.",
    )
