from odoo import api, models
from odoo.exceptions import UserError

from ..exceptions import CardAccessError

# What a customer is called is shown by Odoo on every document.
FREE_NAMES = frozenset({"id", ".id", "display_name"})
# Set in the context by the controller of /json: it can only take away.
JSON_ROUTE = "card_json_route"


class ResPartner(models.Model):
    """What takes a card out of the system: prints, files for an address book, exports.

    The keepers of a card may take it out. Where their company says so, they need an
    approved ``customer.card.export`` for everything but a print.
    """

    _inherit = "res.partner"

    # ------------------------------------------------------------
    # THE GATE
    # ------------------------------------------------------------

    def _check_card_take_out(
        self, kind, description="", way=None, names=(), unique=False
    ):
        """Let only the keepers of a card take its data out, and record it.

        :param kind: of the ledger entry, ``exported`` or ``printed``
        :param description: of the ledger entry
        :param way: out: ``table``, ``vcard``, ``json``, ``copy``; a print has none
        :param names: of the fields that are taken out
        :param unique: record each card once in this transaction
        :raise CardAccessError: when somebody else tries, back office and borrowers
            included: they see a card in order to work with it, here
        :raise UserError: when an export has to be approved first
        """
        if not self._is_behind_card_gate():
            return
        self._check_card_take_out_rights()
        # sudo: only which cards these contacts belong to is read
        card_ids = self.sudo().card_root_id.ids
        if not card_ids:
            return
        cards = self.browse(card_ids)
        document = None
        if way and self.env.user._card_export_needs_approval():
            document = self.env["customer.card.export"]._take(cards, way, set(names))
            description = " · ".join(filter(None, (document.name, description)))
        if unique:
            # of a path in an export of other documents, called for each of them
            logged = self.env.cr.precommit.data.setdefault("customer_card_taken", set())
            cards = cards.filtered(lambda card: (self.env.uid, card.id) not in logged)
            logged.update((self.env.uid, card_id) for card_id in cards.ids)
        if cards:
            self.env["customer.card.event"]._log(
                cards, kind, description, document=document
            )

    def _check_card_take_out_rights(self):
        """:raise CardAccessError: unless the user keeps every card of ``self``"""
        if not self._is_behind_card_gate():
            return
        if foreign := self._filter_foreign_cards():
            raise CardAccessError(
                self.env._(
                    "%(cards)s: the data of a customer card leaves the system only "
                    "through its custodian or the manager of its department. Take "
                    "these customers out of your selection, or ask for a paper loan.",
                    cards=foreign._get_card_names(),
                ),
                foreign.ids,
            )

    @api.model
    def _is_behind_card_gate(self):
        """:return: whether the user is checked: portal users live by Odoo's own rules"""
        return not self.env.su and self.env.user._has_group("base.group_user")

    # ------------------------------------------------------------
    # WAYS OUT
    # ------------------------------------------------------------

    def copy_data(self, default=None):
        """A copy outside the card is open to everybody: making one takes data out."""
        leaving = (
            self
            if "parent_id" in (default or {})
            # sudo: only whether there is a card is read
            else self.sudo().filtered("card_state").sudo(False)
        )
        leaving._check_card_copy()
        return super().copy_data(default)

    def _check_card_copy(self):
        """:raise UserError: where exports are approved: nobody approves a copy"""
        # sudo: only whether there is a card is read
        if (
            self._is_behind_card_gate()
            and self.sudo().card_root_id
            and not self.env.user._is_card_admin()
            and self.env.user._card_export_needs_approval()
        ):
            raise UserError(
                self.env._(
                    "%(cards)s: a copy would take the data out of the card, and your "
                    "company has exports approved. Enter the new customer by hand, or "
                    "ask an administrator of Customer Cards.",
                    cards=self._get_card_names(),
                )
            )
        self._check_card_take_out("exported")

    def _get_vcard_file(self):
        self._check_card_take_out("exported", "vCard", way="vcard")
        return super()._get_vcard_file()

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # called for contacts that are columns of another model's export too
        names = {path[0].split(".")[0] or path[0] for path in fields if path}
        if names - FREE_NAMES:
            self._check_card_take_out(
                "exported",
                self.env._("rows: %(count)s", count=len(self)),
                way="table",
                names=names - FREE_NAMES,
                unique=not _is_toplevel_call,
            )
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    # ------------------------------------------------------------
    # JSON
    # ------------------------------------------------------------

    def web_read(self, specification):
        names = specification.keys() - FREE_NAMES
        if names and self.env.context.get(JSON_ROUTE):
            self._check_card_take_out(
                "exported", "JSON", way="json", names=names, unique=True
            )
        return super().web_read(specification)

    @api.model
    def _get_card_path(self):
        return "card_root_id"
