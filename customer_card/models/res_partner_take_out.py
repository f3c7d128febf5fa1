from odoo import Command, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """How to ask for an export of cards."""

    _inherit = "res.partner"

    def action_request_card_export(self):
        """Open a new export request for the cards of these contacts.

        :return: the action that opens the draft
        :raise CardAccessError: when the user does not keep all of them
        :raise UserError: when none of them has a card
        """
        # sudo: only which cards the contacts belong to is read
        cards = self.browse(self.sudo().card_root_id.ids)
        if not cards:
            raise UserError(
                self.env._(
                    "No customer card is kept for these contacts: export them as usual."
                )
            )
        cards._check_card_take_out_rights()
        request = self.env["customer.card.export"].create(
            {"card_ids": [Command.set(cards.ids)]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Export"),
            "res_model": request._name,
            "res_id": request.id,
            "views": [(False, "form")],
            "target": "current",
        }
