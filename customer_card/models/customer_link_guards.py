from odoo import api, models
from odoo.fields import Command

from ..exceptions import CardAccessError


class ResPartnerBank(models.Model):
    """Bank accounts: readable and writable by every contact manager in plain Odoo."""

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "customer.link.guard.mixin"]

    @api.model
    def _filter_linkable_partners(self, partners):
        """The record rule looks at the owner before a write, never at the new one."""
        if self.env.user._is_card_accountant():
            return partners
        return partners._filter_card_maintained()


class ResPartnerCategory(models.Model):
    """Tags: written from their own side, they pass by the contacts that they tag."""

    _name = "res.partner.category"
    _inherit = ["res.partner.category", "customer.link.guard.mixin"]

    def write(self, vals):
        if vals.get("partner_ids") and not self.env.su:
            self._check_card_untagging(vals["partner_ids"])
        return super().write(vals)

    @api.model
    def _filter_linkable_partners(self, partners):
        return partners._filter_card_maintained()

    def _check_card_untagging(self, commands):
        """:raise CardAccessError: when customers lose a tag whom the user does not
        keep, hidden ones included"""
        # sudo: whom the tags are on; nothing of it is shown
        present = set(self.sudo().with_context(active_test=False).partner_ids.ids)
        kept = present
        if isinstance(commands, models.BaseModel):
            commands = [Command.set(commands.ids)]
        for command in commands:
            if command[0] in (Command.UNLINK, Command.DELETE):
                kept = kept - {command[1]}
            elif command[0] == Command.CLEAR:
                kept = set()
            elif command[0] == Command.SET:
                kept = kept & set(command[2])
        partners = self.env["res.partner"].browse(sorted(present - kept))
        if foreign := partners._filter_foreign_cards():
            raise CardAccessError(
                self.env._(
                    "%(tags)s: this would take the tag off customers whose cards you "
                    "do not keep. Take it off your own contacts one by one.",
                    tags=", ".join(self.mapped("display_name")),
                ),
                foreign.ids,
            )
