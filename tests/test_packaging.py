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
        names = ",".join(ADDONS)
        arguments = ["-d", cls.database, "-i", names, "--stop-after-init", "--no-http"]
        cls.odoo("server", "-c", cls.configuration, *arguments)

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

    @classmethod
    def odoo(cls, *arguments, script=None):
        import odoo.release  # the one that runs this test

        environment = os.environ | {
            "ODOO_RC": str(cls.configuration),
            "PYTHONPATH": str(Path(odoo.release.__file__).parents[1]),
        }
        command = [cls.python, "-m", "odoo", *arguments]
        return call(command, env=environment, cwd=cls.scratch, input=script)

    def get_facts(self, script):
        """:return: what a script in Odoo's shell prints after ``FACTS``"""
        shell = ["shell", "-c", self.configuration, "-d", self.database, "--no-http"]
        output = self.odoo(*shell, script=script)
        (line,) = (line for line in output.splitlines() if "FACTS" in line)
        return ast.literal_eval(line.partition("FACTS ")[2])

    def test_odoo_installs_the_addons(self):
        script = f"""
import odoo.modules
names = {ADDONS!r}
modules = env['ir.module.module'].search([('name', 'in', names)])
print('FACTS', {{
    'states': dict(modules.mapped(lambda m: (m.name, m.state))),
    'paths': {{name: odoo.modules.get_module_path(name) for name in names}},
}})
"""
        facts = self.get_facts(script)
        self.assertEqual(facts["states"], dict.fromkeys(ADDONS, "installed"))
        for addon, path in facts["paths"].items():
            self.assertIn("site-packages", path, f"{addon} was found elsewhere")

    def test_segmentation_is_uninstalled(self):
        """What the last addon has put onto cards, follow-ups and documents goes with it,
        and they go on without it. Runs after the test above, in its database."""
        facts = self.get_facts(UNINSTALL)
        self.assertEqual(facts["state"], "uninstalled")
        self.assertEqual(facts["started_by"], ["invoice", "manual"])
        self.assertEqual(facts["card_state"], "active")
        self.assertEqual(facts["rows"], 1)
        for left in ("tables", "rules", "kinds", "indexes"):
            self.assertFalse(facts[left], left)


UNINSTALL = """
from odoo.api import Environment
from odoo.modules.registry import Registry

INDEXES = "SELECT tablename || '.' || indexname FROM pg_indexes WHERE tablename IN "
INDEXES += "('account_move', 'account_move_line', 'res_partner', 'sale_order')"
OURS = "customer[._](metrics|segment|defection|next.sale|key|lifecycle|cohort|trade)"

card = env["res.partner"].create({"name": "Left Over", "is_company": True})
card._open_cards()
template = env.ref("customer_visit.customer_followup_template_purchase")
followup = env["customer.followup"]._start_for(card, template, "invoice")
env["customer.metrics"]._refresh(env.company)
rows = env["customer.metrics"].search_count([("partner_id", "=", card.id)])
env["customer.card.event"]._log(card, "class_changed", "B → A")
env.cr.commit()
module = env["ir.module.module"].search([("name", "=", "customer_segmentation")])
module.button_immediate_uninstall()
with Registry(env.cr.dbname).cursor() as cr:
    env = Environment(cr, 1, {})
    Event = env["customer.card.event"]
    known = dict(Event._fields["kind"].selection)
    cr.execute("SELECT table_name FROM information_schema.tables"
               " WHERE table_name ~ %s", (OURS,))
    tables = [name for (name,) in cr.fetchall()]
    cr.execute(INDEXES)
    indexes = [name for (name,) in cr.fetchall()]
    print("FACTS", {
        "state": env["ir.module.module"].browse(module.id).state,
        "started_by": ["invoice", env["customer.followup"].browse(followup.id).origin],
        "card_state": env["res.partner"].browse(card.id).card_state,
        "rows": rows,
        "tables": tables,
        "rules": env["ir.rule"].search([("domain_force", "ilike", "_metrics_")]).ids
        + env["ir.rule"].search([("domain_force", "ilike", "_card_entry_")]).ids,
        "kinds": sorted(set(Event.search([]).mapped("kind")) - known.keys()),
        "indexes": [name for name in indexes if name.split(".")[1] in (
            "account_move_customer_figures_idx", "res_partner_customer_idx")],
    })
"""
