from odoo import fields, models


class CustomerCardStrikeOut(models.TransientModel):
    """Asks for the reason before contacts are struck out of a card."""

    _name = "customer.card.strike.out"
    _description = "Strike Contacts Out"

    partner_ids = fields.Many2many("res.partner", string="Contacts", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Strike the contacts out, with all checks of ``_card_strike_out``.

        :raise CardAccessError: for contacts of cards that the user does not keep
        """
        self.ensure_one()
        self.partner_ids._card_strike_out(self.reason)
        return {"type": "ir.actions.act_window_close"}
