from odoo import models


class MailFollowers(models.Model):
    """Who may follow a visit is who may follow its card."""

    _inherit = "mail.followers"

    def _group_by_followers(self, res_model, res_ids, partner_ids):
        if res_model == "customer.visit":
            return self._group_by_visit_followers(res_ids, partner_ids)
        return super()._group_by_followers(res_model, res_ids, partner_ids)

    def _group_by_visit_followers(self, visit_ids, partner_ids):
        """Divide visits by who may follow them, see
        ``res.partner._group_by_card_followers``.

        :return: ``[(ids of visits, ids of followers), …]``
        """
        # sudo: which cards the visits belong to
        visits = self.env["customer.visit"].sudo().browse(visit_ids).exists()
        by_card = visits.grouped("partner_id")
        cards = visits.partner_id
        return [
            (
                [
                    visit_id
                    for card in cards.browse(card_ids)
                    for visit_id in by_card[card].ids
                ],
                follower_ids,
            )
            for card_ids, follower_ids in cards._group_by_card_followers(partner_ids)
        ]
