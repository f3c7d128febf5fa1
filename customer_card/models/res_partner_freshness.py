from odoo import api, models


class ResPartner(models.Model):
    """What changed on a card, and when."""

    _inherit = "res.partner"

    @api.model
    def _log_card_changes(self, descriptions):
        """Enter changes of cards in the ledger; contacts without a card have none.

        :param descriptions: ``{partner id: what changed}``; of a contact, the entry
            goes to its card
        """
        # sudo: only whether there is a card is read
        cards = self.browse(descriptions).sudo().filtered("card_root_id")
        if cards:
            self.env["customer.card.event"]._log(
                self.browse(cards.ids), "changed", descriptions
            )
