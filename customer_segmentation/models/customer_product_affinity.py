from odoo import fields, models


class CustomerProductAffinity(models.Model):
    """Two products that the same customers buy, in one direction: of those who buy the
    one, so many buy the other too (O07). Found by the scheduled action in the purchases
    of the window; with N customers who bought anything in it,

    * *both* = customers who bought both;
    * *confidence* = both / customers of the product;
    * *lift* = both x N / (customers of the product x customers of the other): so many
      times more often than if the two had nothing to do with each other.

    Kept from the *both* and *lift* of the company's settings on. It says nothing about
    any single customer.
    """

    _name = "customer.product.affinity"
    _description = "Bought Together"
    _order = "lift DESC, both_count DESC, id"
    _rec_name = "product_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    product_id = fields.Many2one(
        "product.product",
        "Who Buys",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    other_id = fields.Many2one(
        "product.product",
        "Buys Too",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    product_count = fields.Integer(
        "Customers", readonly=True, help="Of the first product."
    )
    other_count = fields.Integer(
        "Customers of the Other", readonly=True, help="Of the second product."
    )
    both_count = fields.Integer("Customers of Both", readonly=True)
    customers = fields.Integer(
        "All Customers", readonly=True, help="Who bought anything.", aggregator="max"
    )
    confidence = fields.Float(
        "Buy Too (%)", digits=(16, 1), readonly=True, aggregator="avg"
    )
    lift = fields.Float(digits=(16, 2), readonly=True, aggregator="avg")

    _pair_uniq = models.UniqueIndex(
        "(company_id, product_id, other_id)", "A pair of products stands here once."
    )
