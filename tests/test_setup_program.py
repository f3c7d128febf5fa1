"""The set-up program in ``dev/workbench``: what it decides and what it says.

No Odoo, no network, no PostgreSQL: temporary directories and stand-ins.
"""

import errno
import io
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

CHECKOUT = Path(__file__).parents[1]
sys.path.insert(0, str(CHECKOUT / "dev"))

from workbench import (  # noqa: E402
    addons,
    cli,
    database,
    demo,
    lock,
    odoo_runner,
    odoo_source,
    postgres,
    process,
    pytest_plugin,
    python_env,
    system,
    testing,
)
from workbench.console import Problem  # noqa: E402
from workbench.paths import ROOT_CLUSTERS, SOCKET_DIRECTORY_LIMIT, Paths  # noqa: E402


class Case(unittest.TestCase):
    def setUp(self):
        super().setUp()
        scratch = tempfile.TemporaryDirectory(prefix="workbench-")
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.paths = Paths(
            self.scratch / "checkout", self.scratch / "cache", self.scratch / "state"
        )
        self.paths.checkout.mkdir()
        self.paths.create()
        for stream in (redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO())):
            stream.__enter__()
            self.addCleanup(stream.__exit__, None, None, None)

    def write(self, name, text=""):
        file = self.scratch / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def addon(self, name, depends=("base",), **manifest):
        manifest = {"name": name, "depends": list(depends)} | manifest
        return self.write(f"checkout/{name}/__manifest__.py", repr(manifest)).parent

    def patch(self, target, name, value):
        patcher = mock.patch.object(target, name, value)
        self.addCleanup(patcher.stop)
        return patcher.start()

    def assertProblem(self, words, remedy=""):
        return _Problem(self, words, remedy)


class _Problem:
    """A problem was raised whose sentences hold these words."""

    def __init__(self, case, words, remedy):
        self.case, self.words, self.remedy = case, words, remedy

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        self.case.assertIs(kind, Problem, f"a Problem was expected, got {problem!r}")
        self.case.assertIn(self.words, problem.what)
        self.case.assertIn(self.remedy, problem.remedy)
        return True


class TestPaths(Case):
    def test_default_directories_are_in_the_home(self):
        paths = Paths.from_environment({"HOME": "/home/ann"}, is_root=False)
        self.assertEqual(paths.cache, Path("/home/ann/.cache/customer-card"))
        self.assertEqual(paths.state, Path("/home/ann/.local/state/customer-card"))
        self.assertEqual(paths.cluster, paths.state / "postgres")

    def test_customer_card_home_moves_both(self):
        environ = {"HOME": "/home/ann", "CUSTOMER_CARD_HOME": "/srv/cc"}
        paths = Paths.from_environment(environ, is_root=False)
        self.assertEqual(paths.cache, Path("/srv/cc/cache"))
        self.assertEqual(paths.state, Path("/srv/cc/state"))

    def test_cluster_of_root_is_outside_its_home(self):
        one = Paths.from_environment({"HOME": "/root"}, is_root=True)
        other = Paths.from_environment({"CUSTOMER_CARD_HOME": "/srv/cc"}, is_root=True)
        self.assertEqual(one.cluster.parent, ROOT_CLUSTERS)
        self.assertNotEqual(one.cluster, other.cluster)

    def test_socket_path_fits_into_the_kernels_limit(self):
        environ = {"CUSTOMER_CARD_HOME": "/srv/" + "deep/" * 30}
        paths = Paths.from_environment(environ, is_root=False)
        self.assertLessEqual(len(str(paths.socket)), SOCKET_DIRECTORY_LIMIT)

    def test_two_checkouts_have_their_own_configuration(self):
        one = Paths.from_environment({"HOME": "/home/ann"}, "/a/suite", False)
        two = Paths.from_environment({"HOME": "/home/ann"}, "/b/suite", False)
        self.assertNotEqual(one.odoo_conf, two.odoo_conf)


class TestOdooSource(Case):
    def make_odoo(self, directory, version="19, 0, 0, FINAL, 0, ''"):
        self.write(f"{directory}/odoo/release.py", f"version_info = ({version})\n")
        self.write(f"{directory}/odoo/addons/base/__manifest__.py")
        return self.scratch / directory

    def make_checkout(self, directory="src", **options):
        root = self.make_odoo(directory, **options)
        self.write(f"{directory}/addons/web/__manifest__.py")
        return root

    def test_given_checkout(self):
        root = self.make_checkout()
        source = odoo_source.find(self.paths, {"ODOO_SRC": str(root)})
        self.assertEqual(source.python_path, root)
        self.assertEqual(source.addons, (root / "addons", root / "odoo/addons"))
        self.assertEqual(source.version, "19.0.0")

    def test_given_checkout_of_another_version(self):
        root = self.make_checkout(version="18, 0, 0, FINAL, 0, ''")
        with self.assertProblem("is Odoo 18.0.0, not 19.0", "ODOO_SRC"):
            odoo_source.find(self.paths, {"ODOO_SRC": str(root)})

    def test_given_directory_without_odoo(self):
        with self.assertProblem("holds no Odoo", "checkout"):
            odoo_source.find(self.paths, {"ODOO_SRC": str(self.scratch)})

    def test_given_checkout_without_community_addons(self):
        root = self.make_odoo("bare")
        with self.assertProblem("no community addons"):
            odoo_source.find(self.paths, {"ODOO_SRC": str(root)})

    def test_saas_version_is_not_taken_for_19_0(self):
        root = self.make_checkout(version="'saas~19', 2, 0, FINAL, 0, ''")
        with self.assertProblem("not 19.0"):
            odoo_source.find(self.paths, {"ODOO_SRC": str(root)})

    def test_installed_odoo_does_not_bring_its_neighbours(self):
        """The system's lxml beside it would hide the pinned one."""
        site = self.make_odoo("dist-packages")
        self.write("dist-packages/odoo/addons/web/__manifest__.py")
        self.write("dist-packages/lxml/__init__.py")
        source = odoo_source.describe(site / "odoo", "it", self.paths.odoo / "links")
        self.assertEqual(os.listdir(source.python_path), ["odoo"])
        self.assertTrue((source.python_path / "odoo/release.py").is_file())

    def test_unpacked_package_is_found_again(self):
        tree = "cache/odoo/19.0.0+dfsg-1/usr/lib/python3/dist-packages"
        root = self.make_odoo(tree)
        self.write(f"{tree}/odoo/addons/web/__manifest__.py")
        self.patch(odoo_source, "find_importable", lambda: None)
        self.patch(odoo_source, "fetch", self.fail)
        self.assertEqual(odoo_source.find(self.paths, {}).python_path, root)

    def test_unfinished_unpacking_is_not_taken(self):
        self.make_odoo("cache/odoo/.19.0.0.unpacking")
        self.assertIsNone(odoo_source.unpacked(self.paths))

    def test_clone_when_there_is_no_package(self):
        self.patch(odoo_source, "is_debian_like", lambda: False)
        clone = self.make_checkout("clone")
        self.patch(odoo_source, "fetch_clone", lambda paths: clone)
        self.assertEqual(odoo_source.fetch(self.paths), clone / "odoo")

    def test_without_network_both_failures_are_told(self):
        self.patch(odoo_source, "is_debian_like", lambda: True)
        self.patch(odoo_source.shutil, "which", lambda name: f"/usr/bin/{name}")

        def offline(what):
            def fail(*_args):
                raise Problem(f"{what} failed", "check the network connection")

            return fail

        self.patch(odoo_source.DebianPackage, "prepare", offline("apt-get update"))
        self.patch(odoo_source, "fetch_clone", offline("cloning"))
        with self.assertProblem(
            "apt-get update failed\nand then cloning failed", "network"
        ):
            odoo_source.fetch(self.paths)

    def test_sid_from_a_sources_stanza(self):
        text = (
            "Types: deb\n# a comment\nURIs: http://archive.test/debian\n"
            "Suites: bookworm bookworm-updates\nComponents: main contrib\n"
            "Signed-By: /usr/share/keyrings/archive.gpg\n\n"
            "Types: deb\nURIs: http://security.test/\nSuites: bookworm-security\n"
        )
        stanza = odoo_source.sid_sources(text, "bookworm")
        self.assertIn("URIs: http://archive.test/debian\n", stanza)
        self.assertIn("Suites: sid\n", stanza)
        self.assertIn("Components: main\n", stanza)
        self.assertIn("Signed-By: /usr/share/keyrings/archive.gpg\n", stanza)

    def test_sid_from_a_sources_line(self):
        text = "# old style\ndeb [signed-by=/k.gpg] http://archive.test/debian trixie main\n"
        stanza = odoo_source.sid_sources(text, "trixie")
        self.assertIn("URIs: http://archive.test/debian\n", stanza)
        self.assertIn("Signed-By: /k.gpg\n", stanza)

    def test_other_vendors_sources_are_left_alone(self):
        text = "Types: deb\nURIs: http://vendor.test/\nSuites: nodistro\n"
        self.assertIsNone(odoo_source.sid_sources(text, "bookworm"))

    def test_ubuntu_has_no_sid(self):
        release = {"ID": "ubuntu", "VERSION_CODENAME": "noble"}
        self.assertIsNone(odoo_source.machine_sid_sources(self.scratch, release))

    def test_unpacking_links_the_fonts_into_the_same_root(self):
        package = odoo_source.DebianPackage(self.paths)
        package.version = lambda: "19.0.0-1"
        package._apt_get = lambda *arguments: [
            self.write(f"cache/debs/{name}_1_all.deb") for name in arguments[2:]
        ]
        unpacked = []
        self.patch(odoo_source, "run", lambda command, what: unpacked.append(command))
        root = package.fetch()
        self.assertEqual(root, self.paths.odoo / "19.0.0-1")
        self.assertEqual(len(unpacked), 1 + len(odoo_source.LINKED_PACKAGES))
        self.assertEqual(len({command[3] for command in unpacked}), 1)


class TestPythonEnvironment(Case):
    def setUp(self):
        super().setUp()
        self.write("checkout/dev/requirements.txt", "six==1\n")

    def test_new_requirements_mean_a_new_environment(self):
        before = python_env.location(self.paths)
        self.write("checkout/dev/requirements.txt", "six==2\n")
        self.assertNotEqual(python_env.location(self.paths), before)

    def test_interrupted_environment_is_built_again(self):
        built = []

        def build(paths, directory):
            built.append(directory)
            python = directory / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()

        self.patch(python_env, "build", build)
        build(self.paths, python_env.location(self.paths))  # and then interrupted
        python_env.ensure(self.paths)
        python_env.ensure(self.paths)
        self.assertEqual(len(built), 2)

    def test_missing_venv_names_the_package(self):
        self.patch(python_env, "has_venv", lambda: False)
        self.patch(python_env, "may_install", lambda: False)
        with self.assertProblem("cannot build environments", "apt-get install python3"):
            python_env.create(self.scratch / "venv")

    def test_old_python_is_refused_before_anything_else(self):
        main = CHECKOUT / "dev" / "workbench" / "__main__.py"
        with mock.patch.object(sys, "version_info", (3, 9, 2)):
            with self.assertRaises(SystemExit) as caught:
                runpy.run_path(str(main))
        self.assertIn("Python 3.10 or newer is needed", str(caught.exception))

    def test_requirements_are_pinned(self):
        text = (CHECKOUT / "dev" / "requirements.txt").read_text()
        lines = [line for line in text.splitlines() if line and line[0] != "#"]
        self.assertEqual([line for line in lines if "==" not in line], [])
        self.assertNotIn("pypdf2", text.lower().replace("never pypdf2", ""))


class TestSystem(Case):
    def test_missing_program_without_rights_names_the_command(self):
        self.patch(system, "may_install", lambda: False)
        self.patch(system, "is_debian_like", lambda: True)
        with self.assertProblem("Chromium is missing", "apt-get install chromium"):
            system.require("Chromium", lambda: None, "chromium", "the browser tests")

    def test_missing_program_is_installed_where_that_is_allowed(self):
        self.patch(system, "may_install", lambda: True)
        installed = []
        self.patch(system.apt, "install", installed.append)
        system.require("X", lambda: bool(installed), "x-package", "why")
        self.assertEqual(installed, ["x-package"])

    def test_browser_that_is_only_a_snap(self):
        self.patch(system, "find_browser", lambda: None)
        self.patch(system, "may_install", lambda: True)
        self.patch(system.apt, "update", lambda: None)
        self.patch(system.apt, "offers", lambda package: False)
        with self.assertProblem("apt has none", "snap install chromium"):
            system.require_browser()

    def test_demo_runs_without_wkhtmltopdf(self):
        self.patch(system.shutil, "which", lambda name: None)
        system.want_wkhtmltopdf()

    def test_ubuntu_and_its_children_are_debian_like(self):
        self.assertTrue(
            system.is_debian_like({"ID": "mint", "ID_LIKE": "ubuntu debian"})
        )
        self.assertFalse(system.is_debian_like({"ID": "fedora"}))

    def test_os_release_fields(self):
        file = self.write("os-release", 'ID=debian\nNAME="Debian GNU/Linux"\n')
        self.assertEqual(
            system.os_release(file), {"ID": "debian", "NAME": "Debian GNU/Linux"}
        )


class TestProcess(Case):
    def test_missing_program(self):
        with self.assertProblem("the program no-such-thing is missing", "install it"):
            process.run(["no-such-thing"], "trying", "install it")

    def test_failure_shows_the_end_of_the_output(self):
        code = "import sys; print('x' * 9, file=sys.stderr); sys.exit(3)"
        with self.assertProblem("failed (exit code 3)\n    xxxxxxxxx"):
            process.run([sys.executable, "-c", code], "it")

    def test_full_disk_is_noticed_before_the_work(self):
        usage = mock.Mock(free=10 * 2**20)
        self.patch(process.shutil, "disk_usage", lambda directory: usage)
        with self.assertProblem("only 10 MB are free", "CUSTOMER_CARD_HOME"):
            process.need_space(self.scratch / "not/there/yet", 500, "Odoo")

    def test_children_do_not_inherit_what_bends_them(self):
        bent = {"PYTHONPATH": "/x", "ODOO_RC": "/y", "PGDATABASE": "z", "HOME": "/h"}
        with mock.patch.dict(os.environ, bent, clear=True):
            self.assertEqual(process.clean_environment(A=1), {"HOME": "/h", "A": "1"})

    def test_interruption_is_passed_on_to_a_detached_child(self):
        code = "import signal, time; signal.signal(15, lambda *_: exit(7)); "
        code += "print(flush=True); time.sleep(30)"
        children = []
        with process.signals_left_to(children, detached=True) as came:
            child = subprocess.Popen(
                [sys.executable, "-c", code],
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
            children.append(child)
            child.stdout.readline()
            os.kill(os.getpid(), signal.SIGINT)
            self.assertEqual(child.wait(20), 7)
            child.stdout.close()
        self.assertEqual(came, [signal.SIGINT])

    def test_sigterm_is_passed_on_to_the_child(self):
        code = "import signal, time; signal.signal(15, lambda *_: exit(7)); "
        code += "print(flush=True); time.sleep(30)"
        children = []
        with process.signals_left_to(children) as came:
            child = subprocess.Popen(
                [sys.executable, "-c", code], stdout=subprocess.PIPE
            )
            children.append(child)
            child.stdout.readline()
            os.kill(os.getpid(), signal.SIGTERM)
            self.assertEqual(child.wait(20), 7)
            child.stdout.close()
        self.assertEqual(came, [signal.SIGTERM])


class TestLocks(Case):
    def test_second_set_up_is_told_who_is_at_it(self):
        file = self.scratch / "lock"
        with lock.exclusive(file, "make demo"):
            with self.assertProblem(f"process {os.getpid()} (make demo)", "wait"):
                with lock.exclusive(file, "make test", timeout=0):
                    self.fail("two holders of one lock")

    def test_second_set_up_waits_for_the_first(self):
        file = self.scratch / "lock"
        first = lock.exclusive(file, "make demo")
        first.__enter__()
        release = lambda seconds: first.__exit__(None, None, None)  # noqa: E731
        self.patch(lock.time, "sleep", release)
        with lock.exclusive(file, "make test"):
            pass

    def test_lock_of_a_dead_process_is_free(self):
        file = self.scratch / "lock"
        code = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 66), 2); "
        code += "os.kill(os.getpid(), 9)"
        subprocess.run([sys.executable, "-c", code, file], check=False)
        with lock.exclusive(file, "make test", timeout=0):
            pass

    def test_last_user_turns_off_the_light(self):
        one, two = lock.Users(self.scratch / "u"), lock.Users(self.scratch / "u")
        one.enter()
        two.enter()
        self.assertFalse(one.leave())
        self.assertTrue(two.leave())


class TestAddons(Case):
    def test_discovers_installable_addons_at_the_top_level(self):
        self.addon("customer_card", ["contacts", "mail"])
        self.addon("customer_visit", ["customer_card", "calendar"])
        self.addon("old", installable=False)
        found = addons.discover(self.paths.checkout)
        self.assertEqual(sorted(found), ["customer_card", "customer_visit"])
        self.assertEqual(
            addons.outside_dependencies(found), ["calendar", "contacts", "mail"]
        )

    def test_no_addon(self):
        with self.assertProblem("there is no addon"):
            addons.discover(self.paths.checkout)

    def test_broken_manifest_is_named(self):
        self.write("checkout/broken/__manifest__.py", "{'name': ")
        with self.assertProblem("broken/__manifest__.py cannot be read"):
            addons.discover(self.paths.checkout)

    def test_fingerprint_sees_models_and_views_not_tests(self):
        path = self.addon("customer_card")
        addon = addons.discover(self.paths.checkout)["customer_card"]
        before = addon.fingerprint()
        (path / "tests").mkdir()
        (path / "tests" / "test_x.py").write_text("x")
        self.assertEqual(addon.fingerprint(), before)
        (path / "views.xml").write_text("<odoo/>")
        self.assertNotEqual(addon.fingerprint(), before)


class TestPostgres(Case):
    def server(self, version):
        self.write(f"pg{version}/initdb")
        return self.scratch / f"pg{version}"

    def test_cluster_keeps_the_version_that_made_it(self):
        directories = [self.server(17), self.server(15)]
        self.patch(postgres, "server_directories", lambda: directories)
        self.patch(postgres, "major_version", lambda d: d.name.removeprefix("pg"))
        server = postgres.Postgres(self.paths)
        self.assertEqual(server.bin, directories[0])
        self.write("state/postgres/data/PG_VERSION", "15\n")
        self.assertEqual(postgres.Postgres(self.paths).bin, directories[1])
        self.write("state/postgres/data/PG_VERSION", "13\n")
        with self.assertProblem("PostgreSQL 13, which is gone", "make clean"):
            _ = postgres.Postgres(self.paths).bin

    def test_root_hands_over_to_the_account_postgres(self):
        paths = Paths(self.paths.checkout, self.paths.cache, self.paths.state, True)
        command = postgres.Postgres(paths)._as_owner(["initdb"])
        self.assertEqual(command[:3], ["runuser", "-u", "postgres"])
        self.assertEqual(
            postgres.Postgres(self.paths)._as_owner(["initdb"]), ["initdb"]
        )

    def test_missing_postgres_names_the_package(self):
        self.patch(postgres, "server_directories", list)
        self.patch(system, "may_install", lambda: False)
        self.patch(system, "is_debian_like", lambda: True)
        with self.assertProblem("PostgreSQL is missing", "apt-get install postgresql"):
            _ = postgres.Postgres(self.paths).bin

    def test_stops_when_the_last_user_leaves(self):
        calls = []

        class Fake(postgres.Postgres):
            up = False

            def running(self):
                return self.up

            def start(self):
                calls.append("start")
                Fake.up = True

            def stop(self):
                calls.append("stop")
                Fake.up = False

        with Fake(self.paths).in_use():
            with Fake(self.paths).in_use():
                pass
            self.assertEqual(calls, ["start"])
        self.assertEqual(calls, ["start", "stop"])


class FakeServer:
    """Databases with a comment and installed modules, for the SQL of Databases."""

    def __init__(self):
        self.comments = {}
        self.installed = set()
        self.without_demo = set()
        self.connections = []
        self.statements = []

    def sql(self, statement, database="postgres"):
        self.statements.append(statement)
        if statement.startswith("SELECT 1 FROM pg_database"):
            return [["1"]] if statement.split("'")[1] in self.comments else []
        if "shobj_description" in statement:
            return [[self.comments[statement.split("'")[3]]]]
        if "pg_stat_activity" in statement:
            return self.connections
        if "WHERE NOT demo" in statement:
            return [[name] for name in self.without_demo]
        if "ir_module_module" in statement:
            return [[name] for name in self.installed]
        words = statement.split('"')
        if statement.startswith("CREATE DATABASE"):
            self.comments[words[1]] = ""
        elif statement.startswith("DROP DATABASE"):
            del self.comments[words[1]]
        elif statement.startswith("ALTER DATABASE"):
            self.comments[words[3]] = self.comments.pop(words[1])
        elif statement.startswith("COMMENT"):
            text = statement.partition(" IS ")[2]
            self.comments[words[1]] = text[1:-1].replace("''", "'")
        return []


class TestDatabases(Case):
    def setUp(self):
        super().setUp()
        self.addon("customer_card", ["contacts"])
        self.server = FakeServer()
        self.calls = []
        self.runner = mock.Mock(paths=self.paths)
        self.runner.postgres.sql = self.server.sql
        self.runner.source.key = "19"
        self.runner.source.addons = ()
        self.runner.quiet = self.odoo

    def odoo(self, arguments, what, script=None):
        self.calls.append(arguments)
        for option in ("-i", "-u"):
            if option in arguments:
                names = arguments[arguments.index(option) + 1]
                self.server.installed |= set(names.split(","))
        self.server.comments.setdefault(arguments[arguments.index("-d") + 1], "")
        return ""

    @property
    def databases(self):
        return database.Databases(self.runner, addons.discover(self.paths.checkout))

    def test_template_is_built_once(self):
        name = self.databases.base_template()
        builds = len(self.calls)
        self.assertEqual(self.databases.base_template(), name)
        self.assertEqual(len(self.calls), builds)
        self.assertIn("contacts,mail", self.calls[0])

    def test_new_dependency_means_a_new_template(self):
        name = self.databases.base_template()
        self.addon("customer_visit", ["customer_card", "calendar"])
        self.assertNotEqual(self.databases.base_template(), name)

    def test_interrupted_template_is_not_used(self):
        name = self.databases.base_template()
        del self.server.comments[name]
        self.server.comments[f"{name}_building"] = ""
        builds = len(self.calls)
        self.databases.base_template()
        self.assertGreater(len(self.calls), builds)

    def test_second_time_does_nothing(self):
        template = self.databases.base_template
        self.databases.prepare("demo", template, fresh=False)
        self.calls.clear()
        self.databases.prepare("demo", template, fresh=False)
        self.assertEqual(self.calls, [])

    def test_changed_addon_is_updated_and_new_one_installed(self):
        self.databases.prepare("demo", self.databases.base_template, fresh=False)
        self.calls.clear()
        self.write("checkout/customer_card/views.xml", "<odoo/>")
        self.addon("customer_visit", ["customer_card"])
        self.databases.prepare("demo", self.databases.base_template, fresh=False)
        (call,) = self.calls
        self.assertEqual(call[call.index("-i") + 1], "customer_visit")
        self.assertEqual(call[call.index("-u") + 1], "customer_card")

    def test_changed_demo_data_means_a_new_database(self):
        """An update would load new records without the functions they need."""
        template = self.databases.base_template
        self.databases.prepare("demo", template, fresh=False)
        self.calls.clear()
        self.write("checkout/customer_card/demo/x_demo.xml", "<odoo/>")
        self.databases.prepare("demo", template, fresh=False)
        self.assertNotIn("-u", self.calls[0])
        self.assertIn('DROP DATABASE "demo"', self.server.statements)

    def test_demo_data_that_does_not_load_is_a_failure(self):
        self.server.without_demo = {"customer_card"}
        template = self.databases.base_template
        for _attempt in range(2):
            with self.assertProblem("demo data of customer_card does not load"):
                self.databases.prepare("demo", template, fresh=False)
        self.assertIn("-i", self.calls[-1], "an unfinished database is built anew")

    def test_failed_update_is_tried_again(self):
        self.databases.prepare("demo", self.databases.base_template, fresh=False)
        self.write("checkout/customer_card/views.xml", "broken")
        self.runner.quiet = mock.Mock(side_effect=Problem("broken"))
        for _attempt in range(2):
            with self.assertProblem("broken"):
                self.databases.update("demo")

    def test_module_that_odoo_skipped_is_noticed(self):
        self.runner.quiet = lambda *_args: ""
        self.server.comments["demo"] = ""
        with self.assertProblem("not installed in demo: customer_card"):
            self.databases.update("demo")

    def test_database_in_use_names_who_uses_it(self):
        self.server.comments["cc_test"] = ""
        self.server.connections = [["4711", "odoo-4711"]]
        with self.assertProblem("cc_test is in use by odoo-4711 (4711)", "make shell"):
            self.databases.drop("cc_test")

    def test_clone_shares_the_attachments(self):
        file = self.databases.filestore("one") / "ab" / "abcd"
        file.parent.mkdir(parents=True)
        file.write_text("x")
        self.databases.clone("one", "two")
        copy = self.databases.filestore("two") / "ab" / "abcd"
        self.assertTrue(copy.samefile(file))


class TestOdooRunner(Case):
    LOG = (
        "2026-01-02 03:04:05,678 99 INFO db odoo.modules.loading: loading\n"
        "2026-01-02 03:04:05,678 99 WARNING db odoo.fields: odd\n"
        "2026-01-02 03:04:05,678 99 WARNING db odoo.fields: odd\n"
        "2026-01-02 03:04:05,678 99 ERROR ? odoo.modules: not loaded\n"
        "Traceback: here\n"
    )

    def runner(self):
        source = mock.Mock(python_path=self.scratch, addons=(Path("/o/addons"),))
        server = postgres.Postgres(self.paths)
        return odoo_runner.OdooRunner(self.paths, source, Path("/v/bin/python"), server)

    def test_messages_by_level_once_each(self):
        self.assertEqual(
            odoo_runner.log_lines(self.LOG, "WARNING"), ["odoo.fields: odd"]
        )

    def test_error_report_is_without_the_news(self):
        text = odoo_runner.without_news(self.LOG)
        self.assertNotIn("loading", text)
        self.assertIn("not loaded\nTraceback: here", text)

    def test_an_error_in_the_log_is_a_failure(self):
        """Odoo leaves with 0 when it skipped a module."""
        runner = self.runner()
        line = self.LOG.splitlines()[3]
        runner.command = lambda arguments: [sys.executable, "-c", f"print({line!r})"]
        with self.assertProblem("not loaded", "whole log"):
            runner.quiet([], "installing")

    def test_configuration_is_in_the_environment(self):
        """Odoo's commands take ``-c`` in different places, or not at all."""
        environment = self.runner().environment()
        self.assertEqual(environment["ODOO_RC"], str(self.paths.odoo_conf))
        self.assertEqual(environment["PGHOST"], str(self.paths.socket))

    def test_configuration_sends_no_mail_and_listens_locally(self):
        self.runner().write_configuration()
        text = self.paths.odoo_conf.read_text()
        self.assertIn("smtp_port = 9\n", text)
        self.assertIn("http_interface = 127.0.0.1\n", text)
        self.assertIn(f"addons_path = /o/addons,{self.paths.checkout}\n", text)


class TestDemo(Case):
    def test_port(self):
        self.assertEqual(demo.chosen_port({}), 8069)
        self.assertEqual(demo.chosen_port({"PORT": "8100"}), 8100)
        with self.assertProblem("PORT=http is not a port"):
            demo.chosen_port({"PORT": "http"})

    def test_taken_port_offers_another(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with self.assertProblem("cannot be used", f"PORT={port + 1}"):
                demo.must_be_free("127.0.0.1", port)

    def test_welcome_names_the_address_and_every_login(self):
        text = demo.welcome("http://localhost:8069")
        self.assertIn("http://localhost:8069", text)
        for login in ("admin", "custodian_east", "regional_manager", "employee"):
            self.assertIn(f"  {login} ", text)

    def test_server_that_dies_shows_its_log(self):
        log = self.write("demo.log", "CRITICAL no way")
        child = mock.Mock(poll=lambda: 1)
        with self.assertProblem("CRITICAL no way", "demo.log"):
            demo.wait_until_up(child, "http://127.0.0.1:9", log, timeout=5)


class TestTestRuns(Case):
    def setUp(self):
        super().setUp()
        for name in ("customer_card/tests", "customer_visit/tests", "tests"):
            self.write(f"checkout/{name}/test_x.py")
        self.addons = ["customer_card", "customer_visit", "customer_vip"]

    def plan(self, *arguments):
        return testing.plan(arguments, self.paths.checkout, self.addons)

    def test_everything(self):
        (run,) = self.plan()
        self.assertEqual(run.targets, ["customer_card", "customer_visit", "tests"])
        self.assertIn("--ignore=tests/full", run.options)
        self.write("checkout/tests/full/test_y.py")
        _main, full = self.plan()
        self.assertEqual(
            (full.database, full.targets), ("cc_test_full", ["tests/full"])
        )

    def test_paths_choose_the_database(self):
        self.write("checkout/tests/full/test_y.py")
        (run,) = self.plan("tests/full/test_y.py::TestY::test_z")
        self.assertEqual(run.database, "cc_test_full")
        (run,) = self.plan("tests/test_x.py", "-x")
        self.assertEqual(run.database, "cc_test")
        self.assertEqual(run.targets, ["tests/test_x.py"])

    def test_value_of_an_option_is_no_path(self):
        (run,) = self.plan("customer_card", "-k", "tests", "-x")
        self.assertEqual(run.targets, ["customer_card"])
        self.assertEqual(run.options[1:], ["-k", "tests", "-x"])

    def test_repository_without_tests_fails(self):
        with self.assertProblem("no tests"):
            testing.plan([], self.scratch / "state", [])

    def test_sum(self):
        total = testing.Result(3) + testing.Result(1, 0, 2)
        self.assertEqual(str(total), "4 passed, 0 failed, 2 skipped")
        self.assertTrue(total.good)
        self.assertFalse((total + testing.Result(failed=1)).good)
        self.assertFalse(testing.Result(skipped=5).good, "nothing passed")

    def run_pytest(self, code, counts):
        """The result for a pytest that ends like this and wrote these counts."""

        def foreground(command, env, cwd):
            if counts is not None:
                Path(env["CUSTOMER_CARD_COUNTS"]).write_text(json.dumps(counts))
            return code

        self.patch(testing, "foreground", foreground)
        workbench = mock.Mock(paths=self.paths)
        workbench.runner.environment = lambda **more: {"PYTHONPATH": "/o"} | more
        return testing.run_pytest(workbench, testing.Run("cc_test", ["tests"]), 0)

    def test_crashed_pytest_is_a_failure(self):
        self.assertFalse(self.run_pytest(3, None).good)

    def test_pytest_that_fails_without_a_failed_test_is_a_failure(self):
        """A collection that was interrupted, for example."""
        counts = {"passed": 5, "failed": 0, "skipped": 0}
        self.assertEqual(self.run_pytest(2, counts).failed, 1)
        self.assertEqual(self.run_pytest(0, counts).failed, 0)

    def test_plugin_counts_what_pytest_counted(self):
        file = self.scratch / "counts.json"
        stats = {"passed": [1, 2], "error": [1], "subtests failed": [1], "skipped": [1]}
        with mock.patch.dict(os.environ, {"CUSTOMER_CARD_COUNTS": str(file)}):
            pytest_plugin.pytest_terminal_summary(mock.Mock(stats=stats))
        self.assertEqual(
            json.loads(file.read_text()), {"passed": 2, "failed": 2, "skipped": 1}
        )


class TestCommandLine(Case):
    def outcome(self, error):
        def command(workbench, arguments):
            raise error

        with (
            mock.patch.dict(cli.COMMANDS, {"demo": command}),
            mock.patch.dict(os.environ, {"CUSTOMER_CARD_HOME": str(self.scratch)}),
            redirect_stderr(io.StringIO()) as said,
        ):
            before = signal.getsignal(signal.SIGTERM)
            try:
                code = cli.main(["demo"])
            finally:
                signal.signal(signal.SIGTERM, before)
        return code, said.getvalue()

    def test_problem_is_a_sentence_with_a_remedy(self):
        code, said = self.outcome(Problem("it rains", "take an umbrella"))
        self.assertEqual(code, 1)
        self.assertEqual(said, "error: it rains\n  remedy: take an umbrella\n")

    def test_full_disk(self):
        code, said = self.outcome(OSError(errno.ENOSPC, "No space left", "/x"))
        self.assertEqual(code, 1)
        self.assertIn("the disk is full", said)
        self.assertIn("CUSTOMER_CARD_HOME", said)

    def test_foreign_files(self):
        code, said = self.outcome(PermissionError(errno.EACCES, "no", "/x"))
        self.assertEqual(code, 1)
        self.assertIn("no permission for /x", said)

    def test_interruption(self):
        self.assertEqual(self.outcome(KeyboardInterrupt())[0], 130)

    def test_unknown_command(self):
        self.assertEqual(cli.main(["dance"]), 2)

    def test_every_target_of_the_makefile_is_a_command(self):
        text = (CHECKOUT / "Makefile").read_text()
        words = [
            line.split()[-1] for line in text.splitlines() if "$(WORKBENCH) " in line
        ]
        self.assertTrue(words)
        self.assertEqual([word for word in words if word not in cli.COMMANDS], [])
