from odoo import api, fields, models

SETTINGS = ("folder", "keep_count", "keep_weeks", "alert_days", "verify_monthly")


class ResConfigSettings(models.TransientModel):
    """Backups of the archive, and the storage of the cards' documents. For the whole
    system, not for one company. They are read and written here by hand: a field with
    ``config_parameter`` would be saved for anybody who may open the settings."""

    _inherit = "res.config.settings"

    card_backup_folder = fields.Char("Backup Folder")
    card_backup_keep_count = fields.Integer("Backups to Keep")
    card_backup_keep_weeks = fields.Integer("Weeks to Keep")
    card_backup_alert_days = fields.Integer("Alert After (Days)")
    card_backup_verify_monthly = fields.Boolean("Verify Every Month")
    card_document_folder = fields.Char("Folder of Documents", readonly=True)
    card_document_status = fields.Char("Documents", readonly=True)

    @api.model
    def get_values(self):
        values = super().get_values()
        # a public method: folders of the server are for the users of the settings
        if not self.has_access("create"):
            return values
        settings = self.env["customer.card.backup"]._get_settings()
        values.update({f"card_backup_{key}": settings[key] for key in SETTINGS})
        # sudo: numbers and a path, for the users of the settings
        Attachment = self.env["ir.attachment"].sudo()
        values["card_document_folder"] = Attachment._get_card_document_folder()
        values["card_document_status"] = Attachment._get_card_document_status()
        return values

    def set_values(self):
        """:raise AccessError: when a setting of the backups changes, unless the user
        administers the cards and the system
        :raise UserError: for a folder that backups cannot be kept in
        """
        result = super().set_values()
        Backup = self.env["customer.card.backup"]
        current = Backup._get_settings()
        changed = {
            key: self[f"card_backup_{key}"] or type(current[key])()
            for key in SETTINGS
            if (self[f"card_backup_{key}"] or type(current[key])()) != current[key]
        }
        if changed:
            Backup._set_settings(changed)
        return result

    def action_open_card_backups(self):
        """Open the list of backups."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_card.customer_card_backup_action"
        )

    def action_open_card_backup_schedule(self):
        """Open the scheduled action of the weekly backup: its day and hour.

        :raise AccessError: unless the user administers the cards and the system
        """
        self.env["customer.card.backup"]._check_backup_administrator()
        cron = self.env.ref("customer_card.customer_card_backup_cron_weekly")
        return cron._get_records_action(name=cron.name)

    def action_place_card_documents(self):
        """Start moving documents into and out of the cards' folder.

        :raise AccessError: unless the user administers the cards and the system
        """
        self.env["customer.card.backup"]._check_backup_administrator()
        # sudo: when it runs has nothing to do with the user's rights
        self.env.ref(
            "customer_card.ir_attachment_cron_card_documents"
        ).sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The documents are being moved."),
            },
        }
