from odoo import fields, models


class CustomerCardConsumptionReading(models.Model):
    """A count of a customer's stock: kept as history, written by the system alone
    whenever a count is entered."""

    _name = "customer.card.consumption.reading"
    _description = "Count of a Customer's Stock"
    _inherit = ["customer.card.gate.mixin"]
    _order = "date DESC, id DESC"
    _rec_name = "date"
    _allow_sudo_commands = False
    _card_gate_partner = "consumption_id.partner_id"
    _card_gate_path = "consumption_id.card_root_id"
    _card_gate_names = frozenset({"consumption_ids"})

    consumption_id = fields.Many2one(
        "customer.card.consumption",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    date = fields.Date("Counted On", required=True, readonly=True)
    stock_quantity = fields.Float("Stock", digits=(16, 2), readonly=True)
    delivered_quantity = fields.Float(
        "Delivered",
        digits=(16, 2),
        readonly=True,
        help="What the customer received between the count before and this one.",
    )
    user_id = fields.Many2one(
        "res.users",
        "By",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="set null",
    )

    _date_unique = models.UniqueIndex(
        "(consumption_id, date)", "The stock was counted on this day already."
    )
