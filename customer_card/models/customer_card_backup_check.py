import os
import re
import socket
import subprocess

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, human_size
from odoo.tools.misc import find_pg_tool

from ..tools.backup_folder import (
    FolderError,
    archive_path,
    check_folder,
    get_free_space,
    outcome_path,
)

PARAMETER_PREFIX = "customer_card.backup_"
# what is used where nothing else is configured
DEFAULTS = {
    "folder": "",
    "keep_count": "8",
    "keep_weeks": "0",
    "alert_days": "9",
    "verify_monthly": "True",
}


class CustomerCardBackup(models.Model):
    """What must be right before a backup begins, and how it is configured."""

    _inherit = "customer.card.backup"

    # ------------------------------------------------------------
    # CONFIGURATION
    # ------------------------------------------------------------

    @api.model
    def _get_settings(self):
        """:return: ``folder`` (empty: no backups), ``keep_count`` and ``keep_weeks``
        (0: no such limit), ``alert_days`` (0: no alert), ``verify_monthly``"""
        # sudo: also a card administrator without rights on the system reads them
        get_param = self.env["ir.config_parameter"].sudo().get_param
        raw = {
            key: get_param(PARAMETER_PREFIX + key, default)
            for key, default in DEFAULTS.items()
        }
        numbers = {
            key: int(raw[key]) if raw[key].isdecimal() else int(DEFAULTS[key])
            for key in ("keep_count", "keep_weeks", "alert_days")
        }
        return {
            "folder": raw["folder"],
            "verify_monthly": raw["verify_monthly"] == "True",
            **numbers,
        }

    @api.model
    def _set_settings(self, values):
        """:param values: some of what ``_get_settings`` returns
        :raise AccessError: unless the user administers the cards and the system
        :raise UserError: for a folder that backups cannot be kept in
        """
        self._check_backup_administrator()
        if values.get("folder"):
            values = {**values, "folder": self._check_folder(values["folder"])}
        # sudo: the rights have just been checked
        set_param = self.env["ir.config_parameter"].sudo().set_param
        for key, value in values.items():
            # an empty value deletes a parameter, and with it brings back the default
            set_param(PARAMETER_PREFIX + key, str(value) or False)

    @api.model
    def _get_origin_values(self):
        """:return: which database a backup is of"""
        # sudo: the identifier of the database is no secret
        get_param = self.env["ir.config_parameter"].sudo().get_param
        return {
            "database": self.env.cr.dbname,
            "database_uuid": get_param("database.uuid"),
        }

    def _filter_ours(self):
        """:return: the backups that this very database made, not those of the original
        that it is a copy of; and of these, those that are on this server, whose name
        is another one whenever its container is made anew"""
        return self.filtered_domain(
            [(key, "=", value) for key, value in self._get_origin_values().items()]
        ).filtered(
            lambda backup: (
                backup.host == socket.gethostname() or backup._has_trace_here()
            )
        )

    def _has_trace_here(self):
        """:return: whether anything of this backup can be seen from this server"""
        self.ensure_one()
        if not self.name:
            return False
        path = archive_path(self.folder, self.name)
        traces = (path, f"{path}.part", self._get_outcome_path())
        return any(map(os.path.lexists, traces))

    def _get_outcome_path(self):
        return outcome_path(self.folder, self.database, self.id)

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.model
    def _check_folder(self, path):
        """:return: the path of a folder that backups can be kept in
        :raise UserError: saying what is wrong with it
        """
        try:
            return check_folder((path or "").strip())
        except FolderError as error:
            raise UserError(self._get_folder_error(error)) from error

    @api.model
    def _get_folder_error(self, error):
        texts = {
            "platform": self.env._("Backups need a server that is not Windows."),
            "relative": self.env._(
                "Say where backups are kept: the full path of a folder, beginning "
                "with a slash."
            ),
            "dots": self.env._("%(detail)s: write the path without “..”."),
            "link": self.env._(
                "This folder, or one above it, is a link. Enter the place itself: "
                "%(detail)s"
            ),
            "inside": self.env._(
                "A backup must not lie in what it saves, nor where Odoo looks for "
                "files: choose a folder outside %(detail)s."
            ),
            "not_a_folder": self.env._("%(detail)s is a file. Choose a folder."),
            "create": self.env._(
                "Odoo cannot make the folder of the backups: %(detail)s. Make it, and "
                "let the user that Odoo runs as own it."
            ),
            "write": self.env._(
                "Odoo cannot write to the folder of the backups: %(detail)s. Let the "
                "user that Odoo runs as own it."
            ),
            "open": self.env._(
                "Everybody on the server may write to %(detail)s. Take that right away "
                "(chmod o-w), so that nobody can put another file in a backup's place."
            ),
        }
        return texts[error.code] % {"detail": error.detail}

    @api.model
    def _check_tools(self, *names):
        """:raise UserError: when a program of PostgreSQL is missing or too old"""
        for name in names:
            try:
                program = find_pg_tool(name)
            except Exception as error:
                raise UserError(
                    self.env._(
                        "The program %(program)s is missing on the server. Install "
                        "PostgreSQL's client programs, or say in Odoo's configuration "
                        "where they are (pg_path).",
                        program=name,
                    )
                ) from error
            answer = subprocess.run(
                [program, "--version"], capture_output=True, text=True, check=False
            )
            found = re.search(r"(\d+)(\.\d+)*", answer.stdout)
            server = self.env.cr._cnx.server_version // 10000
            if found and int(found[1]) < server:
                raise UserError(
                    self.env._(
                        "%(program)s is of version %(version)s, the database server of "
                        "version %(server)s: it cannot read the database. Install the "
                        "client programs of the server's version.",
                        program=program,
                        version=found[0],
                        server=server,
                    )
                )

    @api.model
    def _check_space(self, folder):
        """:raise UserError: when a backup may not fit"""
        needed, free = self._estimate_size(), get_free_space(folder)
        if free < needed:
            raise UserError(
                self.env._(
                    "There is not enough room in %(folder)s: a backup may need "
                    "%(needed)s, %(free)s are free. Make room, or choose another "
                    "folder.",
                    folder=folder,
                    needed=human_size(needed),
                    free=human_size(free),
                )
            )

    @api.model
    def _estimate_size(self):
        """While it is made, a backup consists of the dump as text and the archive: at
        most the database twice, and all files once.

        :return: bytes
        """
        [(size,)] = self.env.execute_query(
            SQL(
                """
                SELECT 2 * pg_database_size(current_database())
                       + COALESCE(SUM(file.file_size), 0)
                  FROM (SELECT DISTINCT ON (store_fname) file_size
                          FROM ir_attachment
                         WHERE store_fname IS NOT NULL) file
                """
            )
        )
        return int(size)

    def _is_recent(self, field_name, days):
        """:return: whether a moment lies within the last days"""
        moment = self[field_name]
        return bool(moment) and moment >= fields.Datetime.subtract(
            fields.Datetime.now(), days=days
        )

    # ------------------------------------------------------------
    # WHAT WENT WRONG
    # ------------------------------------------------------------

    @api.model
    def _get_error_text(self, outcome):
        """:param outcome: ``code`` and ``details`` of a failure
        :return: what went wrong and what to do, in the user's language"""
        texts = {
            "running_interrupted": self.env._(
                "It was interrupted: the server stopped, or this database was itself "
                "restored from this backup. Start another one."
            ),
            "verifying_interrupted": self.env._(
                "The verification was interrupted: the server stopped. Verify again."
            ),
            "dump": self.env._(
                "pg_dump failed (exit code %(exit_code)s). Try it by hand on the server to "
                "see its message."
            ),
            "system": self.env._("The server says: %(message)s"),
            "unexpected": self.env._(
                "Something unexpected happened: %(message)s. The server's log has more."
            ),
            "file_missing": self.env._(
                "The file is gone. Make a new backup, and find out who removed it."
            ),
            "checksum": self.env._(
                "The file is not the one that was written: its checksum differs. Do "
                "not restore it; make a new backup and look at the disk."
            ),
            "createdb": self.env._(
                "The database role %(role)s may not create databases. Let the database "
                "administrator run: ALTER ROLE %(role)s CREATEDB"
            ),
            "drop": self.env._(
                "The scratch database %(name)s cannot be dropped: %(message)s"
            ),
            "restore": self.env._("The backup does not restore: %(message)s"),
            "counts": self.env._(
                "The restored database is not complete (%(what)s): %(expected)s were "
                "expected, %(found)s are there."
            ),
            "files": self.env._(
                "%(number)s files that attachments refer to are not in the backup."
            ),
        }
        return texts[outcome["code"]] % outcome["details"]
