from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ..tools.value_text import scalar_text
from .res_partner_access import CARD_FIELDS
from .res_partner_card import OPEN_STATES
from .res_partner_habits import HABIT_FIELDS
from .res_partner_profile import PROFILE_FIELDS

# Fields of the card and its contacts whose change is news to whoever works with it.
# Other addons add theirs in ``_get_card_tracked_fields``.
TRACKED_FIELDS = {
    "active",
    "card_kind",
    "category_id",
    "city",
    "comment",
    "company_registry",
    "country_id",
    "email",
    "function",
    "industry_id",
    "is_company",
    "lang",
    "name",
    "parent_id",
    "phone",
    "ref",
    "state_id",
    "street",
    "street2",
    "type",
    "vat",
    "website",
    "zip",
    *PROFILE_FIELDS,
    *HABIT_FIELDS,
}
FRESHNESS_FIELDS = {
    "card_last_update": "timestamp",
    "card_last_confirmed": "timestamp",
    "card_last_review": "date",
}
# written by the system alone
MEASURED_FIELDS = {"card_completeness", *FRESHNESS_FIELDS}
# longer values are named in the ledger, not repeated
MAX_VALUE = 60
# a contact that has just come to a card
NEW = "id"
NOTED = "customer_card_changes"


class ResPartner(models.Model):
    """What changed on a card, and when: fresh, or stale."""

    _inherit = "res.partner"

    card_last_update = fields.Datetime(
        "Last Update",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="When something on this card or on one of its contacts was last changed.",
    )
    card_last_confirmed = fields.Datetime(
        "Confirmed On",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When its keeper last said that everything on this card is still true.",
    )
    card_last_review = fields.Date(
        "Last Review",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When the manager last rated this card in a weekly check.",
    )
    card_is_stale = fields.Boolean(
        "Stale",
        compute="_compute_card_is_stale",
        search="_search_card_is_stale",
        compute_sudo=True,
        groups="base.group_user",
        help="Neither changed nor confirmed for longer than the company allows.",
    )

    def _auto_init(self):
        """Add the columns empty: at installation no contact has a card."""
        for name, column_type in FRESHNESS_FIELDS.items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, column_type)
        return super()._auto_init()

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid", "company")
    @api.depends(
        "card_state",
        "card_kind",
        "card_team_id",
        "card_last_update",
        "card_last_confirmed",
    )
    def _compute_card_is_stale(self):
        limits = self._get_card_stale_limits()
        for partner in self:
            limit = limits[partner.card_team_id.id].get(partner.card_kind or "customer")
            fresh_at = max(
                filter(None, (partner.card_last_update, partner.card_last_confirmed)),
                default=None,
            )
            partner.card_is_stale = (
                partner.card_state in OPEN_STATES
                and bool(limit)
                and (not fresh_at or fresh_at < limit)
            )

    def _search_card_is_stale(self, operator, value):
        """By the dates at the time of the search: nothing has to be kept up to date."""
        if operator != "in":
            return NotImplemented
        by_limits = defaultdict(list)
        for team_id, limits in self._get_card_stale_limits().items():
            by_limits[tuple(sorted(limits.items()))].append(team_id)
        stale = Domain.OR(
            Domain("card_team_id", "in", team_ids)
            & Domain.OR(
                Domain(
                    "card_kind", "in", [kind, False] if kind == "customer" else [kind]
                )
                & self._get_card_older_domain(limit)
                for kind, limit in limits
            )
            for limits, team_ids in by_limits.items()
        ) & Domain("card_state", "in", list(OPEN_STATES))
        return stale if True in value else ~stale

    @api.model
    def _get_card_older_domain(self, limit):
        """:return: Domain: neither changed nor confirmed since ``limit`` (UTC)"""
        return Domain.AND(
            Domain(name, "=", False) | Domain(name, "<", limit)
            for name in ("card_last_update", "card_last_confirmed")
        )

    @api.model
    def _get_card_stale_limits(self):
        """From when on cards are still fresh. The company of the department decides,
        of a card without one (or of a department of all companies) the company that
        the user works in. A day is the user's day.

        :return: ``{id of crm.team or False: {kind: datetime in UTC}}``, without the
            kinds that are never stale
        """
        # sudo: after how many days a card is stale is no secret, whoever's it is
        Team = self.env["crm.team"].sudo()
        teams = Team.search([("active", "in", (True, False))])
        own = self.env.company.sudo()
        limits = {
            company: company._get_card_stale_limits()
            for company in own | teams.company_id
        }
        return {
            False: limits[own],
            **{team.id: limits[team.company_id or own] for team in teams},
        }

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group by ``card_is_stale`` too, which is no column."""
        if groupby_spec != "card_is_stale":
            return super()._read_group_groupby(alias, groupby_spec, query)
        # sudo: the limits are settings; the query keeps the user's rules
        stale = Domain("card_is_stale", "=", True).optimize_full(self.sudo())
        return SQL("(%s) IS TRUE", stale._to_sql(self.sudo(), alias, query))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create([self._without_measured(vals) for vals in vals_list])
        # sudo: only whether there is a card is read
        contacts = partners.sudo().filtered(
            lambda p: p.card_root_id and not p.card_state
        )
        if contacts:
            contacts._note_card_changes(
                {contact: {NEW: False} for contact in contacts},
                {contact: contact.card_root_id for contact in contacts},
            )
            contacts._card_completeness_changed()
        return partners

    def write(self, vals):
        vals = self._without_measured(vals)
        names = self._get_card_news(vals)
        watched = self.env["customer.card.requirement"]._get_watched_fields()
        if not names and not watched & vals.keys():
            return super().write(vals)
        # sudo: whoever writes a field of a card may not be able to read all of it
        cards = self.sudo().filtered("card_root_id")
        before = {card: {name: card[name] for name in names} for card in cards}
        roots = {card: card.card_root_id for card in cards}
        result = super().write(vals)
        cards._note_card_changes(before, roots)
        # a contact may have left one card and joined another
        (self.sudo() | cards.concat(*roots.values()))._card_completeness_changed()
        return result

    def unlink(self):
        # whether they may be deleted is checked before anything is told
        self.check_access("unlink")
        # sudo: only which cards they belong to is read
        contacts = self.sudo().filtered(lambda p: p.card_root_id and not p.card_state)
        roots = (contacts.card_root_id - self.sudo()).sudo(False)
        if roots:
            names = defaultdict(list)
            for contact in contacts:
                names[contact.card_root_id.id].append(contact.name or "–")
            self._log_card_changes(
                {
                    root.id: self.env._(
                        "%(contacts)s deleted", contacts=", ".join(names[root.id])
                    )
                    for root in roots
                },
                {root.id: ["child_ids"] for root in roots},
            )
        result = super().unlink()
        roots._card_completeness_changed()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_card_still_true(self):
        """Whoever keeps a card confirms that everything on it is still true: it is
        fresh again, though nothing has changed.

        :raise CardAccessError: for cards that the user does not keep
        :raise UserError: for closed cards, and contacts without a card
        """
        self._check_card_maintained()
        for partner in self:
            if partner.card_state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(card)s: only a card that is not closed can be confirmed.",
                        card=partner.display_name,
                    )
                )
        self._stamp_card("card_last_confirmed", fields.Datetime.now())
        self.env["customer.card.event"]._log(self, "still_true")
        return True

    @api.model
    def _without_measured(self, vals):
        """:return: ``vals`` without what the system alone measures: a client, an
        imported file or a merge cannot make a card look fresher than it is"""
        if self.env.su or not MEASURED_FIELDS & vals.keys():
            return vals
        return {name: vals[name] for name in vals if name not in MEASURED_FIELDS}

    # ------------------------------------------------------------
    # WHAT CHANGED
    # ------------------------------------------------------------

    @api.model
    def _log_card_changes(self, descriptions, names=None):
        """Enter changes of cards in the ledger; contacts without a card have none.

        :param descriptions: ``{partner id: what changed}``; of a contact, the entry
            goes to its card
        :param names: ``{partner id: names of the fields of the contact that changed}``
        """
        # sudo: only whether there is a card is read
        cards = self.browse(descriptions).sudo().filtered("card_root_id")
        if cards:
            self.env["customer.card.event"]._log(
                self.browse(cards.ids),
                "changed",
                descriptions,
                changed_fields={
                    card_id: ",".join(changed)
                    for card_id, changed in (names or {}).items()
                },
            )
            cards.card_root_id._stamp_card("card_last_update", fields.Datetime.now())
            cards._card_completeness_changed()

    def _stamp_card(self, name, value):
        """Write when something happened to the cards of ``self``: with the next flush,
        all in one statement. It is no edit of the contact, and does not touch who last
        made one.

        :param name: of a stored field
        """
        # sudo: a contact is edited by one who cannot read its card
        cards = self.sudo()
        cards._fields[name].write(cards, value)
        cards.modified([name])

    def _after_cards_opened(self):
        result = super()._after_cards_opened()
        self._stamp_card("card_last_update", fields.Datetime.now())
        self._card_completeness_changed()
        return result

    @api.model
    def _get_card_tracked_fields(self):
        """:return: names of the fields whose change is news. Other addons add theirs;
        lines of a card log themselves (``customer.card.line.mixin``)."""
        return TRACKED_FIELDS

    @api.model
    def _get_card_news(self, vals):
        """:return: names in ``vals`` of tracked fields that are really written now"""
        tracked = self._get_card_tracked_fields()
        if not self._has_card_trust():
            # come back with the trust of the addon, or not at all
            tracked = tracked - CARD_FIELDS
        return [name for name in vals if name in tracked and name in self._fields]

    def _note_card_changes(self, before, roots):
        """Note what was changed on cards, to enter it in the ledger before the commit:
        one entry for each card, however many contacts and steps a save has.

        :param before: ``{partner: {field: old value}}``
        :param roots: ``{partner: its card before}``
        """
        precommit = self.env.cr.precommit
        noted = precommit.data.setdefault(NOTED, {})
        for partner, values in before.items():
            changed = {
                name: old for name, old in values.items() if partner[name] != old
            }
            if not changed:
                continue
            if not noted:
                precommit.add(self.env["res.partner"]._log_noted_card_changes)
            cards = roots[partner] | partner.card_root_id
            note = noted.setdefault(self.env.uid, {}).setdefault(
                partner.id, {"cards": set(), "old": {}}
            )
            note["cards"].update(cards.ids)
            note["old"] = changed | note["old"]
            cards._stamp_card("card_last_update", fields.Datetime.now())

    @api.model
    def _log_noted_card_changes(self):
        """Enter in the ledger what this transaction has changed on cards."""
        noted = self.env.cr.precommit.data.pop(NOTED, {})
        for uid, notes in noted.items():
            # sudo: a user may be deleted meanwhile
            if not self.env["res.users"].sudo().browse(uid).exists():
                # made and rolled back in this very transaction
                continue
            # sudo: the ledger takes what was written, whoever could read it
            Partner = self.with_user(uid).sudo()
            Partner = Partner.with_context(lang=Partner.env.user.lang)
            texts, names = defaultdict(list), defaultdict(dict)
            for partner in Partner.browse(notes).exists():
                note = notes[partner.id]
                changed = partner._describe_card_changes(note["old"])
                for card_id in note["cards"] if changed else ():
                    prefix = (
                        "" if partner.id == card_id else f"{partner.name or '–'} – "
                    )
                    texts[card_id].append(prefix + "; ".join(changed.values()))
                    names[card_id].update(dict.fromkeys(changed))
            self.env["customer.card.event"].with_env(Partner.env)._log(
                Partner.browse(texts).exists(),
                "changed",
                {card_id: " | ".join(parts) for card_id, parts in texts.items()},
                changed_fields={
                    card_id: ",".join(row) for card_id, row in names.items()
                },
            )

    def _describe_card_changes(self, before):
        """:param before: ``{field: old value}``
        :return: ``{field: text}`` of what is different now, old and new of short
            values"""
        self.ensure_one()
        if NEW in before:
            return {"child_ids": self.env._("added")}
        texts = {}
        for name, old in before.items():
            new = self[name]
            if new == old:
                continue
            label = self._fields[name]._description_string(self.env)
            values = [self._get_card_value_text(name, value) for value in (old, new)]
            if any(len(value) > MAX_VALUE or "\n" in value for value in values):
                texts[name] = label
            else:
                texts[name] = self.env._(
                    "%(field)s: %(old)s → %(new)s",
                    field=label,
                    old=values[0] or "–",
                    new=values[1] or "–",
                )
        return texts

    def _get_card_value_text(self, name, value):
        """:return: a value as the ledger repeats it"""
        field = self._fields[name]
        if field.relational:
            return ", ".join(value.with_env(self.env).exists().mapped("display_name"))
        if field.type == "html":
            return "\n"
        return scalar_text(self.env, field, value)
