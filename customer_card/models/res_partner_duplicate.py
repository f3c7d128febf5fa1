import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import matching
from ..exceptions import CardAccessError
from .res_partner_resemblance import KINDS, SURE_KINDS

_logger = logging.getLogger(__name__)

COMPARED_FIELDS = ("name", "vat", "email", "phone", "country_id")
# The toast names so many, an import may have hundreds.
NAMED = 5
TODO = "mail.mail_activity_data_todo"


class ResPartner(models.Model):
    """A new contact that is a customer already: whoever creates it is warned, or
    refused where the company wants it so.

    Of a card that he may not open he learns that there is one, no more: not whose, and
    not under which name. That he learnt it stands in the history of the card, and its
    custodian is told.
    """

    _inherit = "res.partner"

    card_duplicate_ids = fields.Many2many(
        "res.partner",
        string="Similar Customers",
        compute="_compute_card_duplicates",
        groups="base.group_user",
    )
    card_duplicate_reason = fields.Char(
        "Similar Because Of",
        compute="_compute_card_duplicates",
        groups="base.group_user",
    )
    card_duplicate_hidden = fields.Boolean(
        "Similar to a Card That Is Not Yours",
        compute="_compute_card_duplicates",
        groups="base.group_user",
    )
    card_duplicate_hidden_reason = fields.Char(
        "Similar to It Because Of",
        compute="_compute_card_duplicates",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # WHILE TYPING
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends(*COMPARED_FIELDS, "parent_id")
    def _compute_card_duplicates(self):
        """For a contact that is being typed; one that is saved was compared then."""
        self.card_duplicate_ids = False
        self.card_duplicate_reason = False
        self.card_duplicate_hidden = False
        self.card_duplicate_hidden_reason = False
        if not self._card_duplicates_apply():
            return
        new = self.filtered(
            lambda partner: not partner._origin and not partner.parent_id
        )
        values_list = [partner._get_compared_values() for partner in new]
        if not any(values_list):
            return
        resemblances = self._get_card_resemblances(values_list)
        visible, hidden = self._split_hidden_cards(resemblances)
        told = self._tell_hidden_cards(hidden, resemblances, asked=True)
        for partner, found in zip(new, resemblances, strict=True):

            def reason(cards, found=found):
                kinds = set().union(*(found[card_id] for card_id in cards.ids))
                return self._describe_resemblance(kinds) or False

            shown, secret = (
                cards.filtered(lambda card, found=found: card.id in found)
                for cards in (visible, told)
            )
            partner.card_duplicate_ids = shown
            partner.card_duplicate_reason = reason(shown)
            partner.card_duplicate_hidden = bool(secret)
            partner.card_duplicate_hidden_reason = reason(secret)

    def _get_compared_values(self):
        return {
            name: value.id if isinstance(value, models.BaseModel) else value
            for name in COMPARED_FIELDS
            if (value := self[name])
        }

    def _card_duplicates_apply(self):
        """:return: whether somebody is at work here: not the system, a mail that
        comes in, or a visitor of the website"""
        return not self.env.su and self.env.user._has_group("base.group_user")

    # ------------------------------------------------------------
    # SAVING
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Compare new customers with the cards there are.

        :raise UserError: for the tax ID, e-mail or phone number of a card, where the
            company refuses such contacts
        :raise CardAccessError: likewise, when the card is not the user's to open
        """
        if not self._card_duplicates_apply():
            return super().create(vals_list)
        resemblances = self._get_card_resemblances(
            [self._get_created_values(vals) for vals in vals_list]
        )
        visible, hidden = self._split_hidden_cards(resemblances)
        if visible or hidden:
            self._refuse_duplicates(vals_list, resemblances, visible, hidden)
        partners = super().create(vals_list)
        if visible or hidden:
            told = self._tell_hidden_cards(hidden, resemblances)
            self._log_resembled(visible, resemblances)
            partners._warn_of_duplicates(visible, told)
        return partners

    @api.model
    def _get_created_values(self, vals):
        """:return: what is compared of a new customer; nothing of a contact of one"""
        if vals.get("parent_id") or self.env.context.get("default_parent_id"):
            return {}
        return {
            name: value
            for name in COMPARED_FIELDS
            if (value := vals.get(name, self.env.context.get(f"default_{name}")))
        }

    @api.model
    def _refuse_duplicates(self, vals_list, resemblances, visible, hidden):
        if self.env.company.card_duplicate_policy != "block":
            return
        for vals, found in zip(vals_list, resemblances, strict=True):
            sure = {
                card_id: kinds & SURE_KINDS
                for card_id, kinds in found.items()
                if kinds & SURE_KINDS
            }
            if not sure:
                continue
            reason = self._describe_resemblance(set().union(*sure.values()))
            known = visible.filtered(lambda card, sure=sure: card.id in sure)
            if known:
                raise UserError(
                    self.env._(
                        "%(customer)s is a customer already (%(reason)s): %(cards)s. "
                        "Open that card instead of creating the customer again.",
                        customer=vals.get("name") or self.env._("This contact"),
                        reason=reason,
                        cards=known._get_card_names(),
                    )
                )
            self._record_refusal(
                hidden.filtered(lambda c, sure=sure: c.id in sure), sure
            )
            raise CardAccessError(
                self.env._(
                    "A customer card like this exists (%(reason)s) and is not yours "
                    "to open. Ask the department manager for it instead of creating "
                    "the customer again.",
                    reason=reason,
                ),
                values=self._get_created_values(vals),
            )

    @api.model
    def _record_refusal(self, cards, kinds):
        """What is refused is rolled back; that it was tried is not."""
        try:
            with self.env.registry.cursor() as cr:
                # never wait for a lock that the cursor at hand may hold
                cr.execute("SET LOCAL lock_timeout = '1s'")
                other = self.with_env(self.env(cr=cr))
                other._tell_hidden_cards(other.browse(cards.ids), [kinds])
        except psycopg2.Error:
            _logger.exception("A refused duplicate of the cards %s", cards.ids)

    def _warn_of_duplicates(self, visible, told):
        """Tell whoever has created ``self`` what it resembles."""
        names = ", ".join(visible[:NAMED].mapped("display_name"))
        if len(visible) > NAMED:
            names += " …"
        lines = []
        if visible:
            lines.append(
                self.env._(
                    "There is a similar customer already: %(cards)s", cards=names
                )
            )
        if told:
            lines.append(
                self.env._(
                    "A similar customer card exists that is not yours to open. Ask the "
                    "department manager for it."
                )
            )
        if lines:
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "sticky": True,
                    "title": self.env._("Possible Duplicate"),
                    "message": "\n".join(lines),
                },
            )

    # ------------------------------------------------------------
    # WHO LEARNS OF IT
    # ------------------------------------------------------------

    @api.model
    def _tell_hidden_cards(self, hidden, resemblances, asked=False):
        """Decide whether the user may learn that hidden cards exist, and record it.

        :param hidden: cards that he may not open
        :param asked: he was typing, and has created nothing
        :return: the cards whose existence he may be told
        """
        if not hidden or self.env.cr.readonly:
            return self.browse()
        plain = self._without_client_context()
        hidden = hidden.with_env(plain.env)
        told, new = plain.env["customer.card.probe"]._tell(hidden)
        # what is created is on record each time, what is typed once a day
        plain._log_resembled(new if asked else hidden, resemblances, asked)
        return self.browse(told.ids)

    @api.model
    def _without_client_context(self):
        """What is put on record when a hidden card is found must not fail by a default
        or a company that a client has put into the context: the error would tell him,
        and undo the record.

        :return: ``self`` with nothing but the language in the context
        """
        lang = self.env.user.lang
        return self.with_env(self.env(context={"lang": lang} if lang else {}))

    @api.model
    def _log_resembled(self, cards, resemblances, asked=False):
        """Enter in the ledger that contacts resemble these cards, and tell the
        custodians of what they would not see otherwise."""
        if not cards:
            return
        kinds = {card.id: set() for card in cards}
        for found in resemblances:
            for card_id in found.keys() & kinds.keys():
                kinds[card_id] |= found[card_id]
        self._schedule_duplicate_todos(
            cards.filtered(lambda card: kinds[card.id] & SURE_KINDS)
        )
        self.env["customer.card.event"]._log(
            cards,
            "resembled",
            {
                card_id: self._describe_event(self._describe_resemblance(found), asked)
                for card_id, found in kinds.items()
            },
        )

    @api.model
    def _describe_event(self, reason, asked):
        if asked:
            return self.env._("A contact like this one was typed: %s", reason)
        return self.env._("A contact like this one was created: %s", reason)

    @api.model
    def _schedule_duplicate_todos(self, cards):
        """Whoever keeps a card looks after its double: one to-do a week, however
        often the customer is created again."""
        # sudo: the keepers of a card that the user may not open
        cards = (cards - cards._card_maintained_by(self.env.user)).sudo()
        if not cards:
            return
        week_ago = fields.Datetime.now() - timedelta(days=7)
        Event = self.env["customer.card.event"].sudo()
        recent = Event.search_fetch(
            [
                ("partner_id", "in", cards.ids),
                ("kind", "=", "resembled"),
                ("date", ">", week_ago),
            ],
            ["partner_id"],
        )
        todos = []
        for card in cards - recent.partner_id:
            user = card.card_custodian_id
            if not user.active:
                user = card.card_team_id.user_id or card._get_card_managers()[:1]
            if not user:
                continue
            his = self.with_context(lang=user.lang)
            todos.append(
                (
                    card,
                    user,
                    {
                        "date_deadline": user._card_today(),
                        "summary": his.env._("Possible duplicate of this customer"),
                        "note": his.env._(
                            "%(user)s has entered a contact that resembles this customer. "
                            "See the history of the card, and talk to each other.",
                            user=self.env.user.name,
                        ),
                    },
                )
            )
        self.env["mail.activity"]._schedule_card_todos(todos)

    # ------------------------------------------------------------
    # ASKING FOR A HIDDEN CARD
    # ------------------------------------------------------------

    @api.model
    def card_find_elsewhere(self, term):
        """Ask whether a card exists that one may not open. Only for a whole name, tax
        ID, e-mail or phone number; the question is recorded, and answered a few
        times an hour.

        :param term: as typed into *Find a Customer*
        :return: whether there is one
        :raise UserError: when the user has asked too often
        """
        plain = self._without_client_context()
        return bool(plain._find_elsewhere(self._get_asked_values(term)))

    @api.model
    def action_request_similar_card(self, values):
        """Request access to a card that one may not open and whose customer's data one
        has typed. The request is a search: the manager sees whom it means, the
        requester what he typed himself.

        :param values: what was typed, a dict with ``name``, ``vat``, ``email`` or
            ``phone``, or the text of a search
        :return: the action that opens the request
        :raise UserError: when no hidden card resembles the values, or the user has
            asked too often
        """
        if not isinstance(values, dict):
            values = self._get_asked_values(values)
        plain = self._without_client_context()
        values = {name: values[name] for name in COMPARED_FIELDS if values.get(name)}
        found = plain._find_elsewhere(values)
        if not found:
            raise UserError(
                self.env._(
                    "No other customer card resembles this one. Report the customer "
                    "as a new one."
                )
            )
        card, kinds = next(iter(found.items()))
        kind = next(kind for kind in KINDS if kind in kinds)
        text = values[kind]
        Loan = plain.env["customer.card.loan"]
        own = [("borrower_id", "=", self.env.uid), ("requester_id", "=", self.env.uid)]
        pending = Loan.search(
            [
                *own,
                ("state", "in", ("draft", "submitted")),
                ("search_text", "=", text),
            ],
            limit=1,
        )
        loan = pending or Loan.create(
            # sudo: the department that decides on the card
            {"search_text": text, "team_id": card.sudo().card_team_id.id}
        )
        return loan._get_form_action()

    @api.model
    def _get_asked_values(self, term):
        """:return: what a term could be: any of the things that are compared"""
        term = matching.clean_term(term)
        values = {"name": term, "email": term, "phone": "", "vat": ""}
        if matching.get_phone_parts(term):
            values["phone"] = term
        if matching.get_code_part(term):
            values["vat"] = term
        return values

    @api.model
    def _find_elsewhere(self, values):
        """:return: ``{card: kinds}`` of the hidden cards that resemble the values and
            that the user may be told of
        :raise UserError: when the user has asked too often"""
        if not self._card_duplicates_apply():
            raise UserError(self.env._("Log in as an internal user to ask for a card."))
        if not self.env["customer.card.probe"]._may_ask():
            raise UserError(
                self.env._(
                    "You have asked for many customers in a short time. Wait an hour, "
                    "or ask the department manager."
                )
            )
        resemblances = self._get_card_resemblances([values])
        _visible, hidden = self._split_hidden_cards(resemblances)
        told = self._tell_hidden_cards(hidden, resemblances, asked=True)
        return {card: resemblances[0][card.id] for card in told}
