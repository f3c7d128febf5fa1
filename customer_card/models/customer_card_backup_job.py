import contextlib
import json
import logging
import os
import re
import socket

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.backup_folder import archive_path, take_lock
from ..tools.backup_process import start_job
from .customer_card_backup import BUSY_STATES, KEPT_STATES

_logger = logging.getLogger(__name__)


class BackupBusy(UserError):
    """Another job is running: no failure, its turn comes later."""


class CustomerCardBackup(models.Model):
    """Starting backups and verifications, and taking in what came of them.

    A job runs in a process of its own (see ``tools/backup_process.py``), begun once the
    row that tells of it is committed: so the row survives whatever happens. The process
    leaves its outcome in a file; the next look at the running jobs takes it in.
    """

    _inherit = "customer.card.backup"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_back_up(self):
        """Start a backup now.

        :raise AccessError: unless the user administers the cards and the system
        :raise UserError: when no backup can be made, saying why
        """
        self._check_backup_administrator()
        self._collect()
        self._start("manual")
        return self._get_started_notification(
            self.env._("The backup is running. It goes on when you leave this page.")
        )

    def action_verify(self):
        """Restore this backup into a scratch database, and count what is in it.

        :raise AccessError: unless the user administers the cards and the system
        :raise UserError: when there is no file, or another job is running
        """
        self.ensure_one()
        self._check_backup_administrator()
        self._collect()
        self._start_verification()
        return self._get_started_notification(
            self.env._("The backup is being restored into a scratch database.")
        )

    def action_refresh(self):
        """See whether running jobs have finished.

        :raise AccessError: unless the user administers the cards and the system
        """
        self._check_backup_administrator()
        self._collect()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _get_started_notification(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    @api.model
    def _start(self, origin):
        """Check everything, enter the backup in the history, and start it as soon as
        the entry is committed.

        :param origin: manual, schedule
        :raise UserError: when no backup can be made, saying why
        """
        self._check_idle()
        folder = self._check_folder(self._get_settings()["folder"])
        self._check_tools("pg_dump")
        lock = self._take_lock(folder)
        self._check_space(folder)
        # sudo: nobody has a right to write here; the callers check theirs
        backup = self.sudo().create(
            {
                **self._get_origin_values(),
                "host": socket.gethostname(),
                "origin": origin,
                "folder": folder,
                "user_id": self.env.uid,
                "date_started": fields.Datetime.now(),
            }
        )
        backup.name = backup._make_name()
        backup._start_after_commit("backup", lock)
        return backup

    def _start_verification(self):
        self.ensure_one()
        self._check_idle()
        if self.state not in KEPT_STATES or not self._filter_ours():
            raise UserError(
                self.env._(
                    "%(backup)s: there is no file here that could be verified.",
                    backup=self.display_name,
                )
            )
        folder = self._check_folder(self.folder)
        self._check_tools("psql")
        lock = self._take_lock(folder)
        # sudo: as above
        self.sudo().write(
            {
                "state": "verifying",
                "verify_user_id": self.env.uid,
                "verify_started": fields.Datetime.now(),
                "verify_finished": False,
                "verify_duration": 0,
                "verify_card_count": 0,
                "verify_contact_count": 0,
                "verify_attachment_count": 0,
                "verify_result": False,
            }
        )
        self._start_after_commit("verify", lock)

    def _make_name(self):
        self.ensure_one()
        database = re.sub(r"[^A-Za-z0-9_-]", "_", self.database).lstrip("_-") or "odoo"
        return f"{database}-{self.date_started:%Y%m%d-%H%M%S}-{self.id}.zip"

    @api.model
    def _check_idle(self):
        """The unique index says the same to two who come at the same time.

        :raise BackupBusy: when a job is running
        """
        # sudo: whoever may start a job may know of the others
        if self.sudo().search_count([("state", "in", BUSY_STATES)], limit=1):
            raise BackupBusy(
                self.env._(
                    "A backup or a verification is running already. Wait until it has "
                    "finished."
                )
            )

    @api.model
    def _take_lock(self, folder):
        """:return: file with the lock of the folder, which lives as long as it is open
        :raise BackupBusy: when another process works there, also another database's
        :raise UserError: when the folder has no proper lock
        """
        try:
            descriptor = take_lock(folder)
        except OSError as error:
            raise UserError(
                self.env._(
                    "%(folder)s cannot be locked: %(message)s",
                    folder=folder,
                    message=error.strerror,
                )
            ) from error
        if descriptor is None:
            raise BackupBusy(
                self.env._(
                    "Another backup or verification is working in %(folder)s. Wait "
                    "until it has finished.",
                    folder=folder,
                )
            )
        return os.fdopen(descriptor, "r+")

    def _start_after_commit(self, kind, lock):
        """Start the process once this transaction is committed, and hand the lock
        over to it: between the two nobody takes the job for an interrupted one."""
        self.ensure_one()
        job = self._get_job(kind)
        # sudo: its time has nothing to do with the user's rights
        self.env.ref("customer_card.customer_card_backup_cron_watch").sudo()._trigger(
            at=fields.Datetime.add(fields.Datetime.now(), minutes=1)
        )

        def start():
            with lock:
                try:
                    start_job(job, lock.fileno())
                except OSError:
                    # the next look finds a job that nobody works on
                    _logger.exception("Could not start %s of %s", kind, job["path"])

        self.env.cr.postcommit.add(start)
        self.env.cr.postrollback.add(lock.close)

    def _get_job(self, kind):
        """:return: what the process has to know, see ``tools/backup_job.py``"""
        self.ensure_one()
        return {
            "kind": kind,
            "database": self.database,
            "path": archive_path(self.folder, self.name),
            "outcome": self._get_outcome_path(),
            "checksum": self.checksum or "",
            "counts": self.counts or {},
        }

    # ------------------------------------------------------------
    # OUTCOME
    # ------------------------------------------------------------

    @api.model
    def _collect(self):
        """Take in what came of the jobs that have finished, or were interrupted.

        :return: the backups that were running and no longer are
        """
        # sudo: nobody has a right to write here
        busy = self.sudo().search([("state", "in", BUSY_STATES)])
        busy = busy.try_lock_for_update(allow_referencing=True)
        collected = self.browse()
        for backup in busy:
            outcome = backup._get_outcome()
            if outcome:
                backup._take_in(outcome)
                collected |= backup
        return collected

    def _read_outcome(self):
        """:return: what the process left, or None"""
        self.ensure_one()
        path = self._get_outcome_path()
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return None
        with os.fdopen(descriptor, encoding="utf-8") as stream:
            if os.fstat(descriptor).st_uid != os.geteuid():
                return None
            return json.load(stream)

    def _get_outcome(self):
        """:return: what came of a job, also when nobody works on it any more; None
        while somebody does"""
        self.ensure_one()
        interrupted = {"ok": False, "code": f"{self.state}_interrupted", "details": {}}
        if not self._filter_ours():
            # another server's processes cannot be seen from here
            since = "verify_started" if self.state == "verifying" else "date_started"
            return None if self._is_recent(since, days=1) else interrupted
        try:
            descriptor = take_lock(self.folder)
        except OSError:
            return interrupted
        if descriptor is None:
            return None
        os.close(descriptor)
        return self._read_outcome() or interrupted

    def _take_in(self, outcome):
        """Write an outcome into the history, and raise or clear the alarm."""
        self.ensure_one()
        take = (
            self._take_in_verification
            if self.state == "verifying"
            else self._take_in_backup
        )
        take(outcome)
        with contextlib.suppress(OSError):
            os.unlink(self._get_outcome_path())

    def _take_in_backup(self, outcome):
        now = fields.Datetime.now()
        if not outcome["ok"]:
            self._remove_unfinished()
            self.write(
                {
                    "state": "failed",
                    "date_finished": now,
                    "error": self._get_error_text(outcome),
                }
            )
            self._raise_alarm(self.error)
            return
        counts = outcome["counts"]
        self.write(
            {
                "state": "done",
                "date_finished": fields.Datetime.add(
                    self.date_started, seconds=outcome["seconds"]
                ),
                "duration": max(round(outcome["seconds"]), 1),
                "size": outcome["size"],
                "checksum": outcome["checksum"],
                "counts": counts,
                "card_count": counts["cards"][1],
                "contact_count": counts["contacts"][1],
                "attachment_count": counts["attachments"][1],
            }
        )
        self._clear_alarms(("failed",))
        self._apply_retention()

    def _take_in_verification(self, outcome):
        now = fields.Datetime.now()
        restored = outcome.get("restored") or outcome.get("details", {})
        values = {
            "state": "verified" if outcome["ok"] else "verification_failed",
            "verify_finished": now,
            "verify_duration": max(
                round(
                    outcome.get("seconds")
                    or (now - self.verify_started).total_seconds()
                ),
                1,
            ),
            "verify_card_count": restored.get("cards", 0),
            "verify_contact_count": restored.get("contacts", 0),
            "verify_attachment_count": restored.get("attachments", 0),
        }
        if outcome["ok"]:
            text = self.env._(
                "Restored, and complete: %(cards)s cards, %(contacts)s contacts, "
                "%(attachments)s attachments.",
                **restored,
            )
            self.write({**values, "verify_result": text})
            self._clear_alarms(("verification_failed", "verified"))
        else:
            self.write({**values, "verify_result": self._get_error_text(outcome)})
            self._raise_alarm(self.verify_result)
