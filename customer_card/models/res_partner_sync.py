from odoo import models


class ResPartner(models.Model):
    """Odoo keeps addresses and tax ids of a company and its contacts alike, up and
    down the tree. Between a card and a card above it this stops: each custodian
    maintains his own, and saving one card never fails on another."""

    _inherit = "res.partner"

    def _is_card_below_card(self):
        """:return: whether this card stands below another one"""
        # sudo: the card above may be hidden from the user
        partner = self.sudo()
        return bool(partner.card_state and partner.parent_id.card_root_id)

    def _fields_sync(self, values):
        if not self._is_card_below_card():
            return super()._fields_sync(values)
        shared = {*self._address_fields(), *self._synced_commercial_fields()}
        own = {
            name: value
            for name, value in values.items()
            if name not in shared and name != "parent_id"
        }
        super()._fields_sync(own)
        return self._children_sync(values)

    def _update_address(self, vals):
        own = self.filtered(lambda partner: partner._is_card_below_card())
        return super(ResPartner, self - own)._update_address(vals)

    def _children_sync(self, values):
        # sudo: the user may not see every card below, and the cache of child_ids is
        # shared with the superuser's part of this method. Nothing but the address of
        # the card's own contacts and Odoo's commercial fields is written here.
        partner = self.sudo() if self.sudo().card_root_id else self
        partner.invalidate_recordset(["child_ids"])
        result = super(ResPartner, partner)._children_sync(values)
        partner.invalidate_recordset(["child_ids"])
        return result

    def _convert_fields_to_values(self, field_names):
        """What contacts take over from their company includes fields of accounting,
        which most users may not read: who imports a contact of a company would be
        refused for them."""
        denied = [
            name
            for name in field_names
            if not self._has_field_access(self._fields[name], "read")
        ]
        if self.env.su or not denied:
            return super()._convert_fields_to_values(field_names)
        self.check_access("read")
        values = super()._convert_fields_to_values(
            [name for name in field_names if name not in denied]
        )
        # sudo: of a company that the user reads, for its own contacts; Odoo's other
        # ways of taking them over are the superuser's as well
        values.update(super(ResPartner, self.sudo())._convert_fields_to_values(denied))
        return values
