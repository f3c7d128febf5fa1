"""``make demo``: the application with its demo data, served until Ctrl-C."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

from .console import Problem, say, step
from .database import DEMO
from .lock import exclusive
from .process import signals_left_to, tail

#: (login = password, who it is)
ROLES = [
    ("admin", "administrator of Odoo"),
    ("custodian_east", "keeps customer cards, team East"),
    ("custodian_west", "keeps customer cards, team West"),
    ("deputy_east", "stands in for custodian_east"),
    ("manager_east", "manager of the department East"),
    ("manager_west", "manager of the department West"),
    ("regional_manager", "manager of both departments"),
    ("card_admin", "card administrator"),
    ("accountant", "back office"),
    ("employee", "any other employee"),
]


def chosen_port(environ=os.environ):
    text = environ.get("PORT") or "8069"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Problem(
            f"PORT={text} is not a port", "choose a number from 1024 to 65535"
        )
    return int(text)


def must_be_free(host, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Problem(
                f"port {port} is reserved for root",
                "choose one above 1023: make demo PORT=8070",
            ) from None
        except OSError as error:
            raise Problem(
                f"port {port} cannot be used: {error.strerror.lower()}",
                f"stop what runs there, or choose another: make demo PORT={port + 1}",
            ) from None


def wait_until_up(child, url, log, timeout=180):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if child.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/web/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise Problem(
        f"Odoo does not answer at {url}\n{tail(log.read_text(errors='replace'))}",
        f"the whole log is in {log}",
    )


def serve(workbench):
    """Set up, serve, and return 0 once stopped by Ctrl-C or SIGTERM."""
    host = os.environ.get("HOST") or "127.0.0.1"
    port = chosen_port()
    must_be_free(host, port)
    workbench.system_for_demo()
    with workbench.postgres.in_use():
        databases = workbench.databases
        with exclusive(workbench.paths.locks / DEMO, "make demo", timeout=0):
            databases.prepare(
                DEMO, databases.base_template, fresh=bool(os.environ.get("RESET"))
            )
            return _run_server(workbench, host, port)


def _run_server(workbench, host, port):
    runner = workbench.runner
    log = workbench.paths.logs / "demo.log"
    url = f"http://localhost:{port}"
    arguments = ["-d", DEMO, f"--http-interface={host}", f"--http-port={port}"]
    arguments += [f"--db-filter=^{DEMO}$", "--no-database-list", "--max-cron-threads=1"]
    children = []
    with (
        open(log, "w", encoding="utf-8") as stream,
        signals_left_to(children, detached=True) as came,
    ):
        with step(f"Starting Odoo (log: {log})"):
            child = subprocess.Popen(
                runner.command(arguments),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=runner.environment(),
                cwd=workbench.paths.checkout,
            )
            children.append(child)
            try:
                wait_until_up(child, url, log)
            except Problem:
                if came:
                    child.wait()
                    return 0
                child.kill()
                raise
        say(welcome(url))
        child.wait()
    say("Stopped.")
    return 0 if came else child.returncode or 1


def welcome(url):
    width = max(len(login) for login, _who in ROLES)
    lines = ["", f"Customer Card runs at {url}", "", "Log in with (password = login):"]
    lines += [f"  {login:<{width}}  {who}" for login, who in ROLES]
    lines += [
        "",
        "Ctrl-C stops it; the data stays for the next time (RESET=1 starts anew).",
    ]
    return "\n".join(lines) + "\n"
