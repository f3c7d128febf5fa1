"""The private PostgreSQL: own cluster, own socket, no network port.

Whoever needs it starts it; the last one to leave stops it (``Users`` counts).
It runs without fsync, which is for demo and test data only.
"""

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from .console import Problem, step
from .lock import Users, exclusive
from .process import clean_environment, need_space, run
from .system import require

ROLE = "odoo"
PORT = "5432"  # only names the socket file

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
}


def server_directories():
    """Directories with PostgreSQL's server programs, newest version first."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    found = sorted(
        debian, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0)
    )
    directories = found[::-1]
    if shutil.which("initdb"):
        directories.append(Path(shutil.which("initdb")).parent)
    return [path for path in directories if (path / "initdb").exists()]


def major_version(directory):
    output = run(
        [directory / "postgres", "--version"], "asking PostgreSQL for its version"
    )
    return re.search(r"(\d+)", output).group(1)


class Postgres:
    def __init__(self, paths):
        self.paths = paths
        self.data = paths.cluster / "data"
        self.log = paths.cluster / "server.log"
        self.users = Users(paths.locks / "postgres-users")
        self._bin = None

    # programs

    @property
    def bin(self):
        if self._bin is None:
            require(
                "PostgreSQL",
                server_directories,
                "postgresql",
                "Odoo keeps its data in it",
            )
            self._bin = self._matching_bin()
        return self._bin

    def _matching_bin(self):
        directories = server_directories()
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            return directories[0]
        version = version_file.read_text().strip()
        for directory in directories:
            if major_version(directory) == version:
                return directory
        raise Problem(
            f"the cluster in {self.data} is of PostgreSQL {version}, which is gone",
            "make clean (forgets the demo and test databases), then again",
        )

    def _as_owner(self, command):
        """PostgreSQL refuses root: as root, its programs run as ``postgres``."""
        return (
            ["runuser", "-u", "postgres", "--", *command]
            if self.paths.is_root
            else command
        )

    def _run(self, command, what, remedy=""):
        return run(
            self._as_owner(command), what, remedy, cwd="/", env=clean_environment()
        )

    # cluster

    def create(self):
        need_space(self.paths.cluster, 1500, "PostgreSQL")
        cluster = self.paths.cluster
        cluster.mkdir(parents=True, exist_ok=True)
        if self.paths.is_root:
            shutil.chown(cluster, "postgres", "postgres")
        cluster.chmod(0o700)
        # a cluster that was not finished is not one: its programs were interrupted
        building = cluster / "data.new"
        shutil.rmtree(building, ignore_errors=True)
        command = [
            self.bin / "initdb",
            "-D",
            building,
            "-U",
            "postgres",
            "--auth=trust",
        ]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run(command, "creating the PostgreSQL cluster")
        with open(building / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write("\n# customer-card: disposable data, speed before safety\n")
            file.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
        building.rename(self.data)

    def _make_socket_directory(self):
        directory = self.paths.socket
        directory.mkdir(parents=True, exist_ok=True)
        if self.paths.is_root:
            shutil.chown(directory, "postgres", "postgres")
        elif directory.stat().st_uid != os.getuid():
            raise Problem(
                f"{directory} belongs to somebody else", "remove it, then again"
            )
        # the directory is the lock on the door: every role is trusted inside
        directory.chmod(0o700)

    def running(self):
        return self.ready() or (
            (self.data / "postmaster.pid").exists()
            and subprocess.run(
                [
                    str(part)
                    for part in self._as_owner(
                        [self.bin / "pg_ctl", "status", "-D", self.data]
                    )
                ],
                cwd="/",
                capture_output=True,
                check=False,
            ).returncode
            == 0
        )

    def ready(self):
        command = [self.bin / "pg_isready", "-q", "-h", self.paths.socket, "-p", PORT]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def start(self):
        fresh = not (self.data / "PG_VERSION").exists()
        with step("Creating a private PostgreSQL" if fresh else "Starting PostgreSQL"):
            if fresh:
                self.create()
            self._make_socket_directory()
            options = f"-k '{self.paths.socket}' -p {PORT}"
            command = [self.bin / "pg_ctl", "start", "-w", "-t", "60", "-D", self.data]
            command += ["-l", self.log, "-o", options]
            # pg_ctl's pipes would stay open in the server: its output goes nowhere
            done = subprocess.run(
                [str(part) for part in self._as_owner(command)],
                cwd="/",
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            if done.returncode:
                raise Problem(
                    f"PostgreSQL did not start; the end of {self.log}:\n"
                    + "\n".join(
                        self.log.read_text(errors="replace").splitlines()[-10:]
                    ),
                    "make clean (forgets the demo and test databases), then again",
                )
            if fresh:
                self.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user="postgres")

    def stop(self):
        command = [self.bin / "pg_ctl", "stop", "-m", "fast", "-w", "-D", self.data]
        self._run(command, "stopping PostgreSQL")

    @contextlib.contextmanager
    def in_use(self):
        """Running for the length of the block, longer if others use it too."""
        gate = self.paths.locks / "postgres"
        with exclusive(gate, "starting PostgreSQL"):
            self.users.enter()
            try:
                if not self.running():
                    self.start()
            except BaseException:
                self.users.leave()
                raise
        try:
            yield self
        finally:
            with exclusive(gate, "stopping PostgreSQL"):
                if self.users.leave() and self.running():
                    self.stop()

    # use

    def environment(self):
        """For libpq: psql, psycopg2, createdb …"""
        return {"PGHOST": str(self.paths.socket), "PGPORT": PORT, "PGUSER": ROLE}

    def sql(self, statement, database="postgres", user=ROLE):
        """Run one statement; return its rows as lists of text."""
        command = [self.bin / "psql", "-X", "-q", "-A", "-t", "-F", "\x1f"]
        command += ["-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
        environment = clean_environment(**self.environment() | {"PGUSER": user})
        output = run(command, f"SQL in {database}: {statement[:80]}", env=environment)
        return [line.split("\x1f") for line in output.splitlines() if line]
