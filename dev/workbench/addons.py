"""The addons of this repository, read from their manifests."""

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

from .console import Problem

#: changes here need no update of a database: read from disk, or never by Odoo
NOT_IN_DATABASE = {"tests", "static", "readme", "__pycache__"}
NO_SUFFIXES = {".pyc", ".rst", ".md"}


@dataclass(frozen=True)
class Addon:
    name: str
    path: Path
    depends: tuple

    def files(self):
        """Everything that an update would load into a database."""
        for file in sorted(self.path.rglob("*")):
            skipped = NOT_IN_DATABASE & set(file.relative_to(self.path).parts)
            if not skipped and file.suffix not in NO_SUFFIXES and file.is_file():
                yield file

    def fingerprint(self):
        return self._hash(self.files())

    def demo_fingerprint(self):
        return self._hash(
            file for file in self.files() if "demo" in file.relative_to(self.path).parts
        )

    def _hash(self, files):
        digest = hashlib.sha256()
        for file in files:
            name = str(file.relative_to(self.path))
            digest.update(name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:16]


def discover(checkout):
    """Installable addons at the top level, by name."""
    found = {}
    for manifest in sorted(checkout.glob("*/__manifest__.py")):
        try:
            values = ast.literal_eval(manifest.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError) as error:
            raise Problem(f"{manifest} cannot be read: {error}") from None
        if values.get("installable", True):
            name = manifest.parent.name
            found[name] = Addon(
                name, manifest.parent, tuple(values.get("depends", ["base"]))
            )
    if not found:
        raise Problem(f"there is no addon in {checkout}", "run this in the repository")
    return found


def outside_dependencies(addons):
    """What the addons need from Odoo itself, sorted."""
    wanted = {name for addon in addons.values() for name in addon.depends}
    return sorted(wanted - set(addons))
