"""``make test``: prepared databases, pytest runs over them, one sum."""

import json
import os
import shlex
from dataclasses import dataclass, field

from .console import Problem, say, step, timing_table
from .database import TEST
from .lock import exclusive
from .process import foreground

FULL_TESTS = "tests/full"


@dataclass
class Run:
    """One pytest run: which database, which paths."""

    database: str
    targets: list
    options: list = field(default_factory=list)


@dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Result(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")

    @property
    def good(self):
        return self.passed > 0 and not self.failed


def split_arguments(arguments, checkout):
    """pytest arguments as (paths, options); the value of ``-k x`` is an option."""
    targets, options = [], []
    takes_value = False
    for argument in arguments:
        is_path = (checkout / argument.partition("::")[0]).exists()
        if takes_value or argument.startswith("-") or not is_path:
            options.append(argument)
        else:
            targets.append(argument)
        takes_value = not takes_value and argument in (
            "-k",
            "-m",
            "-n",
            "-p",
            "-c",
            "-o",
        )
    return targets, options


def has_tests(directory):
    return any(directory.rglob("test_*.py"))


def plan(arguments, checkout, addons, database=TEST):
    """The pytest runs for these arguments: the tests in tests/full have a
    database of their own, with more of Odoo's applications."""
    targets, options = split_arguments(arguments, checkout)
    everything = not targets
    if everything:
        targets = [name for name in addons if has_tests(checkout / name)]
        targets += [name for name in ("tests",) if has_tests(checkout / name)]
    full = [target for target in targets if target.startswith(FULL_TESTS)]
    main = [target for target in targets if target not in full]
    runs = []
    if main:
        runs.append(Run(database, main, [f"--ignore={FULL_TESTS}", *options]))
    if everything and has_tests(checkout / FULL_TESTS):
        full = [FULL_TESTS]
    if full:
        runs.append(Run(f"{database}_full", full, options))
    if not runs:
        raise Problem("there are no tests to run", "run this in the repository")
    return runs


def run_pytest(workbench, run, number):
    """Run, show, and return the counts, which a plugin of ours writes down."""
    runner = workbench.runner
    counts = workbench.paths.of_checkout / f"counts-{os.getpid()}-{number}.json"
    counts.unlink(missing_ok=True)
    environment = runner.environment(
        CUSTOMER_CARD_COUNTS=counts,
        CUSTOMER_CARD_TEMPLATE=workbench.databases.base_template(),
    )
    environment["PYTHONPATH"] += os.pathsep + str(workbench.paths.checkout / "dev")
    command = [runner.python, "-m", "pytest", "-p", "workbench.pytest_plugin"]
    command += [f"--odoo-database={run.database}", "--odoo-http", "-o"]
    command += [
        f"cache_dir={workbench.paths.of_checkout / 'pytest'}",
        *run.options,
        *run.targets,
    ]
    with step(f"pytest {' '.join(map(shlex.quote, run.options + run.targets))}"):
        code = foreground(command, env=environment, cwd=workbench.paths.checkout)
    try:
        result = Result(**json.loads(counts.read_text()))
        counts.unlink()
    except (OSError, ValueError, TypeError):
        say(f"pytest ended before it could count (exit code {code})")
        return Result(failed=1)
    # 5: no test was left after -k or -m, which the sum judges
    if code not in (0, 5) and not result.failed:
        say(f"pytest ended with exit code {code}: counted as one failure")
        result.failed = 1
    return result


def test(workbench, arguments, fresh=True):
    """Prepare what the arguments need, run, and return the exit code.

    :param fresh: begin with new clones, else update the ones of the last time
    """
    addons = workbench.addons
    database = os.environ.get("DB") or TEST
    runs = plan(arguments, workbench.paths.checkout, addons, database)
    workbench.system_for_tests()
    with workbench.postgres.in_use():
        databases = workbench.databases
        total = Result()
        with exclusive(workbench.paths.locks / database, f"tests in {database}"):
            for number, run in enumerate(runs):
                is_full = run.database.endswith("_full")
                template = (
                    databases.full_template if is_full else databases.base_template
                )
                databases.prepare(run.database, template, fresh)
                total += run_pytest(workbench, run, number)
    say(timing_table())
    if not total.passed and not total.failed:
        say("error: no test was run")
    say(str(total))
    return 0 if total.good else 1
