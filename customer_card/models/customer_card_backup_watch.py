import os
import socket
import stat

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..tools.backup_folder import archive_path
from .customer_card_backup import BUSY_STATES, KEPT_STATES
from .customer_card_backup_job import BackupBusy

TODO = "mail.mail_activity_data_todo"
VERIFY_EVERY_DAYS = 30


class CustomerCardBackup(models.Model):
    """What nobody should have to think of: the weekly backup, the monthly verification,
    deleting old files, and telling the administrators when something is wrong."""

    _inherit = "customer.card.backup"

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_back_up(self):
        """Start the weekly backup. That it cannot start is a failure like any other."""
        self._collect()
        if not self._get_settings()["folder"]:
            return
        try:
            self._start("schedule")
        except BackupBusy:
            # often another database of this server, at the same hour
            self.env.ref("customer_card.customer_card_backup_cron_weekly")._trigger(
                at=fields.Datetime.add(fields.Datetime.now(), minutes=15)
            )
        except UserError as error:
            self._fail(str(error))
        # the process starts after this commit
        self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _cron_watch(self):
        """Take in finished jobs, start the monthly verification, notice that no backup
        was made. Runs daily, and every minute while a job is running."""
        self._collect()
        # what is on record now stays so, whatever the following steps meet
        self.env["ir.cron"]._commit_progress(1)
        self._check_missed()
        self._verify_if_due()
        self.env["ir.cron"]._commit_progress(1)
        if self.search_count([("state", "in", BUSY_STATES)], limit=1):
            self.env.ref("customer_card.customer_card_backup_cron_watch")._trigger(
                at=fields.Datetime.add(fields.Datetime.now(), minutes=1)
            )

    @api.model
    def _check_missed(self):
        """Somebody must hear of it when scheduled actions do not run. Once in as many
        days: an entry of the history, failed ones too, has told already."""
        settings = self._get_settings()
        days = settings["alert_days"]
        if not days or not settings["folder"]:
            return
        newest = self.search([], limit=1)
        # the folder was set just now: the first backup is still to come
        since = newest.date_started or self._get_configured_date()
        if since >= fields.Datetime.subtract(fields.Datetime.now(), days=days):
            return
        self._fail(
            self.env._(
                "No backup of the archive has been made for %(days)s days. Look "
                "whether scheduled actions are running, and make one by hand.",
                days=days,
            )
        )

    @api.model
    def _get_configured_date(self):
        # sudo: only when the folder was set is read
        parameter = (
            self.env["ir.config_parameter"]
            .sudo()
            .search([("key", "=", "customer_card.backup_folder")])
        )
        return parameter.write_date or fields.Datetime.now()

    @api.model
    def _verify_if_due(self):
        """Verify the newest backup, once a month."""
        if not self._get_settings()["verify_monthly"]:
            return
        newest = self.search([("state", "in", KEPT_STATES)])._filter_ours()[:1]
        recent = fields.Datetime.subtract(fields.Datetime.now(), days=VERIFY_EVERY_DAYS)
        if newest.state != "done" or self.search_count(
            [("verify_started", ">=", recent)], limit=1
        ):
            return
        try:
            newest._start_verification()
        except BackupBusy:
            return  # the next look is at most a day away
        except UserError as error:
            newest.write(
                {
                    "verify_started": fields.Datetime.now(),
                    "verify_finished": fields.Datetime.now(),
                    "verify_result": str(error),
                    "state": "verification_failed",
                }
            )
            newest._raise_alarm(newest.verify_result)

    @api.model
    def _fail(self, text):
        """Enter a backup that could not even begin in the history."""
        now = fields.Datetime.now()
        # sudo: nobody has a right to write here
        backup = self.sudo().create(
            {
                **self._get_origin_values(),
                "host": socket.gethostname(),
                "state": "failed",
                "user_id": self.env.uid,
                "folder": self._get_settings()["folder"],
                "date_started": now,
                "date_finished": now,
                "error": text,
            }
        )
        backup._raise_alarm(text)
        return backup

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.model
    def _apply_retention(self):
        """Delete the files that are neither among the newest ones nor young enough, as
        configured. What stays in any case: the newest file, and the newest of those
        that are known to restore."""
        settings = self._get_settings()
        count, weeks = settings["keep_count"], settings["keep_weeks"]
        if not count and not weeks:
            return
        # sudo: nobody has a right to write here
        kept = self.sudo().search([("state", "in", KEPT_STATES)])._filter_ours()
        spared = kept[: max(count, 1)]
        spared |= kept.filtered(lambda backup: backup.state == "verified")[:1]
        if weeks:
            spared |= kept.filtered(lambda b: b._is_recent("date_started", weeks * 7))
        for backup in kept - spared:
            backup._delete_file()

    def _delete_file(self):
        self.ensure_one()
        gone = not os.path.lexists(archive_path(self.folder, self.name))
        try:
            self._remove_file("", ".sha256")
        except OSError as error:
            self.error = self.env._(
                "It should have been deleted, but: %(message)s", message=error.strerror
            )
            return
        self.write(
            {
                "state": "deleted",
                "deleted_date": fields.Datetime.now(),
                "error": gone and self.env._("The file was no longer there."),
            }
        )

    def _remove_unfinished(self):
        """Remove what an interrupted backup left. A file that has its name is complete,
        and stays: perhaps this very database was restored from it, and finds itself
        just being backed up in there."""
        self.ensure_one()
        complete = self.name and os.path.lexists(archive_path(self.folder, self.name))
        self._remove_file(".part", *(() if complete else (".sha256",)))

    def _remove_file(self, *suffixes):
        """Remove files of this backup that this database made, and nothing else.

        :raise OSError: when a file cannot be removed
        """
        self.ensure_one()
        if not self.name or not self._filter_ours():
            return
        for suffix in suffixes:
            path = archive_path(self.folder, self.name) + suffix
            try:
                if stat.S_ISREG(os.lstat(path).st_mode):
                    os.unlink(path)
            except FileNotFoundError:
                continue

    # ------------------------------------------------------------
    # ALARM
    # ------------------------------------------------------------

    @api.model
    def _get_administrators(self):
        """:return: users who administer the cards (sudo)"""
        group = self.env.ref("customer_card.customer_card_group_administrator")
        # sudo: who the administrators are is no secret
        return group.sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share and not user._is_superuser()
        )

    def _raise_alarm(self, text):
        """Give every card administrator a to-do and a mail, in his language.

        :param text: what went wrong
        """
        self.ensure_one()
        mails = []
        for user in self._get_administrators():
            backup = self.with_context(lang=user.lang)
            summary = (
                backup.env._("A backup does not restore")
                if self.state == "verification_failed"
                else backup.env._("The backup of the archive failed")
            )
            # sudo: scheduled actions have no rights of their own here
            backup.sudo().with_context(
                mail_activity_quick_update=True
            ).activity_schedule(
                TODO, summary=summary, note=plaintext2html(text), user_id=user.id
            )
            if user.email:
                mails.append(
                    {
                        "subject": f"{summary}: {self.database}",
                        "body_html": backup.env["ir.qweb"]._render(
                            "customer_card.customer_card_backup_alarm",
                            {"text": text, "backup": backup.sudo()},
                        ),
                        "recipient_ids": [(4, user.partner_id.id)],
                        "auto_delete": True,
                    }
                )
        # sudo: as above
        self.env["mail.mail"].sudo().create(mails)

    @api.model
    def _clear_alarms(self, states):
        """The to-dos of earlier failures are done with.

        :param states: of the backups whose to-dos go
        """
        # sudo: the to-dos of all administrators
        self.sudo().search(
            [("state", "in", states), ("activity_ids", "!=", False)]
        ).activity_unlink([TODO])
