"""``make lint`` and ``make format``."""

import shutil

from . import python_env
from .console import say, step, warn
from .lock import exclusive
from .paths import short_hash
from .process import clean_environment, foreground, run

#: res.partner is split by concern over several files, and a privileged path calls
#: another method of super() to skip our own guards
NOT_OURS = "consider-merging-classes-inherited,super-method-mismatch"


def node_modules(paths):
    """The pinned prettier and eslint, in the cache; None where npm is missing."""
    if not shutil.which("npm"):
        warn("npm is missing: XML and JavaScript are not checked (apt-get install npm)")
        return None
    lock = paths.checkout / "dev" / "package-lock.json"
    directory = paths.cache / f"node-{short_hash(lock.read_text())}"
    if not (directory / ".ready").is_file():
        with exclusive(paths.locks / "node", "installing prettier and eslint"):
            with step("Installing prettier and eslint (npm)"):
                shutil.rmtree(directory, ignore_errors=True)
                directory.mkdir(parents=True)
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(paths.checkout / "dev" / name, directory)
                run(
                    ["npm", "ci", "--no-audit", "--no-fund"],
                    "npm ci",
                    "check the network connection",
                    cwd=directory,
                )
            (directory / ".ready").touch()
    return directory / "node_modules"


def files(paths, addons, *suffixes):
    """Files of the addons, tests and set-up with these suffixes."""
    roots = [addon.path for addon in addons.values()]
    roots += [paths.checkout / "tests", paths.checkout / "dev"]
    found = [
        file
        for root in roots
        for suffix in suffixes
        for file in root.rglob(f"*{suffix}")
    ]
    return sorted(file.relative_to(paths.checkout) for file in found)


def python_targets(paths, addons):
    candidates = [*addons, "tests", "dev", "setup.py", "dev/odoo", "dev/test"]
    return [name for name in candidates if (paths.checkout / name).exists()]


def prettier(paths, modules):
    plugin = modules / "@prettier/plugin-xml/src/plugin.js"
    return [modules / ".bin/prettier", "--log-level=warn", f"--plugin={plugin}"]


def commands(workbench):
    """(name, command) of every check."""
    paths, addons = workbench.paths, workbench.addons
    tools = python_env.ensure(paths).parent
    python = python_targets(paths, addons)
    cache = f"--cache-dir={paths.of_checkout / 'ruff'}"
    yield "ruff check", [tools / "ruff", "check", "-q", cache, *python]
    yield "ruff format", [tools / "ruff", "format", "-q", "--diff", cache, *python]
    pylint = [tools / "pylint", "--rcfile=.pylintrc", f"--disable={NOT_OURS}"]
    yield "pylint-odoo", [*pylint, *addons]
    yield "oca-checks-odoo-module", [tools / "oca-checks-odoo-module", *addons]
    translations = files(paths, addons, ".po", ".pot")
    if translations:
        yield "oca-checks-po", [tools / "oca-checks-po", *translations]
    modules = node_modules(paths)
    if modules:
        marked = files(paths, addons, ".xml", ".js")
        if marked:
            yield "prettier", [*prettier(paths, modules), "--check", *marked]
        scripts = files(paths, addons, ".js")
        if scripts:
            yield "eslint", [modules / ".bin/eslint", *scripts]


def lint(workbench):
    """Run every check, whatever the others say; 0 when all are content."""
    failed = []
    for name, command in commands(workbench):
        with step(name):
            if foreground(
                command, cwd=workbench.paths.checkout, env=clean_environment()
            ):
                failed.append(name)
    say(f"Lint: not content: {', '.join(failed)}" if failed else "Lint: all content.")
    return 1 if failed else 0


def reformat(workbench):
    """Rewrite what ruff and prettier can rewrite."""
    paths, addons = workbench.paths, workbench.addons
    tools = python_env.ensure(paths).parent
    python = python_targets(paths, addons)
    calls = [
        [tools / "ruff", "check", "-q", "--fix-only", *python],
        [tools / "ruff", "format", "-q", *python],
    ]
    modules = node_modules(paths)
    marked = files(paths, addons, ".xml", ".js")
    if modules and marked:
        calls.append([*prettier(paths, modules), "--write", *marked])
    codes = [foreground(c, cwd=paths.checkout, env=clean_environment()) for c in calls]
    return max(codes)
