from odoo import models


class MailFollowers(models.Model):
    """A follower receives what is written on a document, whatever his rights on it
    become: only whoever keeps a card may follow it."""

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
        """Leave out internal users who do not keep the card. Customers, and contacts
        without a card, are followed as ever."""
        groups = [(res_ids, partner_ids)]
        if res_ids and partner_ids:
            groups = self._group_by_followers(res_model, res_ids, partner_ids)
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

    def _group_by_followers(self, res_model, res_ids, partner_ids):
        """Divide records by who of these partners may follow them. Hook: other addons
        add their models.

        :return: ``[(ids of records, ids of followers), …]``
        """
        if res_model != "res.partner":
            return [(res_ids, partner_ids)]
        cards = self.env["res.partner"].browse(res_ids)
        return cards._group_by_card_followers(partner_ids)
