from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Whose figures a user reads."""

    _inherit = "res.users"

    def _contact_figures_domain(self):
        """:return: Domain on figures with ``user_id`` and ``team_id``: his own, those of
        the departments that he manages; all of them for whoever sees every card"""
        self.ensure_one()
        if self._is_outside_card_rules() or self._is_card_reader():
            return Domain.TRUE
        return Domain("user_id", "=", self.id) | Domain(
            "team_id", "in", list(self._card_managed_team_ids())
        )

    def _visit_figures_domain(self):
        """:return: Domain on ``customer.visit.report``: the visits on the cards that the
        user sees, and the coverage that is his business. Not what he still has to report
        on a card that is closed to him: beside his own finding the figures would tell
        him what others found before."""
        self.ensure_one()
        return Domain("partner_id", "any", self._card_seen_domain()) | (
            Domain("partner_id", "=", False) & self._contact_figures_domain()
        )
