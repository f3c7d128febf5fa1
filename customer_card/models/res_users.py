from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Roles that cannot do their work without reading every customer. They belong to
# addons that this one does not depend on: a group that is not installed has no users.
ACCOUNTING_GROUPS = (
    "account.group_account_invoice",
    "account.group_account_readonly",
    "account.group_account_basic",
    "account.group_account_user",
    "account.group_account_manager",
)
OPERATIONAL_GROUPS = (
    *ACCOUNTING_GROUPS,
    "stock.group_stock_user",
    "purchase.group_purchase_user",
    "point_of_sale.group_pos_user",
)
# Accounting writes its own fields on a card (see res_partner_access.py).
ACCOUNTING_EDITOR_GROUPS = ("account.group_account_invoice",)


class ResUsers(models.Model):
    """Which customer cards a user may read, keep and delete.

    The record rules of this addon only call the ``_card_*_domain`` methods below:
    the policy is here, in one place, and the rules stay thin.
    """

    _inherit = "res.users"

    @api.constrains("partner_id", "group_ids", "share")
    def _check_partner_has_no_card(self):
        """A card hides a partner; an internal user whose own partner is hidden
        cannot work any more."""
        # sudo: the check holds whoever makes the user
        for user in self.sudo():
            if user.partner_id.card_state and not user.share:
                raise ValidationError(
                    self.env._(
                        "%(partner)s has the customer card %(number)s and can "
                        "therefore not be an internal user. Create the user with a "
                        "contact of its own.",
                        partner=user.partner_id.display_name,
                        number=user.partner_id.card_number,
                    )
                )

    # ------------------------------------------------------------
    # ROLES
    # ------------------------------------------------------------

    def _is_card_admin(self):
        """:return: whether the user sees and edits every card"""
        return self._has_group("customer_card.customer_card_group_administrator")

    def _is_card_user(self):
        """:return: whether the user belongs to the sales staff of Customer Cards"""
        return self._has_group("customer_card.customer_card_group_user")

    def _is_card_reader(self):
        """:return: whether the user's back-office work needs every card. Sales wins:
        who is a card user as well sees his own cards only."""
        return not self._is_card_user() and any(
            self._has_group(group)
            for group in ("customer_card.customer_card_group_reader",)
            + OPERATIONAL_GROUPS
        )

    def _is_card_accountant(self):
        """:return: whether the user may write the accounting fields of every card"""
        return not self._is_card_user() and any(
            self._has_group(group) for group in ACCOUNTING_EDITOR_GROUPS
        )

    @tools.ormcache("self.id")
    def _card_managed_team_ids(self):
        """Teams that this user leads, with all teams below them.

        The cache is cleared whenever a leader or a parent team changes.

        :return: a tuple of crm.team ids, archived teams included
        """
        self.ensure_one()
        # sudo: the hierarchy is a fact, also where it crosses companies
        Team = self.env["crm.team"].sudo().with_context(active_test=False)
        led = Team.search([("user_id", "=", self.id)])
        return tuple(Team.search([("id", "child_of", led.ids)]).ids) if led else ()

    @tools.ormcache("self.id")
    def _card_deputized_custodian_ids(self):
        """Whom this user stands in for, on whatever days. The cache is cleared
        whenever a card gets another deputy or custodian. It spares all other users
        the comparison of dates in every search.

        :return: a tuple of ids of custodians; False stands for cards without one
        """
        self.ensure_one()
        # sudo: the question comes before the access rights, not after them
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        groups = Partner._read_group(
            [("card_deputy_id", "=", self.id)], ["card_custodian_id"]
        )
        return tuple(custodian.id for (custodian,) in groups)

    def _card_today(self):
        """:return: the user's today, in the time zone of his own preferences: a
        client may send any time zone in the context"""
        self.ensure_one()
        # UTC for a user without one: else it would be that of whoever asks
        return fields.Date.context_today(self.with_context(tz=self.tz or "UTC"))

    def _card_custodian_today(self):
        """:return: today as the days of a deputy count: in the time zone of the
        custodian, whose leave it is; UTC for cards that nobody keeps"""
        if self:
            return self._card_today()
        return fields.Date.context_today(self.with_context(tz="UTC"))

    # ------------------------------------------------------------
    # DOMAINS
    # ------------------------------------------------------------

    def _card_maintain_domain(self):
        """:return: Domain on res.partner: the cards that this user keeps up to date,
        as their custodian, as his deputy or as a manager"""
        self.ensure_one()
        if self._is_card_admin():
            return Domain("card_root_id", "!=", False)
        domain = Domain("card_custodian_id", "=", self.id)
        if self._card_deputized_custodian_ids():
            domain |= Domain("card_deputized_to_me", "=", True)
        if team_ids := self._card_managed_team_ids():
            domain |= Domain("card_team_id", "in", list(team_ids))
        return domain

    def _card_read_domain(self):
        """:return: Domain on res.partner: what this user may read"""
        self.ensure_one()
        if self._is_outside_card_rules() or self._is_card_reader():
            return Domain.TRUE
        return (
            Domain("card_root_id", "=", False)
            | self._card_maintain_domain()
            | Domain("card_lent_to_me", "=", True)
        )

    def _card_seen_domain(self):
        """:return: Domain on res.partner: the cards that this user may read, without
        the partners that have none. Implied by ``_card_read_domain``; said alone it
        can be looked up in an index."""
        self.ensure_one()
        if self._is_outside_card_rules() or self._is_card_reader():
            return Domain("card_root_id", "!=", False)
        return self._card_maintain_domain() | Domain("card_lent_to_me", "=", True)

    def _card_write_domain(self):
        """:return: Domain on res.partner: what this user may write. Accounting passes
        here and is held to its own fields by ``res.partner.write``."""
        self.ensure_one()
        if self._is_outside_card_rules() or self._is_card_accountant():
            return Domain.TRUE
        return Domain("card_root_id", "=", False) | self._card_maintain_domain()

    def _card_create_domain(self):
        """:return: Domain on res.partner: where this user may add a contact"""
        self.ensure_one()
        if self._is_outside_card_rules():
            return Domain.TRUE
        return Domain("card_root_id", "=", False) | self._card_maintain_domain()

    def _card_unlink_domain(self):
        """:return: Domain on res.partner: what this user may delete. A card and its
        contacts are closed or archived, never deleted, but by an administrator."""
        self.ensure_one()
        if self._is_outside_card_rules():
            return Domain.TRUE
        return Domain("card_root_id", "=", False)

    def _is_outside_card_rules(self):
        """:return: whether the rules of this addon leave the user alone: portal and
        public users live by Odoo's own rules, administrators see everything"""
        return not self._has_group("base.group_user") or self._is_card_admin()
