from odoo import api, fields, models


class CustomerCardHandoverLine(models.Model):
    """One card of a handover: who kept it when the handover was submitted, and what
    became of it.

    Written by the handover alone, thousands of lines by one statement; nobody has the
    right to write them.
    """

    _name = "customer.card.handover.line"
    _description = "Card of a Handover"
    _inherit = ["customer.card.gate.mixin"]
    _order = "handover_id DESC, id"
    _rec_name = "partner_id"
    _log_access = False
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"
    _card_gate_path = "partner_id"
    _card_gate_names = frozenset({"card_number", "city", "country_id"})

    handover_id = fields.Many2one(
        "customer.card.handover", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    former_custodian_id = fields.Many2one("res.users", ondelete="set null", index=True)
    former_team_id = fields.Many2one(
        "crm.team", "Former Department", ondelete="set null", index=True
    )
    planned_successor_id = fields.Many2one(
        "res.users",
        "Successor by Rule",
        ondelete="set null",
        help="Who got the card when the handover was divided.",
    )
    successor_id = fields.Many2one(related="handover_id.successor_id")
    outcome = fields.Selection(
        [
            ("planned", "To Hand Over"),
            ("moved", "Handed Over"),
            ("elsewhere", "In Another Handover"),
            ("changed", "Keeper Changed Meanwhile"),
        ],
        required=True,
    )
    # what whoever is to accept a card learns of it
    card_number = fields.Char(related="partner_id.card_number")
    card_state = fields.Selection(related="partner_id.card_state")
    city = fields.Char(related="partner_id.city")
    country_id = fields.Many2one(related="partner_id.country_id")
    open_items = fields.Char("Open", compute="_compute_open_items")

    _handover_partner_unique = models.UniqueIndex(
        "(handover_id, partner_id)", "A card stands in a handover once."
    )

    @api.depends("partner_id")
    def _compute_open_items(self):
        # sudo: whoever reads the line is a party of the handover
        cards = self.sudo().partner_id
        texts = cards._get_card_open_texts()
        for line in self:
            line.open_items = texts.get(line.sudo().partner_id.id)
