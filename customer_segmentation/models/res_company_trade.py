from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    trade_brand_attribute_id = fields.Many2one(
        "product.attribute",
        "Brand of a Product",
        ondelete="set null",
        help="The attribute of products that says their brand. Trade figures are shown "
        "by its values.",
    )
    route_factor = fields.Float(
        "Route: Out of Proportion From",
        default=2.0,
        required=True,
        help="A customer gets too much when his share of the custodian's time is this "
        "many times his share of the sales, too little when it is the other way round.",
    )

    _route_factor_above_one = models.Constraint(
        "CHECK (route_factor > 1)",
        "The factor from which a route is out of proportion is above 1.",
    )
