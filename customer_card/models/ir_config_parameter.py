from odoo import api, models

from .customer_card_backup_check import PARAMETER_PREFIX


class IrConfigParameter(models.Model):
    """Where backups are kept is configured in the settings. Whoever takes the technical
    way is checked just the same."""

    _inherit = "ir.config_parameter"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_backup_parameter([vals.get("key")], vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_backup_parameter([*self.mapped("key"), vals.get("key")], vals)
        return super().write(vals)

    def unlink(self):
        self._check_backup_parameter(self.mapped("key"), {})
        return super().unlink()

    @api.model
    def _check_backup_parameter(self, keys, vals):
        """:raise AccessError: unless the user administers the cards and the system
        :raise UserError: for a folder that backups cannot be kept in"""
        keys = [key for key in keys if (key or "").startswith(PARAMETER_PREFIX)]
        if self.env.su or not keys:
            return
        Backup = self.env["customer.card.backup"]
        Backup._check_backup_administrator()
        if f"{PARAMETER_PREFIX}folder" in keys and vals.get("value"):
            Backup._check_folder(vals["value"])
