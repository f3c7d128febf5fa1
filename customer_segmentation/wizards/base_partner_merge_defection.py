from odoo import models

from ..models.customer_defection import OPEN_STATES


class MergePartnerAutomatic(models.TransientModel):
    """Two customers become one, who has one open defection in a company."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        # sudo: what is open on the cards must not depend on what the user sees;
        # whether he may merge them is checked below, and undoes this
        partners = self.env["res.partner"].sudo().browse(partner_ids).exists()
        self._close_doubled_defections(partners)
        return super()._merge(partner_ids, dst_partner, extra_checks=extra_checks)

    def _close_doubled_defections(self, partners):
        """Of the open ones in a company the one that has got furthest goes on."""
        found = (
            self.env["customer.defection"]
            .sudo()
            .search([("partner_id", "in", partners.ids), ("state", "in", OPEN_STATES)])
        )
        for defections in found.grouped("company_id").values():
            ranked = defections.sorted(
                lambda one: (OPEN_STATES.index(one.state), one.amount, one.id),
                reverse=True,
            )
            if ranked[1:]:
                ranked[1:]._close_defections(
                    "dismissed", self.env._("Merged with another card")
                )
