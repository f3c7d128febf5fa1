from odoo import models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    def _get_card_leaders(self):
        """:return: the active leaders of this team and of those above it, the nearest
        first (res.users)"""
        self.ensure_one()
        ids = [
            int(team_id) for team_id in (self.parent_path or "").split("/") if team_id
        ]
        leaders = self.env["res.users"]
        # sudo: teams of other companies count too, as for the rights on their cards
        for team in self.sudo().browse(reversed(ids)):
            leaders |= team.user_id.filtered("active")
        return leaders
