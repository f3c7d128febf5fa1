from odoo import api, fields, models

# The habits that are fields of the customer; competing brands are entries of their
# own and log their changes themselves.
HABIT_FIELDS = (
    "habit_consumption",
    "habit_purchase",
    "habit_media",
    "brand_attitude",
    "ideal_product",
)
HABIT_LINES = ("competitor_ids",)


class ResPartner(models.Model):
    """The survey of a customer's six habits (K16).

    How he uses what he buys, how he buys, his attitude to brands, the product he
    dreams of, the competing brands – and, as the sixth that a consumer survey asks,
    his media habits: through which channels he learns about products and wants to be
    addressed, which is what letters, greetings and invitations need. How he decides
    and pays is not asked but measured from his orders and payments, by later addons.
    """

    _inherit = "res.partner"

    habit_consumption = fields.Text(
        "Consumption Habits",
        groups="base.group_user",
        help="What he uses, for what, how much, in which season.",
    )
    habit_purchase = fields.Text(
        "Purchase Habits",
        groups="base.group_user",
        help="When, where and how he buys, who decides, what he looks at first.",
    )
    habit_media = fields.Text(
        "Media Habits",
        groups="base.group_user",
        help="What he reads and watches, which fairs he visits, and how he wants to be "
        "addressed: letter, phone, message.",
    )
    brand_attitude = fields.Selection(
        [
            ("loyal", "Loyal"),
            ("switcher", "Brand Switcher"),
            ("indifferent", "Indifferent to Brands"),
        ],
        groups="base.group_user",
        help="Loyal customers stay with a brand, switchers go where the offer is better, "
        "the others do not look at brands.",
    )
    ideal_product = fields.Text(
        groups="base.group_user", help="What he would buy at once if somebody made it."
    )
    competitor_ids = fields.One2many(
        "customer.card.competitor",
        "partner_id",
        "Competing Brands",
        groups="base.group_user",
    )
    card_habits_filled = fields.Boolean(
        compute="_compute_card_habits_filled", groups="base.group_user"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(*HABIT_FIELDS, *HABIT_LINES)
    def _compute_card_habits_filled(self):
        for partner in self:
            partner.card_habits_filled = any(
                partner[name] for name in (*HABIT_FIELDS, *HABIT_LINES)
            )
