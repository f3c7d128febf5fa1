from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.fields import Domain


class ResUsers(models.Model):
    """Nobody leaves with cards still in his name: deactivating, deleting or taking
    the role from a user who keeps cards asks for their handover first."""

    _inherit = "res.users"

    card_count = fields.Integer(
        "Customer Cards",
        compute="_compute_card_count",
        groups="base.group_erp_manager,customer_card.customer_card_group_administrator",
    )

    def _compute_card_count(self):
        """How many cards each user keeps, in every state."""
        counts = self._get_card_counts("card_custodian_id")
        for user in self:
            user.card_count = counts.get(user.id, 0)

    def _get_card_counts(self, name, domain=()):
        """:param name: of the keeper field
        :return: ``{user id: number of cards}``, whatever the user who asks may see"""
        # sudo: a number, told to whoever administers users
        groups = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                Domain("card_state", "!=", False)
                & Domain(name, "in", self.ids)
                & Domain(domain),
                [name],
                ["__count"],
            )
        )
        return {user.id: count for user, count in groups}

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if vals.get("active") is False:
            leaving = self.filtered("active")
            leaving._check_no_cards_left()
            leaving._check_no_deputyships_left()
            leaving._warn_of_departments()
        if "group_ids" not in vals:
            return super().write(vals)
        sales = self.filtered(lambda user: user._is_card_user())
        result = super().write(vals)
        sales._check_role_kept()
        return result

    def _check_role_kept(self):
        """:raise RedirectWarning: when these users, who had a role in Customer Cards,
        have none any more and still keep cards"""
        if left := self.filtered(lambda user: not user._is_card_user()):
            left._check_no_cards_left()
            left._check_no_deputyships_left()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_cards(self):
        self._check_no_cards_left()
        self._check_no_deputyships_left()

    def unlink(self):
        # deputyships that are over would keep the user
        over = (
            self.env["res.partner"]
            # sudo: who is deleted stands in for nobody; administrators alone delete
            .sudo()
            .with_context(active_test=False)
            .search([("card_state", "!=", False), ("card_deputy_id", "in", self.ids)])
        )
        (over - over._get_card_deputy_conflicts())._end_card_deputies()
        return super().unlink()

    def _check_no_cards_left(self):
        """:raise RedirectWarning: with a button that opens the handover, filled in"""
        counts = self and self._get_card_counts("card_custodian_id")
        if not counts:
            return
        user = self.browse(next(iter(counts)))
        raise RedirectWarning(
            self.env._(
                "%(user)s still keeps customer cards (%(count)s). Hand them over to a "
                "successor first: he takes over what is open as well.",
                # sudo: the user's name
                user=user.sudo().name,
                count=counts[user.id],
            ),
            self.env.ref("customer_card.customer_card_handover_action_new").id,
            self.env._("Prepare the Handover"),
            {"default_custodian_id": user.id, "default_kind": "resignation"},
        )

    def _check_no_deputyships_left(self):
        """:raise RedirectWarning: with a button that opens the deputies"""
        if not self:
            return
        # sudo: whether the user stands in does not depend on who asks
        running = (
            self.env["customer.card.deputyship"]
            .sudo()
            .search([("deputy_id", "in", self.ids), ("state", "!=", "over")])
        )
        if running:
            raise RedirectWarning(
                self.env._(
                    "%(deputy)s is to stand in for %(custodians)s. Name another deputy "
                    "first.",
                    deputy=running[0].deputy_id.name,
                    custodians=", ".join(
                        running.filtered(
                            lambda one: one.deputy_id == running[0].deputy_id
                        ).custodian_id.mapped("name")
                    ),
                ),
                self.env.ref("customer_card.customer_card_deputyship_action").id,
                self.env._("Show the Deputies"),
            )

    def _warn_of_departments(self):
        """Tell whoever deactivates leaders which departments are left without one: the
        managers above, or the administrators, decide for them from then on."""
        # sudo: departments are no secret
        teams = self.env["crm.team"].sudo().search([("user_id", "in", self.ids)])
        teams = teams.filtered(lambda team: team._has_cards())
        if teams:
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "sticky": True,
                    "title": self.env._("Departments without a leader"),
                    "message": self.env._(
                        "%(teams)s: choose a new leader under Configuration › "
                        "Departments. Until then the managers above decide.",
                        teams=", ".join(teams.mapped("name")),
                    ),
                },
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_show_cards(self):
        """:return: the action that shows the cards that this user keeps"""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.res_partner_action_card"
        )
        return {
            **action,
            "domain": [
                ("card_custodian_id", "=", self.id),
                ("card_state", "!=", False),
            ],
            "context": {"active_test": False},
        }

    # ------------------------------------------------------------
    # DOMAINS
    # ------------------------------------------------------------

    def _get_led_card_teams(self):
        """:return: crm.team (sudo): the departments that this user leads, with all
        below"""
        # sudo: the hierarchy is a fact
        return self.env["crm.team"].sudo().browse(self._card_managed_team_ids())

    def _card_handover_domain(self):
        """:return: Domain on customer.card.handover: what this user may see

        What he prepared; what concerns his own cards; what waits for him as the
        successor, or passed to him; the submitted ones of the departments that he
        manages; an administrator all of them.
        """
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        parties = Domain("custodian_id", "=", self.id) | (
            Domain("successor_id", "=", self.id)
            & Domain("state", "in", ("approved", "accepted", "done", "declined"))
        )
        if team_ids := list(self._card_managed_team_ids()):
            parties |= Domain("team_id", "in", team_ids) | Domain(
                "line_ids", "any", [("former_team_id", "in", team_ids)]
            )
        return Domain("requester_id", "=", self.id) | (
            Domain("state", "!=", "draft") & parties
        )

    def _card_handover_line_domain(self):
        """:return: Domain on customer.card.handover.line: the cards that this user
        keeps, and those that are to become his"""
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        coming = Domain("handover_id.successor_id", "=", self.id) & Domain(
            "handover_id.state", "in", ("approved", "accepted")
        )
        return coming | Domain("partner_id", "any", self._card_maintain_domain())

    def _card_deputyship_domain(self):
        """:return: Domain on customer.card.deputyship: the leaves of this user, those
        in which he stands in, and those of the departments that he manages"""
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        return (
            Domain("custodian_id", "=", self.id)
            | Domain("deputy_id", "=", self.id)
            | Domain("team_id", "in", list(self._card_managed_team_ids()))
        )
