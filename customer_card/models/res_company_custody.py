from odoo import fields, models


class ResCompany(models.Model):
    """What a company decides once about leave."""

    _inherit = "res.company"

    card_deputy_policy = fields.Selection(
        [
            ("department", "The custodian himself, within his department"),
            ("manager", "Only the department manager"),
        ],
        "Who Names a Deputy",
        default="department",
        required=True,
        help="A manager always may, and he alone names somebody from another department.",
    )
