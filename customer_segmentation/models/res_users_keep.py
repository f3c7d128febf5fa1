from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Who works against defection and for the next sale; the record rules only call
    these methods."""

    _inherit = "res.users"

    def _defection_read_domain(self):
        """:return: Domain on a model whose ``partner_id`` is a card: those that the
        user sees"""
        self.ensure_one()
        return Domain("partner_id", "any", self._card_seen_domain())

    def _defection_write_domain(self):
        """:return: Domain on the same: the cards that the user keeps"""
        self.ensure_one()
        return Domain("partner_id", "any", self._card_maintain_domain())

    def _defection_step_read_domain(self):
        """:return: Domain on the steps of win-back plans"""
        self.ensure_one()
        return Domain("defection_id", "any", self._defection_read_domain())

    def _defection_step_write_domain(self):
        """:return: Domain on the same"""
        self.ensure_one()
        return Domain("defection_id", "any", self._defection_write_domain())

    def _custodian_statistics_domain(self):
        """:return: Domain on sums by ``custodian_id`` and ``team_id``: one's own, those
        of the teams that one manages, and all for who sees every card"""
        self.ensure_one()
        if self._is_card_admin() or self._is_card_reader():
            return Domain.TRUE
        domain = Domain("custodian_id", "=", self.id)
        if team_ids := self._card_managed_team_ids():
            domain |= Domain("team_id", "in", list(team_ids))
        return domain
