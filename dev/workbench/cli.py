"""The commands: what the Makefile, ``dev/odoo`` and ``dev/test`` call."""

import errno
import functools
import os
import shlex
import shutil
import signal
import sys

from . import addons, demo, lint, odoo_source, python_env, system, testing
from .console import Problem, say
from .database import DEMO, TEST, Databases
from .odoo_runner import OdooRunner
from .paths import Paths
from .postgres import Postgres
from .process import foreground


class Workbench:
    """What the commands share, each part found or built when first asked for."""

    def __init__(self, paths):
        self.paths = paths
        paths.create()

    @functools.cached_property
    def postgres(self):
        return Postgres(self.paths)

    @functools.cached_property
    def addons(self):
        return addons.discover(self.paths.checkout)

    @functools.cached_property
    def runner(self):
        python = python_env.ensure(self.paths)
        source = odoo_source.find(self.paths)
        runner = OdooRunner(self.paths, source, python, self.postgres)
        runner.write_configuration()
        return runner

    @functools.cached_property
    def databases(self):
        return Databases(self.runner, self.addons)

    def system_for_demo(self):
        self.postgres.bin  # noqa: B018 - installs PostgreSQL when it is missing
        system.want_wkhtmltopdf()
        self.announce()

    def system_for_tests(self):
        self.postgres.bin  # noqa: B018
        system.require_browser()
        system.want_wkhtmltopdf()
        self.announce()

    def announce(self):
        source = self.runner.source
        say(f"Odoo {source.version} from {source.origin}")
        say(f"Addons: {', '.join(self.addons)}")
        say(f"Cache: {self.paths.cache}, state: {self.paths.state}")


def command_demo(workbench, arguments):
    return demo.serve(workbench)


def from_make():
    """``make test ARGS="…"``"""
    return shlex.split(os.environ.get("ARGS") or "")


def command_test(workbench, arguments):
    return testing.test(workbench, arguments + from_make())


def command_retest(workbench, arguments):
    return testing.test(workbench, arguments + from_make(), fresh=False)


def command_lint(workbench, arguments):
    return lint.lint(workbench)


def command_format(workbench, arguments):
    return lint.reformat(workbench)


def command_odoo(workbench, arguments):
    runner = workbench.runner
    with workbench.postgres.in_use():
        return runner.foreground(arguments)


def command_shell(workbench, arguments):
    with workbench.postgres.in_use():
        if not workbench.databases.exists(DEMO):
            raise Problem(f"there is no database {DEMO} yet", "make demo, once")
        return workbench.runner.foreground(
            ["shell", "-d", DEMO, "--no-http", *arguments]
        )


def command_psql(workbench, arguments):
    with workbench.postgres.in_use():
        environment = os.environ | workbench.postgres.environment()
        command = [workbench.postgres.bin / "psql", *(arguments or [DEMO])]
        return foreground(command, env=environment)


def command_python(workbench, arguments):
    with workbench.postgres.in_use():
        runner = workbench.runner
        environment = runner.environment()
        return foreground([runner.python, *arguments], env=environment)


def on_template(workbench, name, arguments):
    """Run ``dev/<name>``, which clones the base template itself."""
    script = workbench.paths.checkout / "dev" / name
    workbench.postgres.bin  # noqa: B018
    with workbench.postgres.in_use():
        runner = workbench.runner
        environment = runner.environment(
            CUSTOMER_CARD_TEMPLATE=workbench.databases.base_template()
        )
        return foreground([runner.python, script, *arguments], env=environment)


def command_bench(workbench, arguments):
    return on_template(workbench, "bench.py", arguments)


def command_compare(workbench, arguments):
    return on_template(workbench, "compare_core_tests.py", arguments + from_make())


def command_translations(workbench, arguments):
    """Export the terms of the addons and merge them into their languages."""
    script = workbench.paths.checkout / "dev" / "translations.py"
    with workbench.postgres.in_use():
        databases = workbench.databases
        databases.prepare(TEST, databases.base_template, fresh=False)
        environment = workbench.runner.environment(DB=TEST)
        command = [workbench.runner.python, script, *arguments, *from_make()]
        return foreground(command, env=environment)


def command_setup(workbench, arguments):
    """Everything that needs the network, and the templates."""
    workbench.system_for_tests()
    with workbench.postgres.in_use():
        workbench.databases.base_template()
    return 0


def command_stop(workbench, arguments):
    postgres = workbench.postgres
    if (postgres.data / "PG_VERSION").exists() and postgres.running():
        postgres.stop()
        say("PostgreSQL stopped.")
    return 0


def command_clean(workbench, arguments):
    """Forget the databases and the state; downloads stay, unless ``--cache``."""
    command_stop(workbench, [])
    doomed = [workbench.paths.cluster, workbench.paths.state]
    doomed += [workbench.paths.cache] * ("--cache" in arguments)
    for directory in doomed:
        shutil.rmtree(directory, ignore_errors=True)
        say(f"removed {directory}")
    return 0


COMMANDS = {
    name.removeprefix("command_"): function
    for name, function in list(globals().items())
    if name.startswith("command_")
}


def _terminate(number, frame):
    raise KeyboardInterrupt


def main(arguments):
    """Run one command; return the exit code, with errors as plain sentences."""
    if not arguments or arguments[0] not in COMMANDS:
        say(f"usage: dev/workbench {{{','.join(COMMANDS)}}} …   (or: make help)")
        return 2
    name, *rest = arguments
    # so that SIGTERM, too, leaves through the "finally" blocks
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return COMMANDS[name](Workbench(Paths.from_environment()), rest)
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr, flush=True)
        return 130
    except PermissionError as error:
        print(
            Problem(
                f"no permission for {error.filename}",
                "use the account that ran it first, or set CUSTOMER_CARD_HOME to a"
                " directory of your own",
            ),
            file=sys.stderr,
        )
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(
            Problem(
                f"the disk is full ({error.filename or workbench_disk()})",
                "free some space, or set CUSTOMER_CARD_HOME to a directory on a larger disk",
            ),
            file=sys.stderr,
        )
    return 1


def workbench_disk():
    return Paths.from_environment().state
