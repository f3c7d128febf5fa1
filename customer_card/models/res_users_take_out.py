from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """What a user may take out of the archive."""

    _inherit = "res.users"

    def _card_export_needs_approval(self):
        """:return: whether this user needs an approved request to export his cards:
        when one of his companies says so, whichever he works in at the moment"""
        self.ensure_one()
        # sudo: the settings of all his companies
        return any(self.sudo().company_ids.mapped("card_export_needs_approval"))

    def _card_export_domain(self):
        """:return: Domain on customer.card.export: his own requests, those of the
        departments he manages once they are submitted; an administrator all of them"""
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        own = Domain("requester_id", "=", self.id)
        if not (team_ids := self._card_managed_team_ids()):
            return own
        managed = Domain("team_ids", "in", list(team_ids))
        return own | (Domain("state", "!=", "draft") & managed)

    def _is_card_table(self, model_name):
        """:return: whether a pivot table of this model tells about cards"""
        return model_name in self.env and bool(self.env[model_name]._get_card_path())
