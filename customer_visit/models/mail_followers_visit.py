from odoo import models


class MailFollowers(models.Model):
    """Who may follow a visit is who may follow its card."""

    _inherit = "mail.followers"

    def _insert_followers(
        self,
        res_model,
        res_ids,
        partner_ids,
        subtypes=None,
        customer_ids=None,
        check_existing=True,
        existing_policy="skip",
    ):
        groups = [(res_ids, partner_ids)]
        if res_model == "customer.visit" and res_ids and partner_ids:
            groups = self._group_by_visit_followers(res_ids, partner_ids)
        result = None
        for group_ids, follower_ids in groups:
            result = super()._insert_followers(
                res_model,
                group_ids,
                follower_ids,
                subtypes=subtypes
                and {key: subtypes[key] for key in follower_ids if key in subtypes},
                customer_ids=customer_ids,
                check_existing=check_existing,
                existing_policy=existing_policy,
            )
        return result

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
