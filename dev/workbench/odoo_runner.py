"""Running Odoo with the project's configuration."""

import configparser
import re
import shlex
import subprocess

from .console import Problem, warn
from .process import clean_environment, foreground, signals_left_to, tail

LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (\w+) \S+ (\S+): (.*)$")


def log_lines(text, *levels):
    """The messages of a log at these levels, once each."""
    found = {}
    for line in text.splitlines():
        match = LOG_LINE.match(line)
        if match and match.group(1) in levels:
            found[f"{match.group(2)}: {match.group(3)}"] = True
    return list(found)


def without_news(text):
    """A log without its INFO lines: errors with their tracebacks remain."""
    lines = text.splitlines()
    kept = [
        line
        for line in lines
        if not re.match(r"^\d{4}-\S+ \S+ \d+ (INFO|DEBUG) ", line)
    ]
    return "\n".join(kept)


class OdooRunner:
    def __init__(self, paths, source, python, postgres):
        self.paths = paths
        self.source = source
        self.python = python
        self.postgres = postgres

    def write_configuration(self):
        """The file that ``ODOO_RC`` names."""
        # the demo and the tests must not send a mail: nobody listens on port 9
        options = {
            "addons_path": ",".join(
                map(str, [*self.source.addons, self.paths.checkout])
            ),
            "data_dir": self.paths.data,
            "db_host": self.postgres.paths.socket,
            "db_port": self.postgres.environment()["PGPORT"],
            "db_user": self.postgres.environment()["PGUSER"],
            "http_interface": "127.0.0.1",
            "smtp_server": "127.0.0.1",
            "smtp_port": 9,
            "with_demo": True,
        }
        parser = configparser.RawConfigParser()
        parser["options"] = {name: str(value) for name, value in options.items()}
        file = self.paths.odoo_conf
        new = file.with_suffix(".new")
        with open(new, "w", encoding="utf-8") as stream:
            stream.write(f"# written by dev/workbench for {self.paths.checkout}\n")
            parser.write(stream)
        new.replace(file)

    def environment(self, **more):
        """For every Python that imports Odoo or talks to its database."""
        return clean_environment(
            PYTHONPATH=self.source.python_path,
            PYTHONDONTWRITEBYTECODE="",
            PATH=f"{self.python.parent}:{clean_environment().get('PATH', '/usr/bin:/bin')}",
            ODOO_RC=self.paths.odoo_conf,
            **self.postgres.environment(),
            **more,
        )

    def command(self, arguments):
        """``python -m odoo …``; the environment's ODOO_RC names the configuration."""
        return [str(self.python), "-m", "odoo", *map(str, arguments)]

    def foreground(self, arguments):
        return foreground(
            self.command(arguments), env=self.environment(), cwd=self.paths.checkout
        )

    def quiet(self, arguments, what, script=None):
        """Run with the output in a log file.

        :param script: text for the standard input (``odoo shell``)
        :return: the log's text
        :raises Problem: when Odoo fails, or logs an error
        """
        name = re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-")
        log = self.paths.logs / f"{name}.log"
        children = []
        with (
            open(log, "w", encoding="utf-8") as stream,
            signals_left_to(children, detached=True) as came,
        ):
            child = subprocess.Popen(
                self.command(arguments),
                stdin=subprocess.PIPE if script else subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self.environment(),
                cwd=self.paths.checkout,
                text=True,
            )
            children.append(child)
            child.communicate(script)
        if came:
            raise KeyboardInterrupt
        text = log.read_text(errors="replace")
        errors = log_lines(text, "ERROR", "CRITICAL")
        if child.returncode or errors:
            raise Problem(
                f"{what} failed (exit code {child.returncode})\n{tail(without_news(text), 40)}",
                f"the whole log is in {shlex.quote(str(log))}",
            )
        return text

    def report_warnings(self, text):
        for message in log_lines(text, "WARNING")[:10]:
            warn(message)
