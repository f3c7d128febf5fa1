"""Where everything lives: nothing is ever written into the checkout."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: longest path of a Unix socket is 107 bytes on Linux; PostgreSQL adds
#: "/.s.PGSQL.5432.lock"
SOCKET_DIRECTORY_LIMIT = 107 - len("/.s.PGSQL.5432.lock")

#: where root keeps the cluster: the account "postgres" runs it, and cannot reach
#: a directory inside root's home
ROOT_CLUSTERS = Path("/var/lib/customer-card")


def short_hash(text, length=8):
    return hashlib.sha256(str(text).encode()).hexdigest()[:length]


@dataclass(frozen=True)
class Paths:
    """Directories of one user (``cache``, ``state``) and one ``checkout``."""

    checkout: Path
    cache: Path
    state: Path
    is_root: bool = False

    @classmethod
    def from_environment(cls, environ=os.environ, checkout=None, is_root=None):
        """``CUSTOMER_CARD_HOME`` moves both; else the XDG directories."""
        checkout = Path(checkout or Path(__file__).parents[2]).resolve()
        is_root = os.geteuid() == 0 if is_root is None else is_root
        home = environ.get("CUSTOMER_CARD_HOME")
        if home:
            home = Path(home).expanduser().absolute()
            return cls(checkout, home / "cache", home / "state", is_root)
        user = Path(environ.get("HOME") or os.path.expanduser("~"))
        cache = Path(environ.get("XDG_CACHE_HOME") or user / ".cache")
        state = Path(environ.get("XDG_STATE_HOME") or user / ".local" / "state")
        name = "customer-card"
        return cls(checkout, cache / name, state / name, is_root)

    def create(self):
        for directory in (
            self.cache,
            self.state,
            self.locks,
            self.logs,
            self.of_checkout,
        ):
            directory.mkdir(parents=True, exist_ok=True)

    # downloads

    @property
    def odoo(self):
        return self.cache / "odoo"

    @property
    def debs(self):
        return self.cache / "debs"

    @property
    def apt(self):
        return self.cache / "apt"

    # state

    @property
    def locks(self):
        return self.state / "locks"

    @property
    def logs(self):
        return self.state / "log"

    @property
    def data(self):
        """Odoo's ``data_dir`` (attachments, sessions)."""
        return self.state / "odoo-data"

    @property
    def of_checkout(self):
        """What differs between two checkouts of the repository."""
        name = f"{self.checkout.name}-{short_hash(self.checkout, 6)}"
        return self.state / "checkouts" / name

    @property
    def odoo_conf(self):
        return self.of_checkout / "odoo.conf"

    @property
    def cluster(self):
        """The private PostgreSQL cluster: ``data`` and ``server.log`` below it."""
        if self.is_root:
            return ROOT_CLUSTERS / short_hash(self.state)
        return self.state / "postgres"

    @property
    def socket(self):
        """Directory of the cluster's socket; elsewhere if its path is too long."""
        directory = self.cluster / "socket"
        if len(str(directory)) <= SOCKET_DIRECTORY_LIMIT:
            return directory
        name = f"customer-card-{os.getuid()}-{short_hash(self.state)}"
        return Path(tempfile.gettempdir()) / name
