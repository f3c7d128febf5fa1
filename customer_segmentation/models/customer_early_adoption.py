from odoo import fields, models


class CustomerEarlyAdoption(models.Model):
    """A customer who was among the first users of a new product (O01): to be cultivated
    when the next one comes out. Written by the run of the figures
    (``customer_metrics_adoption.py``), never by hand."""

    _name = "customer.early.adoption"
    _description = "First User of a New Product"
    _order = "product_first_sale desc, product_id, first_purchase, id"
    _rec_name = "product_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="cascade"
    )
    product_first_sale = fields.Date(
        "New Since", required=True, help="When the first customer bought it."
    )
    first_purchase = fields.Date(
        "First Bought", required=True, help="When this customer first bought it."
    )
    days_after = fields.Integer(
        aggregator="avg", help="From the first sale of the product."
    )
    earlier_buyers = fields.Integer(
        aggregator="avg", help="Customers who first bought it on an earlier day."
    )
    buyers = fields.Integer(aggregator="avg", help="Customers who have bought it.")

    _customer_product_uniq = models.UniqueIndex(
        "(company_id, partner_id, product_id)",
        "A customer is listed once for each new product.",
    )
