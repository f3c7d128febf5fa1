"""A backup, or its verification, in a process of its own: see ``backup_process``.

Reads the job as JSON from standard input and leaves the outcome, JSON too, in the file
that the job names. It uses Odoo's functions for databases, and never its models: no
registry is loaded, neither of the production database nor of the restored one, so no
scheduled action and no code of any addon runs in the latter.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile

import psycopg2
import psycopg2.errors

from odoo import sql_db
from odoo.modules import initialize_sys_path
from odoo.modules.neutralize import neutralize_database
from odoo.service import db as odoo_db
from odoo.tools import SQL, config
from odoo.tools.misc import exec_pg_environ, find_pg_tool

_logger = logging.getLogger("customer_card.backup")

BLOCK = 1024 * 1024
SCRATCH_COMMENT = "customer_card: verification of a backup of %s"
COUNTS = {
    "cards": "SELECT count(*) FROM res_partner WHERE card_state IS NOT NULL",
    "contacts": "SELECT count(*) FROM res_partner",
    "attachments": "SELECT count(*) FROM ir_attachment",
}
UNFINISHED_OUTCOME = re.compile(r"\.customer_card_backup-.*\.json\.part")
# psql:<stdin>:27: ERROR:  42P01: …, in the server's language; class 00 to 02 is no error
PSQL_ERROR = re.compile(
    r"^psql:<stdin>:(\d+):.*?\b((?!0[012])(?=[A-Z]*\d)[0-9A-Z]{5}): (.*)$", re.M
)


class JobError(Exception):
    """A failure that has a name.

    :param code: the models have the text for it, in the user's language
    """

    def __init__(self, code, **details):
        super().__init__(code, details)
        self.code = code
        self.details = details


# ------------------------------------------------------------
# BACKUP
# ------------------------------------------------------------


def back_up(job):
    """Dump a database and pack its files, under a name that no backup has until it is
    complete.

    :param job: ``database``, ``path`` (of the archive to make)
    :return: size, checksum, counts (lowest and highest while it ran), seconds
    """
    start = time.monotonic()
    path, database = job["path"], job["database"]
    part = f"{path}.part"
    with _work_folder(job), _files_held(database):
        before = count(database)
        try:
            with open(part, "xb") as stream:
                # Odoo copies the files before it dumps the database, so whatever is
                # uploaded meanwhile would be missing: here the files come after
                odoo_db.dump_db(database, stream, "zip", with_filestore=False)
            after = count(database)
            missing = _add_files(part, config.filestore(database), database)
            checksum = _seal(part)
            _write(f"{path}.sha256", f"{checksum}  {os.path.basename(path)}\n")
            os.rename(part, path)
        except subprocess.CalledProcessError as error:
            raise JobError("dump", exit_code=error.returncode) from error
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
    counts = {key: sorted((before[key], after[key])) for key in COUNTS}
    return {
        "size": os.path.getsize(path),
        "checksum": checksum,
        "counts": {**counts, "missing": missing},
        "seconds": time.monotonic() - start,
    }


@contextlib.contextmanager
def _work_folder(job):
    """Odoo writes the dump to the temporary folder before it packs it. A system's own
    one is often small, or kept in memory."""
    with tempfile.TemporaryDirectory(
        dir=os.path.dirname(job["path"]), prefix=".work-"
    ) as work:
        tempfile.tempdir = work
        try:
            yield work
        finally:
            tempfile.tempdir = None


@contextlib.contextmanager
def _files_held(database):
    """Keep Odoo's garbage collection from deleting files that the dump refers to: it
    wants a lock that this one excludes, gives up after ten seconds and tries again the
    next day. Uploading and deleting documents goes on."""
    with contextlib.closing(sql_db.db_connect(database).cursor()) as cr:
        cr.execute("LOCK TABLE ir_attachment IN ROW EXCLUSIVE MODE")
        yield


def count(database):
    """:return: ``{what: number}`` of everything that a verification counts again"""
    with contextlib.closing(sql_db.db_connect(database).cursor()) as cr:
        return _count(cr)


def _count(cr):
    numbers = {}
    for key, query in COUNTS.items():
        cr.execute(query)
        numbers[key] = cr.fetchone()[0]
    return numbers


def _stored_files(cr):
    """:return: ``{name in the filestore: size}``"""
    cr.execute(
        "SELECT DISTINCT store_fname, file_size FROM ir_attachment"
        " WHERE store_fname IS NOT NULL"
    )
    return dict(cr.fetchall())


def _add_files(part, filestore, database):
    """Pack the filestore behind the dump, laid out as Odoo does.

    :return: how many files that attachments name are not there
    """
    with zipfile.ZipFile(part, "a", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        # a folder of documents may be a mounted disk or a link to one
        for root, _folders, names in os.walk(filestore, followlinks=True):
            for name in sorted(names):
                source = os.path.join(root, name)
                inner = os.path.relpath(source, filestore)
                with contextlib.suppress(FileNotFoundError):
                    archive.write(source, f"filestore/{inner}")
        packed = _packed_files(archive)
    with contextlib.closing(sql_db.db_connect(database).cursor()) as cr:
        return _count_missing(_stored_files(cr), packed)


def _packed_files(archive):
    """:return: ``{name in the filestore: size}`` of what an archive holds"""
    return {
        info.filename.removeprefix("filestore/"): info.file_size
        for info in archive.infolist()
        if info.filename.startswith("filestore/")
    }


def _count_missing(stored, packed):
    """:return: how many files that attachments name are not packed, or not in their
    size. A database may lack files for years: that is no fault of its backup."""
    return sum(
        name not in packed or (size is not None and packed[name] != size)
        for name, size in stored.items()
    )


def _seal(path):
    """Bring a file to the disk.

    :return: its SHA-256
    """
    with open(path, "rb") as stream:
        os.fsync(stream.fileno())
        return hashlib.file_digest(stream, "sha256").hexdigest()


# ------------------------------------------------------------
# VERIFICATION
# ------------------------------------------------------------


def verify(job):
    """Restore an archive into a scratch database and count what is in it.

    :param job: ``database``, ``path``, ``checksum``, ``counts``
    :return: restored numbers, seconds
    :raise JobError: when the archive is not what it was, or does not restore
    """
    start = time.monotonic()
    path = job["path"]
    drop_leftovers(job["database"])
    if not os.path.isfile(path) or os.path.islink(path):
        raise JobError("file_missing")
    if _seal(path) != job["checksum"]:
        raise JobError("checksum")
    with zipfile.ZipFile(path) as archive:
        packed = _packed_files(archive)
        with _scratch_database(job["database"]) as scratch:
            _load(archive, scratch)
            restored = _examine(scratch, packed)
    _compare(job["counts"], restored)
    return {"restored": restored, "seconds": time.monotonic() - start}


@contextlib.contextmanager
def _scratch_database(database):
    """A database that no server sees, dropped in any case.

    It is marked as a template: Odoo lists no template, neither to log in to nor to run
    the scheduled actions of. Otherwise a second server could send the restored mails.
    """
    name = f"{database[:40]}_verify_{secrets.token_hex(4)}"
    try:
        odoo_db._create_empty_database(name)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise JobError("createdb", role=config["db_user"] or "") from error
    try:
        with _maintenance_cursor() as cr:
            identifier = odoo_db.database_identifier(cr, name)
            comment = SCRATCH_COMMENT % database
            cr.execute(SQL("COMMENT ON DATABASE %s IS %s", identifier, comment))
            cr.execute(SQL("ALTER DATABASE %s WITH IS_TEMPLATE true", identifier))
        yield name
    finally:
        sql_db.close_db(name)
        _drop(name)


@contextlib.contextmanager
def _maintenance_cursor():
    """What creates or drops a database cannot be part of a transaction."""
    with contextlib.closing(sql_db.db_connect("postgres").cursor()) as cr:
        cr._cnx.autocommit = True
        yield cr


def _drop(name):
    """Odoo's own ``exp_drop`` passes over a database that it does not list. With FORCE,
    PostgreSQL refuses while its own autovacuum works in it; without, it ends that.

    :raise JobError: when it cannot be dropped
    """
    with _maintenance_cursor() as cr:
        identifier = odoo_db.database_identifier(cr, name)
        cr.execute(SQL("ALTER DATABASE %s WITH IS_TEMPLATE false", identifier))
        for last in (False, False, False, True):
            cr.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user",
                (name,),
            )
            try:
                # waits some seconds itself for whoever is just leaving
                cr.execute(SQL("DROP DATABASE %s", identifier), log_exceptions=False)
            except psycopg2.errors.ObjectInUse as error:
                if last:
                    cr.execute(
                        SQL("ALTER DATABASE %s WITH IS_TEMPLATE true", identifier)
                    )
                    raise JobError("drop", name=name, message=str(error)) from error
            else:
                return


def drop_leftovers(database):
    """Drop the scratch databases of verifications that were interrupted: those that
    carry our comment, whatever their names."""
    with _maintenance_cursor() as cr:
        cr.execute(
            "SELECT datname FROM pg_database"
            " WHERE shobj_description(oid, 'pg_database') = %s"
            "   AND datname LIKE %s",
            (SCRATCH_COMMENT % database, "%\\_verify\\_%"),
        )
        names = [name for (name,) in cr.fetchall()]
    for name in names:
        _logger.info("Dropping the scratch database %s of an earlier run", name)
        _drop(name)


def _load(archive, scratch):
    """Let ``psql`` read the dump, straight from the archive.

    :raise JobError: for anything that did not load. ``psql`` itself says nothing
        when one statement of thousands fails, and so says Odoo's ``restore_db``.
    """
    with tempfile.TemporaryFile() as errors, archive.open("dump.sql") as dump:
        lines = _ExtensionLines()
        process = subprocess.Popen(
            [
                find_pg_tool("psql"),
                "--no-psqlrc",
                "--quiet",
                "--set=VERBOSITY=verbose",
                "--file=-",
                f"--dbname={scratch}",
            ],
            env=exec_pg_environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        with contextlib.suppress(BrokenPipeError), process.stdin as stream:
            for line in dump:
                lines.read(line)
                stream.write(line)
        code = process.wait()
        errors.seek(0)
        text = errors.read().decode(errors="replace")
    failed = [
        message
        for number, _state, message in PSQL_ERROR.findall(text)
        if int(number) not in lines.numbers
    ]
    if code or failed:
        raise JobError("restore", message=(failed or [text.strip()])[0][:500])


class _ExtensionLines:
    """Where the dump speaks of PostgreSQL's extensions. Those belong to whoever set up
    the server: that another role may not comment on them loses nothing."""

    def __init__(self):
        self.number = 0
        self.numbers = set()

    def read(self, line):  # pylint: disable=method-required-super
        self.number += 1
        if line.startswith((b"COMMENT ON EXTENSION", b"CREATE EXTENSION")):
            self.numbers.add(self.number)


def _examine(scratch, packed):
    """:return: the numbers of the restored database, and how many of its files are
    missing in the archive"""
    with contextlib.closing(sql_db.db_connect(scratch).cursor()) as cr:
        # nothing should connect to it; if something does, it sends no mail
        neutralize_database(cr)
        cr.commit()  # pylint: disable=invalid-commit
        return {**_count(cr), "missing": _count_missing(_stored_files(cr), packed)}


def _compare(counts, restored):
    for key in COUNTS:
        low, high = counts[key]
        if not low <= restored[key] <= high:
            raise JobError(
                "counts", what=key, expected=high, found=restored[key], **restored
            )
    if restored["missing"] > counts["missing"]:
        raise JobError("files", number=restored["missing"], **restored)


# ------------------------------------------------------------
# THE PROCESS
# ------------------------------------------------------------


def run(job):
    """Do a job, whatever happens.

    :param job: ``kind`` (backup, verify), ``outcome`` (path), and see the functions
    :return: the outcome, which is also in the file
    """
    try:
        outcome = {
            "ok": True,
            **{"backup": back_up, "verify": verify}[job["kind"]](job),
        }
    except JobError as error:
        outcome = {"ok": False, "code": error.code, "details": error.details}
    except OSError as error:
        outcome = {"ok": False, "code": "system", "details": {"message": str(error)}}
    except Exception as error:  # pylint: disable=broad-except
        _logger.error("%s", traceback.format_exc())
        details = {"message": f"{type(error).__name__}: {error}"}
        outcome = {"ok": False, "code": "unexpected", "details": details}
    _write(job["outcome"], json.dumps(outcome))
    return outcome


def _write(path, text):
    """Write a small file at once, or not at all."""
    new = f"{path}.part"
    with open(new, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(new, path)


def tidy(folder):
    """Remove what interrupted jobs left in hidden places. Whoever calls has the lock
    of the folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".work-") and entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif UNFINISHED_OUTCOME.fullmatch(entry.name):
                os.unlink(entry.path)


def main():
    logging.basicConfig(
        format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
    )
    os.umask(0o077)
    job = json.load(sys.stdin)
    config.parse_config([], setup_logging=False)
    for name, value in job["config"].items():
        config[name] = value
    # Odoo's database functions are closed where the list of databases is hidden from
    # the web. Odoo's own `odoo db dump` opens them like this, for its process alone.
    config["list_db"] = True
    initialize_sys_path()
    tidy(os.path.dirname(job["path"]))
    sys.exit(0 if run(job)["ok"] else 1)


if __name__ == "__main__":
    main()
