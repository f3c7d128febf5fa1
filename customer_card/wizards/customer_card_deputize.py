from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date


class CustomerCardDeputize(models.TransientModel):
    """Leave: a custodian names his deputy, or his manager does it for him."""

    _name = "customer.card.deputize"
    _description = "Leave: Name a Deputy"

    custodian_id = fields.Many2one(
        "res.users",
        "On Leave",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="Whose cards. A manager can choose the custodians of his departments.",
    )
    can_choose_custodian = fields.Boolean(compute="_compute_can_choose_custodian")
    deputy_id = fields.Many2one(
        "res.users",
        domain="[('id', 'in', allowed_deputy_ids)]",
        help="A custodian chooses within his own department, a manager anybody who "
        "works with customer cards.",
    )
    allowed_deputy_ids = fields.Many2many(
        "res.users", string="Possible Deputies", compute="_compute_allowed_deputy_ids"
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.user._card_today(),
        help="First day of the deputy, where the custodian is.",
    )
    date_until = fields.Date(
        "Until",
        required=True,
        default=lambda self: self.env.user._card_today(),
        help="Last day of the deputy. His rights end by the date alone.",
    )
    # which cards
    scope = fields.Selection(
        [("all", "All cards"), ("selected", "Selected cards")],
        "Cards",
        required=True,
        default="all",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Selected Cards",
        context={"active_test": False},
        domain="[('card_state', '!=', False), ('card_custodian_id', '=', custodian_id)]",
    )
    card_count = fields.Integer("Cards Concerned", compute="_compute_cards")
    # cards that have a deputy already
    conflict_names = fields.Char("Have a Deputy Already", compute="_compute_cards")
    conflict = fields.Selection(
        [
            ("keep", "Keep the deputy they have, leave these cards out"),
            ("replace", "Replace him by the new deputy"),
        ],
        "What to Do with Them",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.partner":
            cards = self.env["res.partner"].browse(
                self.env.context.get("active_ids", [])
            )
            cards = cards.filtered("card_state")
            if len(cards.card_custodian_id) == 1:
                values.update(
                    scope="selected",
                    partner_ids=[Command.set(cards.ids)],
                    custodian_id=cards.card_custodian_id.id,
                )
        return values

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_can_choose_custodian(self):
        user = self.env.user
        self.can_choose_custodian = bool(
            user._is_card_admin() or user._card_managed_team_ids()
        )

    @api.depends("custodian_id", "scope", "partner_ids")
    def _compute_allowed_deputy_ids(self):
        for wizard in self:
            cards = wizard._get_cards()
            wizard.allowed_deputy_ids = wizard._get_allowed_deputies(cards)

    @api.depends("custodian_id", "scope", "partner_ids")
    def _compute_cards(self):
        for wizard in self:
            cards = wizard._get_cards()
            wizard.card_count = len(cards)
            conflicts = cards._get_card_deputy_conflicts()
            wizard.conflict_names = wizard._describe_conflicts(conflicts)

    def _describe_conflicts(self, conflicts):
        """:return: for each deputyship that is in the way: who, until when, on how
        many cards"""
        groups = conflicts.grouped(
            lambda card: (
                card.card_deputy_id,
                card.card_deputy_from,
                card.card_deputy_until,
            )
        )
        return (
            "; ".join(
                self.env._(
                    "%(deputy)s, %(start)s – %(end)s (cards: %(count)s)",
                    deputy=deputy.name,
                    start=format_date(self.env, start) if start else "",
                    end=format_date(self.env, end),
                    count=len(cards),
                )
                for (deputy, start, end), cards in groups.items()
            )
            or False
        )

    def _get_cards(self):
        """:return: the cards to be looked after (sudo), in every state"""
        self.ensure_one()
        # sudo: cards that the user does not keep are refused by _check_deputizing
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        domain = Partner._get_own_cards_domain(self.custodian_id)
        if self.scope == "selected":
            domain &= Domain("id", "in", self.partner_ids._origin.ids)
        cards = Partner.search(domain) if self.custodian_id else Partner
        user = self.env.user
        if user != self.custodian_id:
            # a manager looks after the cards of his departments, not of others
            cards = cards._card_managed_by(user).sudo()
        return cards

    def _get_allowed_deputies(self, cards):
        """:return: res.users who may be named by this user (sudo)"""
        group = self.env.ref("customer_card.customer_card_group_user").sudo()
        users = group.all_user_ids.filtered(
            lambda user: user.active and not user.share and user != self.custodian_id
        )
        user = self.env.user
        if user._is_card_admin() or (
            cards and not cards - cards._card_managed_by(user).sudo()
        ):
            return users
        if user != self.custodian_id or not self._custodian_may_choose():
            return users.browse()
        teams = cards.card_team_id
        return users.filtered(
            lambda one: not teams - (one.crm_team_ids | one._get_led_card_teams())
        )

    def _custodian_may_choose(self):
        # sudo: a decision of the company, told to nobody
        company = self.custodian_id.sudo().company_id
        return company.card_deputy_policy == "department"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_confirm(self):
        """Name the deputy. Works on all cards by the same few queries.

        :return: the action that shows deputies, running and planned
        :raise AccessError: when the user may not name this deputy for these cards
        :raise UserError: when dates or cards do not fit
        """
        self.ensure_one()
        cards = self._get_cards()
        self._check_deputizing(cards)
        conflicts = cards._get_card_deputy_conflicts()
        if conflicts and not self.conflict:
            raise UserError(
                self.env._(
                    "Some of these cards have a deputy already: %(deputies)s. Say "
                    "whether to keep or to replace him.",
                    deputies=self._describe_conflicts(conflicts),
                )
            )
        if self.conflict == "keep":
            cards -= conflicts
        if not cards:
            raise UserError(self.env._("No card is left that could get this deputy."))
        self.env["res.partner"].browse(cards.ids)._name_card_deputy(
            self.deputy_id, self.date_from, self.date_until
        )
        return self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_deputyship_action"
        )

    def _check_deputizing(self, cards):
        """:raise AccessError, UserError: naming what is wrong and what to do"""
        if not cards:
            raise UserError(
                self.env._(
                    "%(custodian)s keeps no card that you could give to a deputy.",
                    # sudo: the custodian's name
                    custodian=self.custodian_id.sudo().name,
                )
            )
        foreign = self.partner_ids - cards.sudo(False)
        if self.scope == "selected" and foreign:
            raise AccessError(
                self.env._(
                    "%(cards)s: this card is not kept by %(custodian)s, or not in a "
                    "department that you manage. Take it out of the selection.",
                    cards=foreign._get_card_names(),
                    # sudo: the custodian's name
                    custodian=self.custodian_id.sudo().name,
                )
            )
        if not self.deputy_id:
            raise UserError(self.env._("Choose who stands in."))
        self._check_deputy(cards)
        if self.date_until < self.date_from:
            raise UserError(
                self.env._("The last day of the leave lies before its first.")
            )
        if self.date_until < self.custodian_id._card_today():
            raise UserError(
                self.env._("This leave is over already: correct the dates.")
            )

    def _check_deputy(self, cards):
        """:raise AccessError: when the user may not name this deputy"""
        if self.deputy_id in self._get_allowed_deputies(cards):
            return
        managers = ", ".join(cards._get_card_managers().mapped("name"))
        if self.env.user == self.custodian_id and not self._custodian_may_choose():
            message = self.env._(
                "In your company the manager names the deputy. Ask %(managers)s.",
                managers=managers or self.env._("an administrator"),
            )
        else:
            message = self.env._(
                "%(deputy)s cannot be named by you: a deputy is an active user of "
                "Customer Cards from the department of the cards. Ask %(managers)s "
                "for anybody else.",
                # sudo: the deputy's name
                deputy=self.deputy_id.sudo().name,
                managers=managers or self.env._("an administrator"),
            )
        raise AccessError(message)
