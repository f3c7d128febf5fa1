from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    """Two customers become one: he goes through a follow-up once, and his satisfaction
    is worked out from the answers of both."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        # sudo: what runs on the cards must not depend on what the user sees; whether
        # he may merge them is checked below, and undoes this
        partners = self.env["res.partner"].sudo().browse(partner_ids).exists()
        self._stop_doubled_followups(partners)
        answers = (
            self.env["survey.user_input"]
            .sudo()
            .search([("card_root_id", "in", partners.card_root_id.ids)])
        )
        result = super()._merge(partner_ids, dst_partner, extra_checks=extra_checks)
        answers.invalidate_recordset()
        answers.card_root_id._refresh_satisfaction()
        return result

    def _stop_doubled_followups(self, partners):
        """Of the cycles by the same template only the one that is furthest goes on."""
        running = (
            self.env["customer.followup"]
            .sudo()
            .search([("partner_id", "in", partners.ids), ("state", "=", "running")])
        )
        for followups in running.grouped("template_id").values():
            ranked = followups.sorted(lambda one: (one.progress, one.id), reverse=True)
            ranked[1:]._stop(self.env._("Merged with another card"))
