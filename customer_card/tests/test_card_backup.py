import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
import zipfile
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import config, mute_logger

from ..tools import backup_folder, backup_job
from ..tools.backup_folder import LOCK_NAME, archive_path, outcome_path, take_lock
from .common import CustomerCardCommon, CustomerCardHttp

CHECK = "odoo.addons.customer_card.models.customer_card_backup_check"
JOB = "odoo.addons.customer_card.models.customer_card_backup_job"


class BackupCase:
    """A folder for backups, and an administrator of the cards and of the system."""

    @classmethod
    def make_backup_world(cls):
        cls.chief = cls.card_admin.copy(
            {
                "name": "Chief",
                "login": "test_chief",
                "password": "test_chief",
                "email": "chief@sales.example.com",
            }
        )
        cls.chief.group_ids += cls.env.ref("base.group_system")
        cls.Backup = cls.env["customer.card.backup"].with_user(cls.chief)
        cls.Backup.sudo().search([]).sudo().unlink()

    def setUp(self):
        super().setUp()
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="card-backup-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.Backup._set_settings(
            {
                "folder": self.folder,
                "keep_count": 2,
                "keep_weeks": 0,
                "alert_days": 9,
                "verify_monthly": True,
            }
        )

    def start(self):
        """A backup that is on record as running; its process is not started."""
        self.env.cr.postcommit.clear()
        backup = self.Backup._start("manual")
        self.give_back_lock()
        return backup

    def give_back_lock(self):
        self.env.cr.postrollback.run()
        self.env.cr.postcommit.clear()

    def finish(self, backup, content=b"PK", **outcome):
        """What the process would have left."""
        path = archive_path(backup.folder, backup.name)
        with open(path, "wb") as stream:
            stream.write(content)
        self.leave(
            backup,
            {
                "ok": True,
                "size": len(content),
                "checksum": backup_job._seal(path),
                "seconds": 3.2,
                "counts": {
                    "cards": [30, 30],
                    "contacts": [80, 81],
                    "attachments": [9, 9],
                    "missing": 0,
                },
                **outcome,
            },
        )
        return path

    def leave(self, backup, outcome):
        path = outcome_path(backup.folder, backup.database, backup.id)
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(outcome, stream)

    def made(self, days_ago=0, state="done"):
        """A complete backup of some days ago."""
        backup = self.start()
        path = self.finish(backup)
        with patch.object(type(self.Backup), "_apply_retention", lambda self: None):
            self.Backup._collect()
        backup.sudo().write(
            {
                "state": state,
                "date_started": fields.Datetime.subtract(
                    fields.Datetime.now(), days=days_ago
                ),
            }
        )
        self.assertTrue(os.path.isfile(path))
        return backup

    def todos(self, user=None):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "customer.card.backup"),
                ("user_id", "=", (user or self.card_admin).id),
            ]
        )

    def mails(self, user=None):
        partner = (user or self.card_admin).partner_id
        return self.env["mail.mail"].search([("recipient_ids", "in", partner.ids)])


@tagged("post_install", "-at_install")
class TestCardBackup(BackupCase, CustomerCardCommon):
    """The weekly backup of the archive (A08, K11): what it needs, what it leaves, who
    hears of a failure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_backup_world()

    # the real thing

    @mute_logger("odoo.sql_db")
    def test_a_real_backup_restores(self):
        """Dump, files, restore and count, by processes of their own, while the list of
        databases is hidden from the web."""
        config["list_db"], before = False, config["list_db"]
        self.addCleanup(config.__setitem__, "list_db", before)
        self.env.cr.postcommit.clear()
        backup = self.Backup._start("manual")
        self.env.cr.postcommit.run()
        self._wait(backup, "running")
        self.assertEqual(backup.state, "done", backup.error)
        path = archive_path(self.folder, backup.name)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(backup.size, os.path.getsize(path))
        with open(f"{path}.sha256", encoding="utf-8") as stream:
            self.assertEqual(stream.read(), f"{backup.checksum}  {backup.name}\n")
        self.assertEqual(
            set(os.listdir(self.folder)),
            {backup.name, f"{backup.name}.sha256", LOCK_NAME},
            "nothing unfinished, nothing temporary stays",
        )
        with zipfile.ZipFile(path) as archive:
            self.assertEqual(archive.namelist()[0], "dump.sql", "as Odoo lays it out")
            manifest = json.loads(archive.read("manifest.json"))
        self.assertEqual(manifest["db_name"], self.env.cr.dbname)
        self.assertEqual(
            {"cards": backup.card_count, "contacts": backup.contact_count},
            {
                key: number
                for key, number in backup_job.count(self.env.cr.dbname).items()
                if key != "attachments"
            },
        )

        backup.with_user(self.chief).action_verify()
        self.assertEqual(backup.state, "verifying")
        self.env.cr.postcommit.run()
        self._wait(backup, "verifying")
        self.assertEqual(backup.state, "verified", backup.verify_result)
        self.assertEqual(backup.verify_card_count, backup.card_count)
        self.assertEqual(backup.verify_contact_count, backup.contact_count)
        self.assertGreater(backup.verify_duration, 0)
        self.assertFalse(self._scratch_databases(), "dropped")

    def _wait(self, backup, state):
        end = time.monotonic() + 240
        while backup.state == state and time.monotonic() < end:
            time.sleep(0.3)
            self.Backup._collect()

    def _scratch_databases(self):
        """:return: ``[(name, hidden from the servers), …]``"""
        # this test's own transaction began before
        with backup_job._maintenance_cursor() as cr:
            cr.execute(
                "SELECT datname, datistemplate FROM pg_database"
                " WHERE shobj_description(oid, 'pg_database') = %s",
                [backup_job.SCRATCH_COMMENT % self.env.cr.dbname],
            )
            return cr.fetchall()

    @mute_logger("odoo.sql_db", "odoo.service.db")
    def test_a_dump_that_does_not_load_is_told_and_leaves_no_database(self):
        path = os.path.join(self.folder, "broken.zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                "dump.sql",
                "CREATE EXTENSION no_such_extension;\n"
                "CREATE TABLE res_partner (id int4, card_state varchar);\n"
                "COPY no_such_table (id) FROM stdin;\n1\n\\.\n",
            )
        outcome = self._run_verification(path)
        self.assertEqual(outcome["code"], "restore")
        self.assertIn("no_such_table", outcome["details"]["message"])
        self.assertFalse(self._scratch_databases())

    @mute_logger("odoo.sql_db", "odoo.service.db")
    def test_a_scratch_database_of_a_crash_is_dropped_by_the_next_run(self):
        leave = backup_job._scratch_database(self.env.cr.dbname)
        with patch.object(backup_job, "_drop", lambda name: None), leave as name:
            self.assertTrue(name.startswith(f"{self.env.cr.dbname[:40]}_verify_"))
        self.assertEqual(self._scratch_databases(), [(name, True)])
        self.assertNotIn(name, backup_job.odoo_db.list_dbs(force=True))
        self._run_verification(os.path.join(self.folder, "gone.zip"))
        self.assertFalse(self._scratch_databases())

    def _run_verification(self, path, **job):
        checksum = backup_job._seal(path) if os.path.exists(path) else ""
        return backup_job.run(
            {
                "kind": "verify",
                "database": self.env.cr.dbname,
                "path": path,
                "outcome": os.path.join(self.folder, "outcome.json"),
                "checksum": checksum,
                "counts": {},
                **job,
            }
        )

    def test_a_file_that_changed_is_not_restored(self):
        path = os.path.join(self.folder, "changed.zip")
        with open(path, "wb") as stream:
            stream.write(b"one")
        checksum = backup_job._seal(path)
        with open(path, "wb") as stream:
            stream.write(b"two")
        with patch.object(backup_job, "_scratch_database") as scratch:
            outcome = self._run_verification(path, checksum=checksum)
        self.assertEqual(outcome["code"], "checksum")
        scratch.assert_not_called()

    @mute_logger("odoo.sql_db")
    def test_without_the_right_to_create_databases_the_remedy_is_told(self):
        path = os.path.join(self.folder, "fine.zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("dump.sql", "")
        refused = psycopg2.errors.InsufficientPrivilege("permission denied")
        with patch.object(
            backup_job.odoo_db, "_create_empty_database", side_effect=refused
        ):
            outcome = self._run_verification(path)
        self.assertEqual(outcome["code"], "createdb")
        self.assertIn("CREATEDB", self.Backup._get_error_text(outcome))

    def test_missing_cards_and_files_fail_the_verification(self):
        counts = {
            "cards": [30, 31],
            "contacts": [80, 80],
            "attachments": [9, 9],
            "missing": 1,
        }
        fine = {"cards": 31, "contacts": 80, "attachments": 9, "missing": 1}
        backup_job._compare(counts, fine)
        for wrong in ({"cards": 29}, {"contacts": 81}, {"missing": 2}):
            with (
                self.subTest(**wrong),
                self.assertRaises(backup_job.JobError) as caught,
            ):
                backup_job._compare(counts, {**fine, **wrong})
            outcome = {
                "code": caught.exception.code,
                "details": caught.exception.details,
            }
            self.assertIn(str(*wrong.values()), self.Backup._get_error_text(outcome))

    def test_a_failing_dump_leaves_no_file(self):
        job = {
            "kind": "backup",
            "database": self.env.cr.dbname,
            "path": os.path.join(self.folder, "x-20260101-000000-1.zip"),
            "outcome": os.path.join(self.folder, "outcome.json"),
        }
        with patch.object(
            backup_job.odoo_db,
            "dump_db",
            side_effect=subprocess.CalledProcessError(1, "pg_dump"),
        ):
            outcome = backup_job.run(job)
        self.assertEqual(
            (outcome["code"], outcome["details"]), ("dump", {"exit_code": 1})
        )
        self.assertFalse([n for n in os.listdir(self.folder) if n.startswith("x-")])
        self.assertIn("exit code 1", self.Backup._get_error_text(outcome))

    # what is checked before

    def test_folders_that_backups_cannot_be_kept_in(self):
        link = os.path.join(self.folder, "link")
        os.symlink("/var", link)
        file = os.path.join(self.folder, "file")
        open(file, "wb").close()
        shared = os.path.join(self.folder, "shared")
        os.mkdir(shared)
        os.chmod(shared, 0o777)
        addons = config["addons_path"][0]
        for path, code in [
            ("", "relative"),
            ("backups", "relative"),
            (f"{self.folder}/../other", "dots"),
            (link, "link"),
            (f"{link}/below", "link"),
            (config["data_dir"], "inside"),
            (os.path.join(config["data_dir"], "filestore", "backups"), "inside"),
            (addons, "inside"),
            (os.path.join(addons, "base"), "inside"),
            (file, "not_a_folder"),
            (f"{file}/below", "create"),
            ("/proc/backups", "create"),
            (shared, "open"),
        ]:
            with (
                self.subTest(path),
                self.assertRaises(backup_folder.FolderError) as caught,
            ):
                backup_folder.check_folder(path)
            self.assertEqual(caught.exception.code, code)
            self.assertTrue(self.Backup._get_folder_error(caught.exception))
        with (
            patch.object(
                tempfile,
                "NamedTemporaryFile",
                side_effect=PermissionError(13, "Denied"),
            ),
            self.assertRaisesRegex(UserError, "cannot write"),
        ):
            self.Backup._check_folder(self.folder)

    def test_a_folder_is_made_for_odoo_alone(self):
        path = os.path.join(self.folder, "new", "deep")
        self.assertEqual(self.Backup._check_folder(f" {path}/ "), path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o700)

    def test_a_backup_that_does_not_fit_is_not_begun(self):
        with (
            patch(f"{CHECK}.get_free_space", return_value=1024),
            self.assertRaisesRegex(UserError, "not enough room"),
        ):
            self.Backup.action_back_up()
        self.assertFalse(self.Backup.search([]))

    def test_the_estimate_holds_database_and_files(self):
        before = self.Backup._estimate_size()
        self.env["ir.attachment"].create(
            [{"name": "twice", "raw": b"x" * 100_000} for _twice in range(2)]
        )
        self.env.flush_all()
        self.assertGreater(before, 2_000_000)
        self.assertGreaterEqual(self.Backup._estimate_size() - before, 100_000)

    def test_programs_of_postgresql_must_be_there_and_new_enough(self):
        with (
            patch(f"{CHECK}.find_pg_tool", side_effect=Exception("not found")),
            self.assertRaisesRegex(UserError, "pg_dump is missing"),
        ):
            self.Backup.action_back_up()
        old = subprocess.CompletedProcess([], 0, stdout="pg_dump (PostgreSQL) 9.6.1")
        with (
            patch(f"{CHECK}.subprocess.run", return_value=old),
            self.assertRaisesRegex(UserError, "version 9.6.1"),
        ):
            self.Backup.action_back_up()

    def test_two_at_once_do_no_harm(self):
        backup = self.start()
        with self.assertRaisesRegex(UserError, "running already"):
            self.Backup._start("manual")
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                backup.sudo().copy({"state": "running"})
        backup.sudo().state = "failed"
        # another database backs up to the same folder
        lock = take_lock(self.folder)
        try:
            with self.assertRaisesRegex(UserError, "Another backup"):
                self.Backup._start("manual")
        finally:
            os.close(lock)
        self.start()

    # what comes of it

    def test_nothing_starts_before_the_entry_is_committed(self):
        self.env.cr.postcommit.clear()
        with patch(f"{JOB}.start_job") as start_job:
            backup = self.Backup._start("manual")
            start_job.assert_not_called()
            self.env.cr.postcommit.run()
        job, _lock = start_job.call_args[0]
        self.assertEqual(job["kind"], "backup")
        self.assertEqual(job["path"], archive_path(self.folder, backup.name))
        self.assertEqual(backup.state, "running")

    def test_while_a_process_has_the_lock_its_job_is_running(self):
        backup = self.start()
        lock = take_lock(self.folder)
        self.Backup._collect()
        self.assertEqual(backup.state, "running")
        os.close(lock)
        self.Backup._collect()
        self.assertEqual(backup.state, "failed")
        self.assertIn("interrupted", backup.error)

    def test_an_interrupted_backup_leaves_nothing_behind(self):
        backup = self.start()
        path = archive_path(self.folder, backup.name)
        other = os.path.join(self.folder, "somebody.zip.part")
        for name in (f"{path}.sha256", f"{path}.part", other):
            open(name, "wb").close()
        self.Backup._collect()
        self.assertEqual(backup.state, "failed")
        self.assertEqual(
            set(os.listdir(self.folder)), {os.path.basename(other), LOCK_NAME}
        )

    def test_a_restored_database_keeps_the_file_that_it_came_from(self):
        """In its own backup a database is still being backed up."""
        backup = self.start()
        path = archive_path(self.folder, backup.name)
        for name in (path, f"{path}.sha256"):
            open(name, "wb").close()
        self.Backup._collect()
        self.assertEqual(backup.state, "failed")
        self.assertTrue(os.path.exists(path) and os.path.exists(f"{path}.sha256"))

    def test_an_outcome_is_taken_in_once(self):
        backup = self.start()
        self.finish(backup)
        self.assertEqual(self.Backup._collect(), backup)
        self.assertEqual(
            (backup.state, backup.duration, backup.card_count, backup.contact_count),
            ("done", 3, 30, 81),
        )
        self.assertFalse(self.Backup._collect())

    def test_nobody_else_leaves_an_outcome(self):
        backup = self.start()
        forged = os.path.join(self.folder, "forged.json")
        with open(forged, "w", encoding="utf-8") as stream:
            json.dump({"ok": True}, stream)
        os.symlink(forged, outcome_path(self.folder, backup.database, backup.id))
        self.assertFalse(backup._read_outcome())

    def test_no_name_leads_out_of_the_folder(self):
        for name in ("../x-20260101-000000-1.zip", "/etc/passwd", "", ".x", "a/b.zip"):
            with self.subTest(name), self.assertRaises(ValueError):
                archive_path(self.folder, name)

    # alarm

    def test_a_failure_is_told_once_and_cleared_by_the_next_success(self):
        backup = self.start()
        self.leave(backup, {"ok": False, "code": "dump", "details": {"exit_code": 3}})
        for _again in range(3):
            self.Backup._collect()
        for user in (self.card_admin, self.chief):
            self.assertEqual(len(self.todos(user)), 1)
            self.assertEqual(len(self.mails(user)), 1)
        self.assertIn("exit code 3", self.mails().body_html)
        self.assertFalse(self.todos(self.manager_east) + self.todos(self.employee))
        self.made()
        self.assertFalse(self.todos() + self.todos(self.chief))

    def test_a_backup_that_cannot_begin_is_a_failure(self):
        with patch(f"{CHECK}.get_free_space", return_value=0), self._no_commit():
            self.Backup.sudo()._cron_back_up()
        backup = self.Backup.search([])
        self.assertEqual(backup.state, "failed")
        self.assertIn("not enough room", backup.error)
        self.assertEqual(len(self.todos()), 1)

    def test_a_scheduled_backup_waits_for_another_job(self):
        lock = take_lock(self.folder)
        cron = self.env.ref("customer_card.customer_card_backup_cron_weekly")
        Trigger = self.env["ir.cron.trigger"]
        before = Trigger.search_count([("cron_id", "=", cron.id)])
        try:
            with self._no_commit():
                self.Backup.sudo()._cron_back_up()
        finally:
            os.close(lock)
        self.assertFalse(self.Backup.search([]))
        self.assertFalse(self.todos())
        self.assertEqual(Trigger.search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_without_a_folder_nothing_is_done(self):
        self.Backup._set_settings({"folder": ""})
        with self._no_commit():
            self.Backup.sudo()._cron_back_up()
            self.Backup.sudo()._cron_watch()
        self.assertFalse(self.Backup.search([]))

    def test_no_backup_for_days_is_told_once(self):
        self.made(days_ago=10)
        for _again in range(2):
            with self._no_commit():
                self.Backup.sudo()._cron_watch()
        failed = self.Backup.search([("state", "=", "failed")])
        self.assertEqual(len(failed), 1)
        self.assertIn("9 days", failed.error)
        self.assertEqual(len(self.todos()), 1)

    def test_a_recent_backup_is_no_alarm(self):
        self.made(days_ago=8)
        self.Backup._check_missed()
        self.assertFalse(self.Backup.search([("state", "=", "failed")]))

    def _no_commit(self):
        return patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1
        )

    # verification

    def test_the_newest_backup_is_verified_once_a_month(self):
        old, new = self.made(days_ago=40), self.made(days_ago=1)
        self.Backup.sudo()._verify_if_due()
        self.give_back_lock()
        self.assertEqual((old.state, new.state), ("done", "verifying"))
        self.leave(
            new,
            {
                "ok": True,
                "seconds": 20,
                "restored": {"cards": 30, "contacts": 80, "attachments": 9},
            },
        )
        self.Backup._collect()
        self.assertEqual((new.state, new.verify_card_count), ("verified", 30))
        newer = self.made()
        self.Backup.sudo()._verify_if_due()
        self.assertEqual(newer.state, "done", "not again this month")
        new.sudo().verify_started = fields.Datetime.subtract(
            fields.Datetime.now(), days=31
        )
        self.Backup._set_settings({"verify_monthly": False})
        self.Backup.sudo()._verify_if_due()
        self.assertEqual(newer.state, "done", "switched off")
        self.Backup._set_settings({"verify_monthly": True})
        self.Backup.sudo()._verify_if_due()
        self.give_back_lock()
        self.assertEqual(newer.state, "verifying")

    def test_a_failed_verification_is_told(self):
        backup = self.made()
        backup.with_user(self.chief).action_verify()
        self.give_back_lock()
        self.leave(backup, {"ok": False, "code": "checksum", "details": {}})
        self.Backup._collect()
        self.assertEqual(backup.state, "verification_failed")
        self.assertEqual(len(self.todos()), 1)
        backup.with_user(self.chief).action_verify()
        self.give_back_lock()
        self.leave(
            backup,
            {
                "ok": True,
                "seconds": 20,
                "restored": {"cards": 30, "contacts": 80, "attachments": 9},
            },
        )
        self.Backup._collect()
        self.assertEqual(backup.state, "verified")
        self.assertFalse(self.todos())

    def test_an_interrupted_verification_keeps_the_file(self):
        backup = self.made()
        backup.with_user(self.chief).action_verify()
        self.give_back_lock()
        self.Backup._collect()
        self.assertEqual(backup.state, "verification_failed")
        self.assertTrue(os.path.exists(archive_path(self.folder, backup.name)))

    # retention

    def test_retention_spares_the_newest_and_the_last_that_is_known_to_restore(self):
        oldest, verified, middle, new, newest = (
            self.made(days_ago=50),
            self.made(days_ago=40, state="verified"),
            self.made(days_ago=30),
            self.made(days_ago=20, state="verification_failed"),
            self.made(days_ago=10),
        )
        stranger = os.path.join(self.folder, "mine-20200101-000000-1.zip")
        open(stranger, "wb").close()
        self.Backup._apply_retention()
        self.assertEqual(
            (oldest | verified | middle | new | newest).mapped("state"),
            ["deleted", "verified", "deleted", "verification_failed", "done"],
        )
        for backup in (oldest, middle):
            path = archive_path(self.folder, backup.name)
            self.assertFalse(os.path.exists(path) or os.path.exists(f"{path}.sha256"))
        self.assertTrue(os.path.exists(stranger), "not one of ours")

    def test_retention_by_weeks(self):
        self.Backup._set_settings({"keep_count": 0, "keep_weeks": 3})
        backups = self.made(30) | self.made(20) | self.made(10)
        self.Backup._apply_retention()
        self.assertEqual(backups.mapped("state"), ["deleted", "done", "done"])
        self.Backup._set_settings({"keep_count": 0, "keep_weeks": 0})
        backups[1].sudo().date_started = "2020-01-01 00:00:00"
        self.Backup._apply_retention()
        self.assertEqual(backups[1].state, "done", "no limit at all")

    def test_a_copy_of_the_database_deletes_nothing_of_the_original(self):
        backups = self.made(30) | self.made(20) | self.made(10)
        self.env["ir.config_parameter"].set_param("database.uuid", "a copy")
        self.Backup._apply_retention()
        self.assertEqual(set(backups.mapped("state")), {"done"})
        with self.assertRaisesRegex(UserError, "no file here"):
            backups[0].with_user(self.chief).action_verify()

    def test_a_server_of_another_name_keeps_house_with_the_same_files(self):
        """A container gets a new name whenever it is made anew."""
        backups = self.made(30) | self.made(20) | self.made(10)
        backups.sudo().host = "an earlier container"
        gone = self.made(25)
        gone.sudo().host = "another server"
        os.unlink(archive_path(self.folder, gone.name))
        self.Backup._apply_retention()
        self.assertEqual(backups.mapped("state"), ["deleted", "done", "done"])
        self.assertEqual(gone.state, "done", "nobody knows from here")

    def test_what_runs_on_another_server_is_left_in_peace_for_a_day(self):
        backup = self.start()
        backup.sudo().host = "another server"
        self.Backup._collect()
        self.assertEqual(backup.state, "running")
        # the same disk: the lock tells the truth
        open(archive_path(self.folder, backup.name) + ".part", "wb").close()
        self.Backup._collect()
        self.assertEqual(backup.state, "failed")

    def test_a_link_in_place_of_a_backup_is_not_followed(self):
        backups = self.made(30) | self.made(20) | self.made(10)
        path = archive_path(self.folder, backups[0].name)
        target = os.path.join(self.folder, "precious")
        open(target, "wb").close()
        os.unlink(path)
        os.symlink(target, path)
        self.Backup._apply_retention()
        self.assertTrue(os.path.exists(target))

    # who may

    def test_only_administrators_of_cards_and_system(self):
        backup = self.made()
        system = self.env["res.users"].create(
            {
                "name": "System",
                "login": "test_system",
                "group_ids": [(4, self.env.ref("base.group_system").id)],
            }
        )
        for user in (system, self.card_admin, self.manager_east, self.employee):
            for method in ("action_back_up", "action_verify", "action_refresh"):
                with self.subTest(f"{user.name} {method}"):
                    with self.assertRaises(AccessError):
                        getattr(backup.with_user(user), method)()
            with self.assertRaises(AccessError):
                self.Backup.with_user(user)._set_settings({"keep_count": 1})
        with self.assertRaises(AccessError):
            backup.with_user(self.manager_east).read(["folder"])
        self.assertEqual(backup.with_user(self.card_admin).folder, self.folder)

    def test_the_technical_way_to_the_folder_is_checked_too(self):
        Parameter = self.env["ir.config_parameter"]
        key = "customer_card.backup_folder"
        system = self.env["res.users"].create(
            {
                "name": "System",
                "login": "test_system",
                "group_ids": [(4, self.env.ref("base.group_system").id)],
            }
        )
        for value in ("/tmp/elsewhere", False):
            with self.assertRaises(AccessError):
                Parameter.with_user(system).set_param(key, value)
        with self.assertRaises(UserError):
            Parameter.with_user(self.chief).set_param(key, config["data_dir"])
        other = Parameter.with_user(system).create({"key": "other", "value": "x"})
        with self.assertRaises(AccessError):
            other.write({"key": "customer_card.backup_keep_count"})
        Parameter.with_user(self.chief).set_param(key, f"{self.folder}/two")
        self.assertEqual(self.Backup._get_settings()["folder"], f"{self.folder}/two")

    def test_settings(self):
        Settings = self.env["res.config.settings"]
        settings = Settings.with_user(self.chief).create({})
        self.assertEqual(settings.card_backup_folder, self.folder)
        settings.write({"card_backup_keep_count": 0, "card_backup_keep_weeks": 5})
        settings.execute()
        found = self.Backup._get_settings()
        self.assertEqual((found["keep_count"], found["keep_weeks"]), (0, 5))
        system = self.env["res.users"].create(
            {
                "name": "System",
                "login": "test_system",
                "group_ids": [(4, self.env.ref("base.group_system").id)],
            }
        )
        # whoever only administers the system saves his own settings all the same
        Settings.with_user(system).create({}).execute()
        with self.assertRaises(AccessError):
            Settings.with_user(system).create({"card_backup_folder": "/x"}).execute()


@tagged("post_install", "-at_install")
class TestCardBackupRpc(BackupCase, CustomerCardHttp):
    """The same through a server: nobody writes history, whatever his rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_backup_world()

    def _call(self, login, method, *args, model="customer.card.backup"):
        self.authenticate(login, login)
        answer = self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": {}},
        )
        return answer

    def _refused(self, login, method, *args, model="customer.card.backup"):
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as caught:
            self._call(login, method, *args, model=model)
        self.assertIn("AccessError", str(caught.exception))

    def test_nobody_writes_the_history(self):
        backup = self.made()
        for login in ("test_chief", "test_card_admin", "test_custodian_east"):
            self._refused(login, "create", [{"state": "verified", "folder": "/"}])
            self._refused(login, "write", backup.ids, {"folder": "/etc"})
            self._refused(login, "unlink", backup.ids)
            self._refused(login, "copy", backup.ids)
        self.assertEqual(backup.folder, self.folder)

    def test_the_chief_reads_and_others_do_not(self):
        backup = self.made()
        read = self._call("test_chief", "read", backup.ids, ["name"])
        self.assertEqual(read[0]["name"], backup.name)
        self._refused("test_manager_east", "read", backup.ids, ["name"])
        self._refused("test_employee", "search_read", [], ["name"])

    def test_buttons(self):
        self.made()
        with patch(f"{JOB}.start_job"):
            answer = self._call("test_chief", "action_back_up", [])
        self.assertEqual(answer["tag"], "display_notification")
        self.assertEqual(len(self.Backup.search([("state", "=", "running")])), 1)
        for login in ("test_card_admin", "test_employee"):
            self._refused(login, "action_back_up", [])

    def test_private_methods_stay_private(self):
        for method, args in (
            ("_set_settings", [{"folder": "/x"}]),
            ("_collect", []),
            ("_fail", ["x"]),
        ):
            with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
                self._call("test_chief", method, *args)
        self.assertEqual(self.Backup._get_settings()["folder"], self.folder)
