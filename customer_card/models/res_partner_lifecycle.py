from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .res_partner_card import OPEN_STATES

# Opens the guard of the card fields for this addon's own methods. An object, because
# a client can put any boolean into the context of a call but never this object.
TRUSTED = object()


class ResPartner(models.Model):
    """Opening, confirming, resting, closing and reopening cards."""

    _inherit = "res.partner"

    def _with_card_trust(self):
        """:return: ``self`` with the right to write card fields. For methods that
        have checked who calls them, never for a value that comes from a client."""
        return self.with_context(customer_card_trust=TRUSTED)

    def _has_card_trust(self):
        return self.env.context.get("customer_card_trust") is TRUSTED

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    def _get_card_obstacles(self):
        """Partners that can never have a card.

        :return: ``{partner: translated reason}``
        """
        # sudo: whose partner this is does not depend on who asks
        Users = self.env["res.users"].sudo().with_context(active_test=False)
        users = Users.search_fetch(
            [("partner_id", "in", self.ids)], ["partner_id", "share"]
        )
        special = Users.browse(
            xmlid_id
            for xmlid in ("base.public_user", "base.template_portal_user_id")
            if (xmlid_id := self.env["ir.model.data"]._xmlid_to_res_id(xmlid))
        )
        of_users = (
            users.filtered(lambda u: not u.share) | (users & special)
        ).partner_id
        of_companies = (
            self.env["res.company"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch([("partner_id", "in", self.ids)], ["partner_id"])
            .partner_id
        )
        obstacles = {}
        for partner in self:
            if partner in of_companies:
                obstacles[partner] = self.env._("it is one of your own companies.")
            elif partner in of_users:
                obstacles[partner] = self.env._("it is the contact of a user.")
        return obstacles

    def _get_card_refusals(self):
        """Partners that cannot get a card now.

        :return: ``{partner: translated reason}``
        """
        refusals = self._get_card_obstacles()
        for partner in self - self.browse(p.id for p in refusals):
            if partner.card_state:
                refusals[partner] = self.env._(
                    "it has the card %(number)s already.", number=partner.card_number
                )
            elif not partner.active:
                refusals[partner] = self.env._("it is archived: unarchive it first.")
            elif partner.type not in (False, "contact"):
                refusals[partner] = self.env._(
                    "it is an address, not a customer: open the card of its company."
                )
        return refusals

    def _open_cards(self, custodian=None, team=None):
        """Open a card on each partner of the set that may have one.

        :param custodian: res.users who keeps the cards; by default the salesperson
            of each partner
        :param team: crm.team of the cards; by default the custodian's sales team
        :return: ``(opened, refused)``: a recordset, and ``{partner: reason}`` with
            translated reasons
        :raise UserError: when ``custodian`` is not an active internal user

        A card opened by its manager (or by the system) is active at once, one opened
        by a salesperson waits for the manager to confirm it.
        """
        # sudo: what kind of user it is
        if custodian and (custodian.sudo().share or not custodian.active):
            raise UserError(
                self.env._(
                    "%(user)s cannot keep customer cards: choose an active internal "
                    "user.",
                    user=custodian.sudo().name,
                )
            )
        refused = self._get_card_refusals()
        candidates = self - self.browse(partner.id for partner in refused)
        opened = candidates._insert_cards(custodian, team)
        for partner in candidates - opened:
            refused[partner] = self.env._("somebody else has just opened its card.")
        self.env["customer.card.event"]._log(opened, "opened")
        opened._after_cards_opened()
        return opened, refused

    def _after_cards_opened(self):
        """Hook: cards of ``self`` were just opened."""

    def _insert_cards(self, custodian, team):
        """Write the cards of ``self`` and of all contacts below in two statements.

        :return: the partners that got a card
        """
        if not self:
            return self
        keepers = [self._get_card_keeper(p, custodian, team) for p in self]
        numbers = self._next_card_numbers(len(self))
        kinds = self._get_card_kinds()
        managed = set(self.env.user._card_managed_team_ids())
        trusted = self.env.su or self.env.user._is_card_admin()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE res_partner partner
                   SET card_state = card.state,
                       card_number = card.number,
                       card_kind = card.kind,
                       card_custodian_id = card.custodian_id,
                       card_team_id = card.team_id,
                       card_root_id = partner.id,
                       write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM UNNEST(
                       %(ids)s::int[], %(states)s::varchar[], %(numbers)s::varchar[],
                       %(kinds)s::varchar[], %(custodians)s::int[], %(teams)s::int[]
                  ) AS card(id, state, number, kind, custodian_id, team_id)
                 WHERE partner.id = card.id
                   AND partner.card_state IS NULL
             RETURNING partner.id
                """,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                ids=self.ids,
                states=[
                    "active" if trusted or team_id in managed else "draft"
                    for _user_id, team_id in keepers
                ],
                numbers=numbers,
                kinds=[kinds[partner.id] for partner in self],
                custodians=[user_id for user_id, _team_id in keepers],
                teams=[team_id for _user_id, team_id in keepers],
            )
        )
        opened = self.browse(row_id for (row_id,) in rows)
        opened._copy_cards_down()
        return self & opened

    def _copy_cards_down(self):
        """Give every contact below the cards of ``self`` their keepers.

        The same as the computes of the tree fields, for thousands of cards at once: down to
        the next card or the partner of an internal user.
        """
        self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE tree AS (
                    SELECT id, id AS root_id
                      FROM res_partner
                     WHERE id = ANY(%(ids)s)
                 UNION ALL
                    SELECT child.id, tree.root_id
                      FROM res_partner child
                      JOIN tree ON child.parent_id = tree.id
                     WHERE child.card_state IS NULL
                       AND child.partner_share
                )
                UPDATE res_partner contact
                   SET card_root_id = root.id,
                       card_custodian_id = root.card_custodian_id,
                       card_team_id = root.card_team_id,
                       card_deputy_id = root.card_deputy_id,
                       card_deputy_from = root.card_deputy_from,
                       card_deputy_until = root.card_deputy_until
                  FROM tree
                  JOIN res_partner root ON root.id = tree.root_id
                 WHERE contact.id = tree.id
                   AND tree.id != tree.root_id
             RETURNING contact.id
                """,
                ids=self.ids,
            )
        )
        self.env["res.partner"].invalidate_model()
        self.env["customer.card.line.mixin"]._update_line_roots(self.ids)

    @api.model
    def _get_card_keeper(self, partner, custodian, team):
        """:return: ``(custodian id or None, team id or None)`` of a card to open"""
        # sudo: salesperson and sales teams may be hidden from the user
        user = custodian or partner.sudo().user_id
        if user and (user.sudo().share or not user.active):
            user = self.env["res.users"]
        team = team or user.sudo().sale_team_id
        if not team and (user or not self.env.su):
            # a card without department is seen by administrators only
            opener = (user or self.env.user).sudo()
            led = opener._card_managed_team_ids()
            return user.id or None, opener.sale_team_id.id or (led[0] if led else None)
        return user.id or None, team.id or None

    def _get_card_kinds(self):
        """:return: ``{partner id: kind}`` for cards to open; whoever was invoiced
        (where accounting is installed) is a customer, others are prospects"""
        bought = (
            set(self.filtered("customer_rank").ids)
            if "customer_rank" in self._fields
            else set()
        )
        return {
            partner_id: "customer" if partner_id in bought else "prospect"
            for partner_id in self.ids
        }

    @api.model
    def _next_card_numbers(self, count):
        """:return: the next ``count`` card numbers, drawn in one query where the
        sequence allows"""
        # sudo: everybody who may open a card draws from the one sequence
        sequence = self.env.ref("customer_card.customer_card_sequence").sudo()
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence.next_by_id() for _index in range(count)]
        drawn = self.env.execute_query(
            SQL(
                "SELECT nextval(%s::regclass) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        prefix, suffix = sequence._get_prefix_suffix()
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in drawn]

    # ------------------------------------------------------------
    # LIFE OF A CARD
    # ------------------------------------------------------------

    def _change_card_state(self, state, from_states, kind):
        """Move cards to another state and write it into their ledger.

        :param from_states: states that the cards may come from
        :param kind: of the ledger entry
        :raise UserError: naming the cards that are in another state
        """
        labels = dict(self._fields["card_state"]._description_selection(self.env))
        for partner in self:
            if partner.card_state not in from_states:
                raise UserError(
                    self.env._(
                        "%(card)s is in the state %(state)s, this needs %(needed)s.",
                        card=partner.display_name,
                        state=labels.get(partner.card_state, self.env._("no card")),
                        needed=", ".join(labels[name] for name in from_states),
                    )
                )
        self._with_card_trust().write({"card_state": state})
        self.env["customer.card.event"]._log(self, kind)
        return True

    def action_card_confirm(self):
        """The manager confirms cards that salespeople have opened.

        :raise CardAccessError: for cards of other departments
        """
        self._check_card_managed()
        return self._change_card_state("active", ("draft",), "confirmed")

    def action_card_rest(self):
        """Whoever keeps a card sets it dormant: no business for the time being."""
        self._check_card_maintained()
        return self._change_card_state("dormant", ("active",), "dormant")

    def action_card_wake(self):
        """Whoever keeps a dormant card takes it up again."""
        self._check_card_maintained()
        return self._change_card_state("active", ("dormant",), "reopened")

    def action_card_close(self):
        """The manager closes cards. They stay protected and can be reopened.

        :raise CardAccessError: for cards of other departments
        """
        self._check_card_managed()
        return self._change_card_state("closed", OPEN_STATES, "closed")

    def action_card_reopen(self):
        """The manager reopens closed cards.

        :raise CardAccessError: for cards of other departments
        """
        self._check_card_managed()
        return self._change_card_state("active", ("closed",), "reopened")
