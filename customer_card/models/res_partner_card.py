from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.sql import column_exists, create_column

from ..exceptions import CardAccessError

# Copied from the card root down to every contact below it, because the record rules
# read them on the partner itself (a path through another partner costs three times
# as much on a count).
CARD_KEEPER_FIELDS = (
    "card_custodian_id",
    "card_team_id",
    "card_deputy_id",
    "card_deputy_from",
    "card_deputy_until",
)
# A card that is worked with: it can be stale, be checked, and give to-dos.
OPEN_STATES = ("draft", "active", "dormant")
CARD_TREE_FIELDS = ("card_root_id", *CARD_KEEPER_FIELDS)
# Portal users read their own contact by RPC: what the company notes about them is not
# for them.
INTERNAL = "base.group_user"
# Written on a card root, computed on the contacts below it.
COPIED_DOWN = {
    "compute": "_compute_card_keepers",
    "store": True,
    "readonly": False,
    "recursive": True,
    "copy": False,
    "groups": INTERNAL,
}


class ResPartner(models.Model):
    """The partner is the card: its state, its number, who keeps it."""

    _inherit = "res.partner"

    # card
    card_state = fields.Selection(
        [
            ("draft", "To Confirm"),
            ("active", "Active"),
            ("dormant", "Dormant"),
            ("closed", "Closed"),
        ],
        "Card Status",
        copy=False,
        groups=INTERNAL,
        index="btree_not_null",
        group_expand="_group_expand_card_state",
        help="Empty: this contact has no customer card. A card stays protected in "
        "every state, closed too.",
    )
    card_number = fields.Char(copy=False, groups=INTERNAL)
    card_kind = fields.Selection(
        [
            ("prospect", "Prospect"),
            ("customer", "Customer"),
            ("former", "Former Customer"),
        ],
        "Customer Kind",
        copy=False,
        groups=INTERNAL,
    )
    # keepers
    card_root_id = fields.Many2one(
        "res.partner",
        "Customer Card",
        compute="_compute_card_root_id",
        store=True,
        recursive=True,
        copy=False,
        groups=INTERNAL,
        index="btree_not_null",
        help="The card that this contact belongs to: its own, or that of the nearest "
        "company above it.",
    )
    card_custodian_id = fields.Many2one(
        "res.users",
        "Custodian",
        **COPIED_DOWN,
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="The one user who keeps this card up to date.",
    )
    card_team_id = fields.Many2one(
        "crm.team",
        "Department",
        **COPIED_DOWN,
        index="btree_not_null",
        ondelete="restrict",
        help="The sales team whose leader, like the leaders above, manages this card.",
    )
    card_deputy_id = fields.Many2one(
        "res.users",
        "Deputy",
        **COPIED_DOWN,
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Stands in for the custodian during the given days, with the same rights.",
    )
    card_deputy_from = fields.Date(
        "Deputy From",
        **COPIED_DOWN,
        help="First day of the deputy. Empty: at once.",
    )
    card_deputy_until = fields.Date(
        "Deputy Until",
        **COPIED_DOWN,
        help="Last day of the deputy.",
    )
    card_deputized_to_me = fields.Boolean(
        "I Am the Deputy Today",
        compute="_compute_card_deputized_to_me",
        search="_search_card_deputized_to_me",
        compute_sudo=True,
        groups=INTERNAL,
    )
    # what the form shows and offers
    card_is_root = fields.Boolean(
        "Has a Card", compute="_compute_card_rights", groups=INTERNAL
    )
    card_can_edit = fields.Boolean(
        "I Keep This Card",
        compute="_compute_card_rights",
        search="_search_card_can_edit",
        groups=INTERNAL,
    )
    card_can_manage = fields.Boolean(
        "I Manage This Card", compute="_compute_card_rights", groups=INTERNAL
    )

    _card_number_unique = models.UniqueIndex(
        "(card_number) WHERE card_number IS NOT NULL",
        "This card number is already in use: every card has its own.",
    )

    def _auto_init(self):
        """Add the columns empty: at installation no contact has a card, and computing
        that for a million contacts one by one would take hours."""
        for name in CARD_TREE_FIELDS:
            if not column_exists(self.env.cr, self._table, name):
                create_column(
                    self.env.cr,
                    self._table,
                    name,
                    self._fields[name].column_type[1],
                )
        return super()._auto_init()

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    # card_root_id has a method of its own: a write of the keepers protects all fields
    # of their method from being computed anew

    @api.depends("card_state", "partner_share", "parent_id.card_root_id")
    def _compute_card_root_id(self):
        """A partner of an internal user is never protected, wherever it hangs: hidden
        from his colleagues it would take the user with it."""
        for partner in self:
            source = partner._get_card_source()
            partner.card_root_id = partner if source == partner else source.card_root_id

    @api.depends(
        "card_state",
        "partner_share",
        "parent_id.card_custodian_id",
        "parent_id.card_team_id",
        "parent_id.card_deputy_id",
        "parent_id.card_deputy_from",
        "parent_id.card_deputy_until",
    )
    def _compute_card_keepers(self):
        """A card root has its own keepers, a contact takes those of its parent."""
        for partner in self:
            source = partner._get_card_source()
            for name in CARD_KEEPER_FIELDS:
                partner[name] = source[name]

    def _get_card_source(self):
        """:return: where this partner has its keepers from: itself, its parent, or
        nowhere"""
        if not self.partner_share:
            return self.browse()
        return self if self.card_state else self.parent_id

    @api.depends_context("uid")
    @api.depends(
        "card_custodian_id", "card_deputy_id", "card_deputy_from", "card_deputy_until"
    )
    def _compute_card_deputized_to_me(self):
        """The days are those of the custodian, whose leave it is: the deputy cannot
        stretch them by a time zone of his own."""
        mine = self.filtered(lambda partner: partner.card_deputy_id.id == self.env.uid)
        (self - mine).card_deputized_to_me = False
        for custodian, partners in mine.grouped("card_custodian_id").items():
            today = custodian._card_custodian_today()
            for partner in partners:
                partner.card_deputized_to_me = (
                    (partner.card_deputy_from or today)
                    <= today
                    <= (partner.card_deputy_until or today)
                )

    def _search_card_deputized_to_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        user = self.env.user
        custodian_ids = user._card_deputized_custodian_ids()
        days = {}
        for custodian_id in custodian_ids:
            # sudo: the time zones of the custodians; there are few of them
            custodian = user.sudo().browse(custodian_id).with_prefetch(custodian_ids)
            days.setdefault(custodian._card_custodian_today(), []).append(custodian_id)
        domain = Domain("card_deputy_id", "=", user.id) & Domain.OR(
            Domain("card_custodian_id", "in", kept_by)
            & (
                Domain("card_deputy_from", "=", False)
                | Domain("card_deputy_from", "<=", today)
            )
            & (
                Domain("card_deputy_until", "=", False)
                | Domain("card_deputy_until", ">=", today)
            )
            for today, kept_by in days.items()
        )
        return domain if True in value else ~domain

    @api.depends_context("uid")
    @api.depends("card_state", *CARD_TREE_FIELDS)
    def _compute_card_rights(self):
        maintained = self._card_maintained_by(self.env.user)
        managed = self._card_managed_by(self.env.user)
        for partner in self:
            partner.card_is_root = bool(partner.card_state)
            partner.card_can_edit = not partner.card_root_id or partner in maintained
            partner.card_can_manage = partner in managed

    def _search_card_can_edit(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = (
            Domain("card_root_id", "=", False) | self.env.user._card_maintain_domain()
        )
        return domain if True in value else ~domain

    def _group_expand_card_state(self, states, domain):
        return [state for state, _label in self._fields["card_state"].selection]

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("card_state")
    def _check_card_may_exist(self):
        """A hidden partner of a company or of a user locks people out."""
        for partner, reason in (
            self.filtered("card_state")._get_card_obstacles().items()
        ):
            raise ValidationError(
                self.env._(
                    "%(partner)s cannot have a customer card: %(reason)s",
                    partner=partner.display_name,
                    reason=reason,
                )
            )

    @api.constrains("card_custodian_id", "card_deputy_id")
    def _check_card_keepers(self):
        for partner in self.filtered("card_state"):
            for user in partner.card_custodian_id | partner.card_deputy_id:
                # sudo: what kind of user it is
                if user.sudo().share:
                    raise ValidationError(
                        self.env._(
                            "%(partner)s: %(user)s is not an internal user and cannot "
                            "keep a customer card.",
                            partner=partner.display_name,
                            user=user.name,
                        )
                    )
            if partner.card_deputy_id and (
                partner.card_deputy_id == partner.card_custodian_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(partner)s: %(user)s is the custodian already. Choose "
                        "somebody else as his deputy.",
                        partner=partner.display_name,
                        user=partner.card_deputy_id.name,
                    )
                )

    @api.constrains("card_deputy_id", "card_deputy_from", "card_deputy_until")
    def _check_card_deputy_dates(self):
        for partner in self.filtered("card_state"):
            if partner.card_deputy_id and not partner.card_deputy_until:
                raise ValidationError(
                    self.env._(
                        "%(partner)s: say until when %(user)s is the deputy.",
                        partner=partner.display_name,
                        user=partner.card_deputy_id.name,
                    )
                )
            if (
                partner.card_deputy_from
                and partner.card_deputy_until
                and partner.card_deputy_from > partner.card_deputy_until
            ):
                raise ValidationError(
                    self.env._(
                        "%(partner)s: the deputy's last day lies before his first.",
                        partner=partner.display_name,
                    )
                )

    # ------------------------------------------------------------
    # WHO IS WHO
    # ------------------------------------------------------------

    def _get_card_managers(self):
        """The users who manage the cards of these partners.

        :return: active leaders of the cards' teams and of the teams above
        :rtype: res.users (sudo)
        """
        # sudo: who the managers are is no secret, the cards they manage are
        return self.sudo().card_team_id._get_card_managers()

    def _card_managed_by(self, user):
        """:param user: res.users
        :return: the partners of ``self`` whose card ``user`` manages, as the leader
            of its team or of a team above, or as a card administrator"""
        # sudo: only the keepers of the cards are read
        partners = self.sudo()
        if user._is_card_admin():
            managed = partners.filtered("card_root_id")
        else:
            team_ids = set(user._card_managed_team_ids())
            managed = partners.filtered(lambda p: p.card_team_id.id in team_ids)
        return self.browse(managed._ids)

    def _card_maintained_by(self, user):
        """:param user: res.users
        :return: the partners of ``self`` whose card ``user`` may edit: as custodian,
            as deputy today, as manager or as card administrator"""
        # sudo: only the keepers of the cards are read
        kept = (
            self.sudo()
            .with_user(user)
            .sudo()
            .filtered(
                lambda p: (
                    p.card_root_id
                    and (p.card_custodian_id == user or p.card_deputized_to_me)
                )
            )
        )
        return self.browse(kept._ids) | self._card_managed_by(user)

    def _filter_card_maintained(self):
        """:return: the partners of ``self`` that have no card, or one that the user
        may edit"""
        return self - self._filter_foreign_cards()

    def _filter_foreign_cards(self):
        """:return: the partners of ``self`` whose card the user may not edit"""
        # sudo: only whether there is a card is read
        cards = self.browse(self.sudo().filtered("card_root_id")._ids)
        return cards - cards._card_maintained_by(self.env.user)

    def _check_card_managed(self):
        """:raise CardAccessError: unless the user manages every card of ``self``"""
        if self.env.su:
            return
        if foreign := self - self._card_managed_by(self.env.user):
            raise CardAccessError(
                self.env._(
                    "%(cards)s: only the manager of the department or a card "
                    "administrator may do this. Ask %(managers)s.",
                    cards=foreign._get_card_names(),
                    managers=", ".join(foreign._get_card_managers().mapped("name"))
                    or self.env._("an administrator of Customer Cards"),
                ),
                foreign.ids,
            )

    def _check_card_maintained(self):
        """:raise CardAccessError: unless the user may edit every card of ``self``"""
        if self.env.su:
            return
        if foreign := self - self._card_maintained_by(self.env.user):
            raise CardAccessError(
                self.env._(
                    "%(cards)s: only the custodian, his deputy or the manager of the "
                    "department may do this.",
                    cards=foreign._get_card_names(),
                ),
                foreign.ids,
            )

    def _get_card_names(self):
        """:return: the names of these cards that the user may read; the others are
        only counted, so that an error never names a hidden customer"""
        readable = self._filtered_access("read")
        names = readable[:5].mapped("display_name")
        more = len(self) - len(names)
        if more == 1:
            names.append(self.env._("a customer card"))
        elif more:
            names.append(self.env._("%(count)s customer cards", count=more))
        return ", ".join(names)
