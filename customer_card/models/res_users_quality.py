from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Whose weekly checks and scores a user sees, and which he rates."""

    _inherit = "res.users"

    def _card_review_domain(self):
        """:return: Domain on weekly checks and scores: one's own, and those of the
        departments that one manages"""
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        domain = Domain("custodian_id", "=", self.id)
        if team_ids := self._card_managed_team_ids():
            domain |= Domain("team_id", "in", list(team_ids))
        return domain

    def _card_checks(self, custodian, team):
        """:return: whether this user may rate the cards of ``custodian`` in ``team``:
        as a manager of the department, but never his own"""
        self.ensure_one()
        return custodian != self and (
            self._is_card_admin() or team.id in self._card_managed_team_ids()
        )
