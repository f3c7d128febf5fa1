"""``pip install .`` gives a company everything: Odoo finds and installs the addons
from site-packages, with nothing of this repository in its ``addons_path``."""

import ast
import configparser
import os
import shutil
import site
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
ADDONS = sorted(manifest.parent.name for manifest in CHECKOUT.glob("*/__manifest__.py"))
NOT_SHIPPED = {"__pycache__", ".ruff_cache", ".pytest_cache"}


def call(command, **options):
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    if done.returncode:
        raise AssertionError(
            f"{command}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
    return done.stdout


def copy_checkout(target):
    """setuptools writes beside setup.py, and the checkout must stay clean."""
    target.mkdir()
    for name in ("setup.py", "README.md", "LICENSE", *ADDONS):
        source = CHECKOUT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns(*NOT_SHIPPED, "*.pyc")
            shutil.copytree(source, target / name, ignore=ignore)
        else:
            shutil.copy(source, target)


class TestPackaging(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scratch = tempfile.TemporaryDirectory(prefix="customer-card-wheel-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        copy_checkout(cls.scratch / "checkout")
        pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps"]
        pip += ["--no-build-isolation", "-w", cls.scratch, cls.scratch / "checkout"]
        call(pip)
        (cls.wheel,) = cls.scratch.glob("*.whl")

    def test_wheel_holds_every_file(self):
        with zipfile.ZipFile(self.wheel) as archive:
            shipped = set(archive.namelist())
        for addon in ADDONS:
            expected = {
                f"odoo/addons/{file.relative_to(self.scratch / 'checkout')}"
                for file in (self.scratch / "checkout" / addon).rglob("*")
                if file.is_file()
            }
            with self.subTest(addon=addon):
                self.assertFalse(expected - shipped, "missing in the wheel")
                self.assertIn(f"odoo/addons/{addon}/__manifest__.py", shipped)

    def test_wheel_leaves_the_namespace_to_odoo(self):
        """An ``odoo/__init__.py`` of ours would hide Odoo itself."""
        with zipfile.ZipFile(self.wheel) as archive:
            shipped = set(archive.namelist())
        self.assertFalse({"odoo/__init__.py", "odoo/addons/__init__.py"} & shipped)
        top = {name.split("/")[0] for name in shipped if ".dist-info/" not in name}
        self.assertEqual(top, {"odoo"})

    def test_wheel_asks_for_no_odoo(self):
        with zipfile.ZipFile(self.wheel) as archive:
            (name,) = (n for n in archive.namelist() if n.endswith("/METADATA"))
            metadata = archive.read(name).decode()
        self.assertNotIn("Requires-Dist", metadata)


@unittest.skipUnless(
    os.environ.get("CUSTOMER_CARD_TEMPLATE"), "needs the databases of make test"
)
class TestInstalledFromWheel(unittest.TestCase):
    """A real Odoo on a scratch database, with the addons in site-packages only."""

    database = "cc_wheel"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scratch = tempfile.TemporaryDirectory(prefix="customer-card-wheel-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        copy_checkout(cls.scratch / "checkout")
        cls.python = cls._company_environment()
        cls.configuration = cls._company_configuration()
        call(["dropdb", "--if-exists", cls.database])
        call(["createdb", "-T", os.environ["CUSTOMER_CARD_TEMPLATE"], cls.database])
        cls.addClassCleanup(call, ["dropdb", "--if-exists", cls.database])

    @classmethod
    def _company_environment(cls):
        """An environment that also sees the packages of the running one."""
        directory = cls.scratch / "venv"
        call([sys.executable, "-m", "venv", "--without-pip", directory])
        python = directory / "bin" / "python"
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        own = Path(call([python, "-c", code]).strip())
        ours = [path for path in site.getsitepackages() if Path(path).is_dir()]
        (own / "running.pth").write_text("\n".join(ours) + "\n")
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
        pip += ["--no-build-isolation", "--target", own, cls.scratch / "checkout"]
        call(pip)
        return python

    @classmethod
    def _company_configuration(cls):
        parser = configparser.RawConfigParser()
        parser.read(os.environ["ODOO_RC"])
        options = parser["options"]
        paths = options["addons_path"].split(",")
        options["addons_path"] = ",".join(p for p in paths if Path(p) != CHECKOUT)
        options["data_dir"] = str(cls.scratch / "data")
        file = cls.scratch / "odoo.conf"
        with open(file, "w", encoding="utf-8") as stream:
            parser.write(stream)
        return file

    def odoo(self, *arguments, script=None):
        import odoo.release  # the one that runs this test

        environment = os.environ | {
            "ODOO_RC": str(self.configuration),
            "PYTHONPATH": str(Path(odoo.release.__file__).parents[1]),
        }
        command = [self.python, "-m", "odoo", *arguments]
        return call(command, env=environment, cwd=self.scratch, input=script)

    def test_odoo_installs_the_addons(self):
        names = ",".join(ADDONS)
        arguments = ["-d", self.database, "-i", names, "--stop-after-init", "--no-http"]
        self.odoo("server", "-c", self.configuration, *arguments)
        script = f"""
import odoo.modules
names = {ADDONS!r}
modules = env['ir.module.module'].search([('name', 'in', names)])
print('FACTS', {{
    'states': dict(modules.mapped(lambda m: (m.name, m.state))),
    'paths': {{name: odoo.modules.get_module_path(name) for name in names}},
}})
"""
        shell = ["shell", "-c", self.configuration, "-d", self.database, "--no-http"]
        output = self.odoo(*shell, script=script)
        (line,) = (line for line in output.splitlines() if "FACTS" in line)
        facts = ast.literal_eval(line.partition("FACTS ")[2])
        self.assertEqual(facts["states"], dict.fromkeys(ADDONS, "installed"))
        for addon, path in facts["paths"].items():
            self.assertIn("site-packages", path, f"{addon} was found elsewhere")
