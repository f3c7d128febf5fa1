"""``pip install .``: the addons where an installed Odoo finds them.

Odoo looks for addons in every ``odoo/addons`` on Python's path, so nothing has to
be added to ``addons_path``. Odoo itself is no requirement: it is not on the Python
index, and an Odoo that is already there must be left alone.
"""

import ast
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
ADDONS = sorted(manifest.parent for manifest in ROOT.glob("*/__manifest__.py"))


def manifest(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))


def packages(addon):
    """The addon and its sub-packages, as parts of the namespace odoo.addons."""
    for init in sorted(addon.rglob("__init__.py")):
        parts = init.parent.relative_to(ROOT).parts
        yield ".".join(["odoo", "addons", *parts])


def version():
    """The highest version among the addons."""
    versions = [manifest(addon)["version"] for addon in ADDONS]
    return max(versions, key=lambda text: [int(part) for part in text.split(".")])


setup(
    name="odoo-addons-customer-card",
    version=version(),
    description="Customer cards for Odoo 19: one custodian each, shown on a loan",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="Customer Card maintainers",
    license="LGPL-3.0-only",
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
    python_requires=">=3.10",
    packages=[package for addon in ADDONS for package in packages(addon)],
    package_dir={f"odoo.addons.{addon.name}": addon.name for addon in ADDONS},
    package_data={f"odoo.addons.{addon.name}": ["**/*"] for addon in ADDONS},
    include_package_data=False,
    zip_safe=False,
)
