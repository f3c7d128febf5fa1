"""Databases: templates built once, clones of them, and keeping these up to date."""

import json
import os
import shutil
import time

from .addons import outside_dependencies
from .console import Problem, say, step
from .lock import exclusive
from .odoo_runner import without_news
from .paths import short_hash
from .process import tail

DEMO = "customer_card_demo"
TEST = "cc_test"

#: the applications that the tests in tests/full need beside ours
FULL_MODULES = ["account", "crm", "purchase", "sale_management", "sale_stock", "stock"]

#: raise it when templates are built in another way
FORMAT = 1

#: Debian's package drops this file; every page would log an error for it, and a
#: browser test fails on the first one
DROPPED_SCRIPT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"

HIDE_DROPPED_SCRIPT = f"""
env['ir.asset'].create({{
    'name': 'Not in this package of Odoo',
    'directive': 'remove',
    'bundle': 'web.assets_backend',
    'path': {DROPPED_SCRIPT!r},
}})
env.cr.commit()
"""

BUILD_BUNDLES = """
env['ir.qweb']._pregenerate_assets_bundles()
env.cr.commit()
"""


def quote(text):
    return "'" + str(text).replace("'", "''") + "'"


class Databases:
    def __init__(self, runner, addons):
        self.runner = runner
        self.paths = runner.paths
        self.sql = runner.postgres.sql
        self.addons = addons

    # one database

    def exists(self, name):
        return bool(
            self.sql(f"SELECT 1 FROM pg_database WHERE datname = {quote(name)}")
        )

    def notes(self, name):
        """What this program remembers about a database: kept in its comment."""
        rows = self.sql(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            f" WHERE datname = {quote(name)}"
        )
        try:
            return json.loads(rows[0][0])
        except (IndexError, ValueError):
            return {}

    def note(self, name, **values):
        text = json.dumps(self.notes(name) | values)
        self.sql(f'COMMENT ON DATABASE "{name}" IS {quote(text)}')

    def must_be_free(self, name):
        rows = self.sql(
            "SELECT pid, coalesce(nullif(application_name, ''), 'a program')"
            f" FROM pg_stat_activity WHERE datname = {quote(name)}"
        )
        if rows:
            who = ", ".join(f"{application} ({pid})" for pid, application in rows)
            raise Problem(
                f"the database {name} is in use by {who}",
                "stop make demo, make shell or whatever uses it, then again",
            )

    def drop(self, name):
        if self.exists(name):
            self.must_be_free(name)
            self.sql(f'DROP DATABASE "{name}"')
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def filestore(self, name):
        return self.paths.data / "filestore" / name

    def clone(self, template, name):
        self.drop(name)
        for attempt in range(5):
            try:
                self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
                break
            except Problem as problem:
                # somebody looks at the template for a moment
                if "being accessed" not in problem.what or attempt == 4:
                    raise
                time.sleep(2)
        self._copy_filestore(template, name)

    def rename(self, name, new_name):
        self.sql(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')
        self._copy_filestore(name, new_name)
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def _copy_filestore(self, name, new_name):
        target = self.filestore(new_name)
        shutil.rmtree(target, ignore_errors=True)
        if self.filestore(name).is_dir():
            # attachments are named by their contents and never change: link them
            shutil.copytree(self.filestore(name), target, copy_function=os.link)

    # templates

    def template(self, kind, modules, parent=None):
        """Name of a template database with these modules and demo data.

        It is built when missing; its name changes with Odoo and the modules.
        """
        key = short_hash(
            f"{FORMAT} {self.runner.source.key} {sorted(modules)} {parent}", 6
        )
        name = f"cc_template_{kind}_{key}"
        if self.exists(name):
            return name
        with exclusive(self.paths.locks / name, f"building the template {kind}"):
            if self.exists(name):
                return name
            building = f"{name}_building"
            what = f"Building the template database {kind} ({', '.join(modules)})"
            with step(what):
                if parent:
                    self.clone(parent, building)
                else:
                    self.drop(building)
                self.runner.quiet(
                    [
                        "-d",
                        building,
                        "-i",
                        ",".join(modules),
                        "--stop-after-init",
                        "--no-http",
                    ],
                    f"template {kind}",
                )
                self.must_be_installed(building, modules)
                if not parent and self.lacks_dropped_script():
                    self.runner.quiet(
                        ["shell", "-d", building, "--no-http"],
                        f"template {kind} assets",
                        HIDE_DROPPED_SCRIPT,
                    )
                self.rename(building, name)
        return name

    def base_template(self):
        # mail is always there: the browser fix needs it
        modules = sorted({"mail", *outside_dependencies(self.addons)})
        return self.template("base", modules)

    def full_template(self):
        return self.template("full", FULL_MODULES, self.base_template())

    def lacks_dropped_script(self):
        return not any(
            (path / DROPPED_SCRIPT).exists() for path in self.runner.source.addons
        )

    # our addons in a database

    def must_be_installed(self, name, modules):
        """Odoo skips a module it cannot install, and says so only in its log."""
        wanted = ", ".join(quote(module) for module in modules)
        rows = self.sql(
            "SELECT name FROM ir_module_module WHERE state = 'installed'"
            f" AND name IN ({wanted})",
            database=name,
        )
        missing = sorted(set(modules) - {row[0] for row in rows})
        if missing:
            raise Problem(
                f"not installed in {name}: {', '.join(missing)}",
                "check the names under 'depends' in the manifests",
            )

    def update(self, name):
        """Install new and update changed addons; return whether any was."""
        known = self.notes(name).get("addons", {})
        current = {addon.name: addon.fingerprint() for addon in self.addons.values()}
        new = sorted(set(current) - set(known))
        changed = sorted(
            addon
            for addon in current
            if addon in known and known[addon] != current[addon]
        )
        if not new and not changed:
            return False
        arguments = ["-d", name, "--stop-after-init", "--no-http"]
        if new:
            arguments += ["-i", ",".join(new)]
        if changed:
            arguments += ["-u", ",".join(changed)]
        doing = [f"installing {', '.join(new)}"] * bool(new)
        doing += [f"updating {', '.join(changed)}"] * bool(changed)
        with step(f"{name}: {' and '.join(doing)}"):
            log = self.runner.quiet(arguments, f"{name} addons")
            self.must_be_installed(name, current)
            self.must_have_demo_data(name, current, log)
            self.runner.report_warnings(log)
        demo = {addon.name: addon.demo_fingerprint() for addon in self.addons.values()}
        self.note(name, addons=current, demo=demo)
        return True

    def must_have_demo_data(self, name, modules, log):
        """For Odoo, demo data that does not load is only a warning."""
        wanted = ", ".join(quote(module) for module in modules)
        rows = self.sql(
            f"SELECT name FROM ir_module_module WHERE NOT demo AND name IN ({wanted})",
            database=name,
        )
        if rows:
            self.note(name, addons={})  # unfinished
            raise Problem(
                f"the demo data of {rows[0][0]} does not load\n"
                + tail(without_news(log), 40),
                "correct it; the next run builds the database anew",
            )

    def outdated(self, name):
        """Why a database must be built anew rather than updated; empty if not.

        Odoo loads the functions and the new records of demo data only together.
        """
        notes = self.notes(name)
        if not notes.get("addons"):
            return "it was left unfinished"
        for addon in self.addons.values():
            known = notes.get("demo", {}).get(addon.name)
            if known not in (None, addon.demo_fingerprint()):
                return f"the demo data of {addon.name} has changed"
        return ""

    def build_bundles(self, name):
        with step(f"{name}: building the browser's scripts and styles"):
            self.runner.quiet(
                ["shell", "-d", name, "--no-http", "--log-level=warn"],
                f"{name} bundles",
                BUILD_BUNDLES,
            )

    def prepare(self, name, template, fresh=True):
        """A database with every addon of the repository, ready for a browser.

        :param template: callable for the template's name, called when needed
        :param fresh: drop an existing database first
        """
        if not fresh and self.exists(name):
            reason = self.outdated(name)
            if reason:
                say(f"   {name} is built anew: {reason}")
                fresh = True
        else:
            fresh = True
        if fresh:
            source = template()
            with step(f"{name}: cloning {source}"):
                self.clone(source, name)
        if self.update(name) and fresh:
            # saves several seconds at the first page; later changes rebuild only theirs
            self.build_bundles(name)
