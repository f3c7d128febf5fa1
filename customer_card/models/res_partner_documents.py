from odoo import models


class ResPartner(models.Model):
    """The documents of a contact who got a card move to the cards' folder."""

    _inherit = "res.partner"

    def _after_cards_opened(self):
        result = super()._after_cards_opened()
        if self:
            # sudo: when it runs has nothing to do with the user's rights
            self.env.ref(
                "customer_card.ir_attachment_cron_card_documents"
            ).sudo()._trigger()
        return result
