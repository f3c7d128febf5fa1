from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..exceptions import CardAccessError
from .res_partner_card import CARD_TREE_FIELDS

# Decide who sees and edits a card: written by the methods of the card, or by its
# managers.
CARD_FIELDS = {"card_state", "card_number", "card_kind", *CARD_TREE_FIELDS}
# What opens a card when a new or imported contact carries it.
OPENING_FIELDS = {"card_state", "card_number", "card_custodian_id", "card_team_id"}
# What accounting may write on a card that it does not keep. Fields of addons that are
# not installed do not matter.
ACCOUNTING_FIELDS = {
    "autopost_bills",
    "bank_account_count",
    "bank_ids",
    "credit_limit",
    "customer_rank",
    "debit_limit",
    "global_location_number",
    "ignore_abnormal_invoice_amount",
    "ignore_abnormal_invoice_date",
    "invoice_edi_format",
    "invoice_sending_method",
    "invoice_template_pdf_report_id",
    "invoice_warn_msg",
    "peppol_eas",
    "peppol_endpoint",
    "property_account_payable_id",
    "property_account_position_id",
    "property_account_receivable_id",
    "property_inbound_payment_method_line_id",
    "property_outbound_payment_method_line_id",
    "property_payment_term_id",
    "property_product_pricelist",
    "property_purchase_currency_id",
    "property_supplier_payment_term_id",
    "supplier_rank",
    "trust",
    "use_partner_credit_limit",
}
# Followers and activities: the chatter of a card is guarded by its own rules.
CHATTER_FIELDS = {"message_follower_ids", "message_partner_ids", "activity_ids"}


class ResPartner(models.Model):
    """What the record rules cannot say: they check a partner before a write and never
    after, and do not know fields."""

    _inherit = "res.partner"

    # ------------------------------------------------------------
    # CREATE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A new contact that comes with a card number, a custodian or a department
        (from an import, say) gets its card at once."""
        if self._has_card_trust():
            return super().create(vals_list)
        openings = []
        defaults, plain = self._split_card_defaults()
        # copies: an import tries the same values again after an error
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("parent_id"):
                self._check_card_parent(self._get_parent_id(vals))
            else:
                vals.update(defaults | vals)
            openings.append(self._pop_card_values(vals))
        partners = super(ResPartner, plain).create(vals_list).with_env(self.env)
        for partner, opening in zip(partners, openings, strict=True):
            if opening:
                partner._open_card_with(opening)
        return partners

    @api.model
    def _split_card_defaults(self):
        """Take the defaults of card fields out of the context: they count as values
        of a new customer (the *New* button of the cards), and not at all for a contact
        person, whom the card of his company covers.

        :return: ``({field: value}, self without these defaults)``
        """
        defaults = {
            name: self.env.context[f"default_{name}"]
            for name in sorted(CARD_FIELDS)
            if f"default_{name}" in self.env.context
        }
        if not defaults:
            return defaults, self
        context = {
            key: value
            for key, value in self.env.context.items()
            if key.removeprefix("default_") not in defaults
        }
        return defaults, self.with_env(self.env(context=context))

    @api.model
    def _pop_card_values(self, vals):
        """Take the card fields out of ``vals``.

        :return: the ones that have a value, empty when none of them opens a card
        """
        values = {
            name: value
            for name in sorted(CARD_FIELDS & vals.keys())
            if (value := vals.pop(name))
        }
        return values if OPENING_FIELDS & values.keys() else {}

    def _open_card_with(self, values):
        """Open the card of this contact with values that a client or a file brought.

        :param values: card fields; a salesperson can only give the card to himself,
            a manager to the teams that he manages
        :raise UserError: when the contact may not have a card
        """
        self.ensure_one()
        values = dict(values)
        state = values.pop("card_state", None)
        values.pop("card_root_id", None)
        users = self.env["res.users"].browse(values.pop("card_custodian_id", None))
        teams = self.env["crm.team"].browse(values.pop("card_team_id", None))
        self._check_card_opening(users, teams)
        _opened, refused = self._open_cards(users or None, teams or None)
        if refused:
            raise UserError(
                self.env._(
                    "%(partner)s cannot have a customer card: %(reason)s",
                    partner=self.display_name,
                    reason=refused[self],
                )
            )
        if state and (self.env.su or self in self._card_managed_by(self.env.user)):
            values["card_state"] = state
        if values:
            self._with_card_trust().write(values)

    def _check_card_opening(self, custodian, team):
        """:raise AccessError: when the user may not open cards for this custodian and
        in this team"""
        user = self.env.user
        if self.env.su or user._is_card_admin():
            return
        managed = user._card_managed_team_ids()
        if team and team.id in managed:
            return
        # sudo: the custodian's department
        if not team and custodian and custodian.sudo().sale_team_id.id in managed:
            return
        own = not custodian or custodian == user
        if own and user._is_card_user() and team in (user.sale_team_id, team.browse()):
            return
        raise AccessError(
            self.env._(
                "You may open cards for yourself in your own department. Ask the "
                "manager of the department to open cards for somebody else."
            )
        )

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    def write(self, vals):
        if self._has_card_trust():
            return self._write_card_fields(vals)
        if not self.env.su:
            self._check_card_accounting_write(vals)
            self._check_card_archive(vals)
            if "is_company" in vals:
                # the base writes this field as superuser before it checks
                self.check_access("write")
        if "parent_id" in vals:
            self._check_card_move(self._get_parent_id(vals))
        if CARD_FIELDS & vals.keys():
            vals = dict(vals)
            self._write_checked_card_values(
                {name: vals.pop(name) for name in CARD_FIELDS & vals.keys()}
            )
            if not vals:
                return True
        return super().write(vals)

    def _write_checked_card_values(self, values):
        """Write card fields that come from a user: a manager may change the keepers,
        the custodian the kind; everything else is done by methods.

        :raise CardAccessError: when the user may not
        """
        changed = self._filter_changed_card_values(values)
        if not changed:
            return
        if "card_root_id" in values or (
            "card_state" in values and not self.env.su and changed.card_root_id
        ):
            raise AccessError(
                self.env._(
                    "The status of a card is changed with its own buttons: Confirm, "
                    "Set Dormant, Take Up Again, Close Card, Reopen."
                )
            )
        without = changed.filtered(lambda partner: not partner.card_state)
        for partner in without:
            opening = {name: value for name, value in values.items() if value}
            if not OPENING_FIELDS & opening.keys():
                continue
            partner.check_access("write")
            if partner.card_root_id:
                # a card of its own under somebody's card: he decides
                partner.card_root_id._check_card_managed()
            partner._open_card_with(opening)
        cards = changed - without
        if not cards:
            return
        if values.keys() == {"card_kind"}:
            cards._check_card_maintained()
        else:
            cards._check_card_managed()
            if values.get("card_team_id"):
                cards._check_card_team(values["card_team_id"])
        cards._with_card_trust().write(values)

    def _filter_changed_card_values(self, values):
        # sudo: comparing with the present value tells nothing that is not in values
        changed = self.sudo().filtered(
            lambda partner: any(
                partner._fields[name].convert_to_write(partner[name], partner)
                != (value or False)
                for name, value in partner._normalize_card_values(values).items()
            )
        )
        return self.browse(changed.ids)

    def _normalize_card_values(self, values):
        """:return: values as the fields themselves would write them"""
        return {
            name: self._fields[name].convert_to_write(
                self._fields[name].convert_to_record(
                    self._fields[name].convert_to_cache(value, self), self
                ),
                self,
            )
            for name, value in values.items()
        }

    def _check_card_team(self, team_id):
        """:raise AccessError: when the user gives a card to a department that he does
        not manage"""
        user = self.env.user
        if not (
            self.env.su
            or user._is_card_admin()
            or team_id in user._card_managed_team_ids()
        ):
            raise AccessError(
                self.env._(
                    "%(cards)s: you can only give a card to a department that you "
                    "manage. Ask the regional manager.",
                    cards=self._get_card_names(),
                )
            )

    def _write_card_fields(self, vals):
        """Write card fields by a method that has checked the user, and record what
        happened to the keepers."""
        before = {
            # sudo: values before a write that has been checked
            name: {partner: partner[name] for partner in self.sudo()}
            for name in CARD_TREE_FIELDS
            if name in vals
        }
        result = super().write(vals)
        if {"card_deputy_id", "card_custodian_id"} & vals.keys():
            # who stands in for whom is cached for the record rules
            self.env.registry.clear_cache()
        self._log_keeper_changes(before)
        return result

    def _log_keeper_changes(self, before):
        """Enter changed keepers in the ledger, one entry per card and field."""
        Event = self.env["customer.card.event"]
        for name, kind in (
            ("card_custodian_id", "custodian_changed"),
            ("card_team_id", "team_changed"),
            ("card_deputy_id", "deputy_changed"),
        ):
            descriptions = {
                partner.id: self.env._(
                    "%(old)s → %(new)s",
                    old=old.display_name or "–",
                    new=partner[name].display_name or "–",
                )
                for partner, old in before.get(name, {}).items()
                if partner[name] != old
            }
            if descriptions:
                Event._log(self.browse(descriptions), kind, descriptions)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.model
    def _get_card_accounting_fields(self):
        """:return: names of the fields that accounting may write on every card. Other
        addons add their own."""
        return ACCOUNTING_FIELDS | CHATTER_FIELDS

    def _check_card_accounting_write(self, vals):
        """:raise CardAccessError: when somebody who only passes the record rule for
        his accounting work writes anything else"""
        if not self.env.user._is_card_accountant():
            return
        identity = vals.keys() - self._get_card_accounting_fields()
        if identity and (foreign := self._filter_foreign_cards()):
            raise CardAccessError(
                self.env._(
                    "%(cards)s: accounting may change payment terms, accounts, "
                    "credit and bank on a customer card, but not %(fields)s. Ask the "
                    "custodian %(custodians)s.",
                    cards=foreign._get_card_names(),
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(identity & self._fields.keys())
                    ),
                    custodians=", ".join(
                        # sudo: the custodian's name, who is asked instead
                        foreign.sudo().card_custodian_id.mapped("name")
                    ),
                ),
                foreign.ids,
            )

    def _check_card_archive(self, vals):
        """A card is closed by its manager; archiving it on the quiet would take it
        out of everybody's sight."""
        if "active" in vals and not vals["active"]:
            # sudo: only whether these are cards is read
            cards = self.browse(self.sudo().filtered("card_state").ids)
            cards._check_card_managed()

    @api.model
    def _get_parent_id(self, vals):
        """:return: the id of the parent in ``vals``; Python may write a record"""
        parent = vals["parent_id"]
        return parent.id if isinstance(parent, models.BaseModel) else parent

    def _check_card_parent(self, parent_id):
        """:raise CardAccessError: when a contact is put under a card that the user
        does not keep"""
        # sudo: only whether there is a card is read
        parent = self.browse(parent_id).sudo().exists()
        if parent.card_root_id:
            self.browse(parent_id)._check_card_maintained()

    def _check_card_move(self, parent_id):
        """Guard a new parent. Under a card: only by whoever keeps it. Out of a card:
        only by its manager, because a contact without card is open to everybody.

        :raise CardAccessError: when the user may not
        """
        if self.env.su:
            return
        # sudo: which contacts move; they are checked below
        moved = self.sudo().filtered(lambda p: p.parent_id.id != (parent_id or False))
        if not moved:
            return
        if parent_id:
            self._check_card_parent(parent_id)
        root = (
            # sudo: whether there is a card, to check the access to it
            self.browse(parent_id).sudo().card_root_id if parent_id else self.browse()
        )
        leaving = moved.filtered(
            lambda p: p.card_root_id and not p.card_state and p.card_root_id != root
        )
        self.browse(leaving.ids)._check_card_managed()
