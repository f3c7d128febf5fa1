from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Which change proposals a user may see."""

    _inherit = "res.users"

    def _card_change_domain(self):
        """:return: Domain on customer.card.change: what this user may see

        His own proposals; those submitted on cards that he keeps or manages; the new
        customers reported to his departments; an administrator all of them.
        """
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        own = Domain("requester_id", "=", self.id)
        kept = Domain("partner_id", "any", self._card_maintain_domain())
        if team_ids := self._card_managed_team_ids():
            kept |= Domain("kind", "=", "new") & Domain("team_id", "in", list(team_ids))
        return own | (Domain("state", "!=", "draft") & kept)
