from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

# What decides who manages which cards: changing it changes access rights.
HIERARCHY_FIELDS = {"user_id", "parent_id"}


class CrmTeam(models.Model):
    """A sales team is a department, a parent team a region.

    The leader of a team manages the cards of his team and of all teams below it.
    """

    _inherit = "crm.team"
    _parent_store = True

    parent_id = fields.Many2one(
        "crm.team",
        "Parent Team",
        index=True,
        ondelete="restrict",
        check_company=True,
        help="The region that this team belongs to. Its leader manages the cards of "
        "this team too.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("crm.team", "parent_id", "Teams Below")

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        # a new team has no cards, but may come with its place in the hierarchy
        self.env.registry.clear_cache()
        return teams

    def write(self, vals):
        hierarchy = HIERARCHY_FIELDS & vals.keys()
        if vals.get("active") is False:
            self.filtered("active")._check_hierarchy_change()
        if vals.get("parent_id"):
            self._check_no_cycle(self.browse(vals["parent_id"]))
        if hierarchy:
            changed = self._filter_hierarchy_change(vals)
            changed._check_hierarchy_change()
        result = super().write(vals)
        if hierarchy and changed:
            # leaders stand in cached record rules, in this worker and the others
            self.env.registry.clear_cache()
            self._log_hierarchy_change(changed)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_cards(self):
        # sudo: cards that this user may not see keep the team as well
        if keeping := self.filtered(lambda team: team.sudo()._has_cards()):
            raise UserError(
                self.env._(
                    "%(teams)s: this sales team keeps customer cards. Give them to "
                    "another department before you delete it.",
                    teams=", ".join(keeping.mapped("name")),
                )
            )

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _check_no_cycle(self, parent):
        """:raise ValidationError: naming the team that would be a part of itself"""
        if cyclic := self & parent._with_parents():
            raise ValidationError(
                self.env._(
                    "The sales team %(team)s cannot be a part of itself: choose a "
                    "parent team that is not below it.",
                    team=", ".join(cyclic.mapped("name")),
                )
            )

    def _filter_hierarchy_change(self, vals):
        return self.filtered(
            lambda team: any(
                team[name].id != (vals[name] or False)
                for name in HIERARCHY_FIELDS & vals.keys()
            )
        )

    def _check_hierarchy_change(self):
        """Whoever leads a team sees its customers: only a card administrator may
        change the leader or the place of a team that keeps cards, or archive it.

        :raise AccessError: naming the teams
        """
        if self.env.su or self.env.user._is_card_admin():
            return
        # sudo: whether cards exist at all must not depend on what this user may see
        keeping = self.filtered(lambda team: team.sudo()._has_cards())
        if keeping:
            raise AccessError(
                self.env._(
                    "%(teams)s: this sales team keeps customer cards, and its leader "
                    "sees them. Ask an administrator of Customer Cards to change the "
                    "leader or the parent team, or to archive it.",
                    teams=", ".join(keeping.mapped("name")),
                )
            )

    def _has_cards(self):
        """:return: whether a card belongs to one of these teams or a team below"""
        return bool(
            self.env["res.partner"]
            .with_context(active_test=False)
            .search_count([("card_team_id", "child_of", self.ids)], limit=1)
        )

    def _log_hierarchy_change(self, teams):
        # sudo: whoever changes a team may not write another's chatter
        for team in teams.sudo():
            team._message_log(
                body=self.env._(
                    "Leader %(leader)s, parent team %(parent)s.",
                    leader=team.user_id.name or self.env._("none"),
                    parent=team.parent_id.name or self.env._("none"),
                )
            )

    def _with_parents(self):
        """:return: these teams and all teams above them, archived ones included"""
        # sudo: the hierarchy of departments is no secret
        ids = {
            int(team_id)
            for team in self.sudo()
            for team_id in (team.parent_path or "").split("/")
            if team_id
        }
        return self.sudo().browse(sorted(ids | set(self.ids)))

    def _get_card_managers(self):
        """The users who manage the cards of these teams.

        :return: the active leaders of these teams and of all teams above them
        :rtype: res.users (sudo: teams of other companies count too)
        """
        return self._with_parents().user_id.filtered("active")
