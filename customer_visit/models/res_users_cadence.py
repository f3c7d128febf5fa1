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
        """:return: Domain on ``customer.visit.report``: the visits that the user may
        read, and the coverage that is his business"""
        self.ensure_one()
        return self._visit_read_domain() | (
            Domain("partner_id", "=", False) & self._contact_figures_domain()
        )
