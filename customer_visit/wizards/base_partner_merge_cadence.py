from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    """The visits of merged contacts were moved by SQL: the next contact of the
    surviving card is worked out anew."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _recompute_card_tree(self, target):
        result = super()._recompute_card_tree(target)
        # sudo: whoever may merge these contacts need not keep the whole card
        (target | target.sudo().card_root_id)._contacts_changed()
        return result
