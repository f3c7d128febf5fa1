"""Running other programs: quietly into a log, or in the foreground."""

import contextlib
import os
import shutil
import signal
import subprocess

from .console import Problem


def tail(text, lines=25):
    return "\n".join("    " + line for line in text.strip().splitlines()[-lines:])


def run(command, what, remedy="", **options):
    """Run to the end and return the standard output.

    :raises Problem: with the end of the output when it fails
    """
    command = [str(part) for part in command]
    options.setdefault("stdin", subprocess.DEVNULL)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **options,
        )
    except FileNotFoundError:
        raise Problem(f"{what}: the program {command[0]} is missing", remedy) from None
    if done.returncode:
        output = tail(done.stderr or done.stdout)
        raise Problem(f"{what} failed (exit code {done.returncode})\n{output}", remedy)
    return done.stdout


@contextlib.contextmanager
def signals_left_to(children, detached=False):
    """While a child runs, signals that would end us are for it instead.

    Ctrl-C reaches a child in our process group by itself; SIGTERM, sent to this
    process only, is passed on. A ``detached`` child (``start_new_session``) gets
    SIGTERM for either. Yields a list that holds the signals that came.
    """
    came = []

    def pass_on(number, frame):
        came.append(number)
        if detached or number == signal.SIGTERM:
            for child in children:
                if child.poll() is None:
                    child.send_signal(signal.SIGTERM)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def foreground(command, **options):
    """Run with the terminal's own input and output; return the exit code."""
    children = []
    with signals_left_to(children):
        child = subprocess.Popen([str(part) for part in command], **options)
        children.append(child)
        return child.wait()


def need_space(directory, megabytes, what):
    """Fail early rather than half-way: the disk must have this much free."""
    while not directory.exists():
        directory = directory.parent
    free = shutil.disk_usage(directory).free // 2**20
    if free < megabytes:
        raise Problem(
            f"{what} needs {megabytes} MB in {directory}, only {free} MB are free",
            "free some space, or set CUSTOMER_CARD_HOME to a directory on a larger disk",
        )


def clean_environment(**more):
    """The environment for children: without what would bend Python or Odoo."""
    drop = {"PYTHONPATH", "PYTHONHOME", "ODOO_RC", "OPENERP_SERVER", "VIRTUAL_ENV"}
    drop |= {name for name in os.environ if name.startswith("PG")}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return kept | {name: str(value) for name, value in more.items()}
