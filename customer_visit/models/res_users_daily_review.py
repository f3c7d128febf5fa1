from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Whose daily reviews a user sees."""

    _inherit = "res.users"

    def _daily_review_domain(self):
        """:return: Domain on daily reviews: one's own, and those of the departments
        that one manages. Who writes them is checked by their methods."""
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        domain = Domain("user_id", "=", self.id)
        if team_ids := self._card_managed_team_ids():
            domain |= Domain("team_id", "in", list(team_ids))
        return domain
