from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare


class CustomerCardCompetitor(models.Model):
    """A brand of somebody else that the customer buys, or was offered (K16)."""

    _name = "customer.card.competitor"
    _description = "Competing Brand"
    _inherit = ["customer.card.line.mixin"]
    _order = "active DESC, spend_share DESC, brand, id"
    _rec_name = "brand"

    brand = fields.Char(required=True)
    product_id = fields.Many2one(
        "customer.card.product",
        index="btree_not_null",
        ondelete="restrict",
        help="What the customer buys of that brand.",
    )
    price = fields.Monetary(
        aggregator="avg", help="What the customer pays for one unit."
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    uom = fields.Char(
        "Unit",
        compute="_compute_uom",
        store=True,
        readonly=False,
        precompute=True,
        help="What the price is for: piece, kg, pallet …",
    )
    spend_share = fields.Float(
        "Share of Spend (%)",
        digits=(16, 1),
        aggregator="avg",
        help="Percent of what the customer spends on such products. What is left to "
        "100 % is ours, or not known.",
    )
    attitude = fields.Selection(
        [
            ("prefers", "Prefers It"),
            ("accepts", "Accepts It"),
            ("indifferent", "Indifferent"),
            ("rejects", "Rejects It"),
        ],
        help="What the customer thinks of the brand.",
    )
    as_of_date = fields.Date("As Of", help="When the customer told so.")
    note = fields.Char()

    _price_positive = models.Constraint(
        "CHECK(price >= 0)", "The price of a competing brand cannot be negative."
    )
    _spend_share_range = models.Constraint(
        "CHECK(spend_share >= 0 AND spend_share <= 100)",
        "The share of a competing brand lies between 0 and 100 %.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_uom(self):
        """The unit of the product, unless another one was entered."""
        for line in self:
            line.uom = line.uom or line.product_id.uom

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("spend_share", "partner_id", "active")
    def _check_spend_share(self):
        """All of a customer's competitors share what he spends, wherever they stand
        on his card."""
        if not (changed := self.filtered(lambda line: line.active)):
            return
        # sudo: the share that is left does not depend on who asks
        totals = self.sudo()._read_group(
            Domain("active", "=", True)
            & (
                Domain("card_root_id", "in", changed.sudo().card_root_id.ids)
                | (
                    Domain("card_root_id", "=", False)
                    & Domain("partner_id", "in", changed.partner_id.ids)
                )
            ),
            ["card_root_id", "partner_id"],
            ["spend_share:sum"],
        )
        shares = {}
        for card, partner, share in totals:
            customer = card or partner
            shares[customer] = shares.get(customer, 0) + share
        for customer, share in shares.items():
            if float_compare(share, 100, precision_digits=1) > 0:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the competing brands share %(share).1f %% of the "
                        "customer's spend, more than all of it. Lower one of them, or "
                        "strike out what is no longer true.",
                        customer=self.env["res.partner"]
                        .browse(customer.id)
                        ._get_card_names(),
                        share=share,
                    )
                )
