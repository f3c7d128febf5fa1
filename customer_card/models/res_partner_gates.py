from odoo import models

from ..exceptions import CardAccessError


class ResPartner(models.Model):
    """What takes a card out of the system: files for an address book, exports."""

    _inherit = "res.partner"

    def _check_card_take_out(self, kind):
        """Let only the keepers of a card take its data out, and record it.

        :param kind: of the ledger entry, ``exported`` or ``printed``
        :raise CardAccessError: when somebody else tries, back office and borrowers
            included: they see a card in order to work with it, here
        """
        if self.env.su or not self.env.user._has_group("base.group_user"):
            # portal users live by Odoo's own rules
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
        # sudo: only which cards these contacts belong to is read
        if card_ids := self.sudo().card_root_id.ids:
            self.env["customer.card.event"]._log(self.browse(card_ids), kind)

    def copy_data(self, default=None):
        """A copy outside the card is open to everybody: making one takes data out."""
        leaving = (
            self
            if "parent_id" in (default or {})
            # sudo: only whether there is a card is read
            else self.sudo().filtered("card_state").sudo(False)
        )
        leaving._check_card_take_out("exported")
        return super().copy_data(default)

    def _get_vcard_file(self):
        self._check_card_take_out("exported")
        return super()._get_vcard_file()

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # called for contacts that are columns of another model's export too; a bare
        # name is what Odoo shows on every document
        if any(path and path != ["display_name"] for path in fields):
            self._check_card_take_out("exported")
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
