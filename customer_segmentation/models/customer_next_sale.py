from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

# The key to what only methods write: an object that no client can put into the context.
NEXT_SALE_DOOR = object()


class CustomerNextSale(models.Model):
    """A product to offer to the customer of a card: one that he stopped buying, or one
    that customers like him buy and he does not (O07). Found by the scheduled action;
    a click puts it on a quotation.

    * *stopped*: bought on two days or more, and not for longer than
      ``max(risk_window_days, floor(risk_factor x g))`` days, where g is the mean of the
      days between his purchases of it: ``(last - first) / (days - 1)``.
    * *related*: never bought by him, and paired in ``customer.product.affinity`` with a
      product that he bought in the window; of several pairs the one with the highest
      confidence counts.

    Products that are active and for sale, and of stopped ones only what he still bought
    in this window or the one before, while he has bought something else since. Of each
    kind the five with the highest score are kept per card: *stopped* by the net sales
    of both windows, *related* by confidence, then lift. What is *not for him* does not
    come back. A quotation that is cancelled opens the offer again.
    """

    _name = "customer.next.sale"
    _description = "Product to Offer"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _order = "kind, score DESC, id"
    _rec_name = "product_id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("stopped", "He Stopped Buying It"),
            ("related", "Customers Like Him Buy It"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("open", "To Offer"), ("quoted", "Quoted"), ("dismissed", "Not for Him")],
        "Status",
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    # because
    because_id = fields.Many2one(
        "product.product", "Because He Buys", readonly=True, ondelete="cascade"
    )
    confidence = fields.Float(
        "Buy Too (%)", digits=(16, 1), readonly=True, aggregator="avg"
    )
    lift = fields.Float(digits=(16, 2), readonly=True, aggregator="avg")
    both_count = fields.Integer(
        "Customers of Both", readonly=True, help="Who buy both products."
    )
    last_purchase = fields.Date(readonly=True)
    interval = fields.Float(
        "Days Between Purchases",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Of this product, by this customer.",
    )
    # what
    quantity = fields.Float(
        "Usual Quantity",
        aggregator=None,
        digits="Product Unit",
        readonly=True,
        help="Mean of a purchase of his, in whole units from one on; of a product that "
        "he never bought: one.",
    )
    amount = fields.Monetary(
        "Net Sales So Far",
        readonly=True,
        help="Of this product to him, in this window and the one before.",
    )
    score = fields.Float(readonly=True, aggregator=None)
    # what became of it
    order_line_id = fields.Many2one(
        "sale.order.line",
        "Quotation Line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    reason = fields.Char("Why Not", readonly=True)
    why = fields.Char(compute="_compute_why")

    _product_uniq = models.UniqueIndex(
        "(company_id, partner_id, product_id)",
        "A product is offered to a customer once.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("kind", "because_id", "confidence", "last_purchase", "interval")
    def _compute_why(self):
        for sale in self:
            if sale.kind == "stopped":
                sale.why = self.env._(
                    "Bought every %(days)s days, not since %(day)s",
                    days=round(sale.interval),
                    day=format_date(self.env, sale.last_purchase),
                )
            else:
                sale.why = self.env._(
                    "%(share)s %% of those who buy %(product)s buy it too",
                    share=round(sale.confidence),
                    product=sale.because_id.name,
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: but by the scheduled action"""
        self._check_door()
        return super().create(vals_list)

    def write(self, vals):
        """:raise AccessError: but by the buttons"""
        self._check_door()
        return super().write(vals)

    def _check_door(self):
        if self.env.context.get("next_sale_door") is not NEXT_SALE_DOOR:
            raise AccessError(
                self.env._(
                    "What to offer is found by the figures. Use the buttons: Quote, Not "
                    "for Him."
                )
            )
