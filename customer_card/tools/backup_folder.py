"""The folder of the backups: which one may be used, how much room it has, and the lock
that lets one job at a time work in it. Nothing here knows Odoo's ORM."""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

import odoo
from odoo.tools import config

try:
    import fcntl
except ImportError:  # Windows: the addon works there, its backups do not
    fcntl = None

LOCK_NAME = ".customer_card_backup.lock"
# one component, no leading dot: what this module made itself
ARCHIVE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*-\d{8}-\d{6}-\d+\.zip")


class FolderError(Exception):
    """Why a folder cannot be used.

    :param code: platform, relative, dots, link, inside, not_a_folder, create, write,
        open
    :param detail: the path, or the system's own words
    """

    def __init__(self, code, detail=""):
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def check_folder(path):
    """Make a folder ready for backups; it is created when it does not exist.

    :param path: absolute path, as the administrator wrote it
    :return: the same path, without doubled or trailing slashes
    :raise FolderError: when backups cannot, or should not, be kept there
    """
    if not fcntl:
        raise FolderError("platform")
    if not path or "\0" in path or not os.path.isabs(path):
        raise FolderError("relative", path)
    if ".." in Path(path).parts:
        raise FolderError("dots", path)
    folder = "/" + os.path.normpath(path).lstrip("/")
    # what is checked must be what is used: no component may lead elsewhere
    if os.path.realpath(folder) != folder:
        raise FolderError("link", os.path.realpath(folder))
    for place in _odoo_places():
        if os.path.commonpath((folder, place)) == place:
            raise FolderError("inside", place)
    _make_folder(folder)
    return folder


def _odoo_places():
    """:return: what Odoo reads, serves or tidies up itself, as real paths"""
    addons_paths = {config["data_dir"], config.root_path, *odoo.addons.__path__}
    addons_paths.update(config["addons_path"])
    return {os.path.realpath(place) for place in addons_paths if place}


def _make_folder(folder):
    if os.path.lexists(folder):
        if not os.path.isdir(folder):
            raise FolderError("not_a_folder", folder)
    else:
        try:
            os.makedirs(folder, mode=0o700)
        except OSError as error:
            raise FolderError("create", error.strerror or str(error)) from error
    # whoever else may write there could put a file of his in place of a backup
    if os.stat(folder).st_mode & stat.S_IWOTH:
        raise FolderError("open", folder)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".write-test-"):
            pass
    except OSError as error:
        raise FolderError("write", error.strerror or str(error)) from error


def get_free_space(folder):
    """:return: free bytes where the folder is"""
    return shutil.disk_usage(folder).free


def archive_path(folder, name):
    """:return: the path of a backup
    :raise ValueError: for a name that no backup has: nothing leads out of the folder
    """
    if not ARCHIVE_NAME.fullmatch(name or ""):
        raise ValueError(f"Not the name of a backup: {name!r}")
    return os.path.join(folder, name)


def outcome_path(folder, database, row_id):
    """:return: where a job leaves what came of it"""
    safe = re.sub(r"[^A-Za-z0-9_-]", "_", database)
    return os.path.join(folder, f".customer_card_backup-{safe}-{int(row_id)}.json")


def take_lock(folder):
    """Take the lock of a folder. The kernel keeps it as long as a process has the
    file open, and gives it back however that process ends.

    :return: file descriptor, or None when somebody else has the lock
    :raise OSError: when the folder is gone
    """
    # no O_NOFOLLOW, no lock: a link could make us open a file elsewhere
    descriptor = os.open(
        os.path.join(folder, LOCK_NAME),
        os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
        0o600,
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
