from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import human_size

# There is a file, and nobody works on it.
KEPT_STATES = ("done", "verified", "verification_failed")
# A process of its own works on it.
BUSY_STATES = ("running", "verifying")


class CustomerCardBackup(models.Model):
    """One backup of the archive: the whole database and all files, in one zip that
    Odoo's own functions read and restore.

    The rows are a history. Nobody adds, edits or deletes one over RPC, whatever his
    rights; they change through the methods of this model alone, each of which checks
    who calls it.
    """

    _name = "customer.card.backup"
    _description = "Archive Backup"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_started DESC, id DESC"
    # whoever is told of a failure finishes his to-do; he still edits nothing
    _mail_post_access = "read"

    # file
    name = fields.Char("File", readonly=True, copy=False)
    folder = fields.Char(readonly=True, copy=False)
    # int4 ends at 2 GiB
    size = fields.Float("Size (Bytes)", digits=(18, 0), readonly=True)
    size_text = fields.Char("Size", compute="_compute_size_text")
    checksum = fields.Char("SHA-256", readonly=True)
    deleted_date = fields.Datetime("Deleted On", readonly=True)
    # run
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("verifying", "Being Verified"),
            ("verified", "Verified"),
            ("verification_failed", "Verification Failed"),
            ("failed", "Failed"),
            ("deleted", "Deleted by Retention"),
        ],
        "Status",
        readonly=True,
        required=True,
        default="running",
        tracking=True,
        help="Done: the file is complete.\n"
        "Verified: it was restored into a scratch database and its cards were counted.",
    )
    origin = fields.Selection(
        [("manual", "By Hand"), ("schedule", "Scheduled")],
        "Started",
        readonly=True,
        required=True,
        default="schedule",
    )
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="set null")
    date_started = fields.Datetime("Started On", readonly=True)
    date_finished = fields.Datetime("Finished On", readonly=True)
    duration = fields.Integer("Duration (Seconds)", readonly=True)
    error = fields.Text(readonly=True)
    # source: a copy of a database brings the history along, and must not touch the
    # files of the original
    database = fields.Char(readonly=True)
    database_uuid = fields.Char("Database Identifier", readonly=True)
    host = fields.Char("Server", readonly=True)
    # contents
    card_count = fields.Integer("Cards", readonly=True)
    contact_count = fields.Integer("Contacts", readonly=True)
    attachment_count = fields.Integer("Attachments", readonly=True)
    counts = fields.Json(
        readonly=True,
        help="Lowest and highest number of each while the backup ran.",
    )
    # verification
    verify_user_id = fields.Many2one(
        "res.users", "Verified By", readonly=True, ondelete="set null"
    )
    verify_started = fields.Datetime("Verification Started On", readonly=True)
    verify_finished = fields.Datetime("Verified On", readonly=True)
    verify_duration = fields.Integer("Verification (Seconds)", readonly=True)
    verify_card_count = fields.Integer("Restored Cards", readonly=True)
    verify_contact_count = fields.Integer("Restored Contacts", readonly=True)
    verify_attachment_count = fields.Integer("Restored Attachments", readonly=True)
    verify_result = fields.Text("Result of the Verification", readonly=True)

    _one_at_a_time = models.UniqueIndex(
        "((true)) WHERE state IN ('running', 'verifying')",
        "A backup or a verification is running already. Wait until it has finished.",
    )

    @api.depends("size")
    def _compute_size_text(self):
        for backup in self:
            backup.size_text = human_size(backup.size) if backup.size else ""

    @api.depends("name", "date_started")
    def _compute_display_name(self):
        for backup in self:
            backup.display_name = backup.name or self.env._("Backup")

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    @api.model
    def _may_administer_backups(self):
        """A folder on the server is a matter of the system, its contents one of the
        cards.

        :return: whether the user administers both
        """
        user = self.env.user
        return self.env.su or (user._is_card_admin() and user._is_system())

    @api.model
    def _check_backup_administrator(self):
        """:raise AccessError: unless the user administers the cards and the system"""
        if not self._may_administer_backups():
            raise AccessError(
                self.env._(
                    "Backups of the archive are for those who administer both Customer "
                    "Cards and the system. Ask somebody with both rights."
                )
            )
