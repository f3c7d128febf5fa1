"""Finding Odoo 19: given, importable, Debian's package, or a clone.

Whatever it is, the result is a directory for ``PYTHONPATH`` that holds the package
``odoo`` and nothing that could hide one of our pinned requirements, and the
directories of Odoo's own addons.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .console import Problem, say, step
from .lock import exclusive
from .paths import short_hash
from .process import need_space, run
from .system import is_debian_like, os_release

SERIES = (19, 0)
PACKAGE = "odoo-19"
CLONE_URL = "https://github.com/odoo/odoo"

#: Debian replaces fonts and old scripts inside Odoo by links into these packages
LINKED_PACKAGES = [
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
]


@dataclass(frozen=True)
class OdooSource:
    python_path: Path
    addons: tuple
    version: str
    origin: str

    @property
    def key(self):
        """Differs when templates built with one Odoo do not serve another."""
        return f"{self.version} {self.python_path}"


def read_version(package):
    """``(19, 0)`` and the full version text of an ``odoo`` package directory."""
    try:
        text = (package / "release.py").read_text(encoding="utf-8")
    except OSError:
        return None, ""
    found = re.search(
        r"^version_info\s*=\s*\(\s*['\"]?([\w~]+)['\"]?,\s*(\d+),\s*(\d+)", text, re.M
    )
    if not found:
        return None, ""
    major, minor, micro = found.groups()
    digits = re.search(r"\d+", major)
    series = (int(digits.group()), int(minor)) if digits else None
    return series, f"{major}.{minor}.{micro}"


def package_in(directory):
    """The ``odoo`` package at or below ``directory``, or None."""
    candidates = [
        directory,
        directory / "odoo",
        directory / "usr/lib/python3/dist-packages/odoo",
        directory / "src/odoo",
    ]
    for candidate in candidates:
        if (candidate / "release.py").is_file() and (candidate / "addons").is_dir():
            return candidate
    return None


def describe(package, origin, links):
    """An :class:`OdooSource` for an ``odoo`` package directory.

    :param links: directory for a link, when the package lies among others
    :raises Problem: when it is not Odoo 19
    """
    series, version = read_version(package)
    if series != SERIES:
        raise Problem(
            f"{origin} is Odoo {version or 'of an unknown version'}, not 19.0",
            "set ODOO_SRC to an Odoo 19.0 checkout, or leave it empty",
        )
    parent = package.parent
    addons = [package / "addons"]
    if (parent / "addons" / "web" / "__manifest__.py").is_file():
        addons.insert(0, parent / "addons")
    if not any((path / "web" / "__manifest__.py").is_file() for path in addons):
        raise Problem(
            f"{origin} has no community addons beside it (no addon web in {addons[0]})",
            "set ODOO_SRC to a complete Odoo 19.0 checkout",
        )
    if (parent / "pip").is_dir() or (parent / "lxml").is_dir():
        # a site-packages directory: show only Odoo out of it
        shelf = links / short_hash(package)
        shelf.mkdir(parents=True, exist_ok=True)
        link = shelf / "odoo"
        if not link.is_symlink():
            link.symlink_to(package)
        parent = shelf
    return OdooSource(parent, tuple(addons), version, origin)


def find_importable():
    """The package directory of an ``odoo`` that a Python here can import."""
    code = "import odoo.release; print(odoo.release.__file__)"
    interpreters = dict.fromkeys(
        filter(None, [sys.executable, shutil.which("python3")])
    )
    interpreters["/usr/bin/python3"] = None
    for interpreter in interpreters:
        if not os.access(interpreter, os.X_OK):
            continue
        done = subprocess.run(
            [interpreter, "-c", code],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            package = Path(done.stdout.strip()).parent
            if read_version(package)[0] == SERIES:
                return package
    return None


# Debian's package


def sid_sources(text, codename):
    """A deb822 stanza for Debian's suite ``sid``, from the machine's own sources.

    :param text: contents of a ``.sources`` or ``.list`` file
    :param codename: the suite the machine runs, to recognise Debian's own archive
    :return: the stanza, or None when this file does not name the archive
    """
    for stanza in re.split(r"\n\s*\n", text):
        fields = dict(
            re.findall(r"^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", stanza, re.M)
        )
        if codename in fields.get("Suites", "").split() and "deb" in fields.get(
            "Types", ""
        ):
            fields |= {"Types": "deb", "Suites": "sid", "Components": "main"}
            return "".join(f"{name}: {value}\n" for name, value in fields.items())
    for line in text.splitlines():
        found = re.match(
            r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+", line.strip() + " "
        )
        if found and found.group(3) == codename:
            options, uri, _suite = found.groups()
            stanza = f"Types: deb\nURIs: {uri}\nSuites: sid\nComponents: main\n"
            signed = re.search(r"signed-by=(\S+)", options or "")
            return stanza + (f"Signed-By: {signed.group(1)}\n" if signed else "")
    return None


def machine_sid_sources(etc=Path("/etc/apt"), release=None):
    release = os_release() if release is None else release
    codename = release.get("VERSION_CODENAME", "")
    if release.get("ID") != "debian" or not codename:
        return None
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for file in files:
        if file.suffix in (".list", ".sources") and file.is_file():
            stanza = sid_sources(file.read_text(errors="replace"), codename)
            if stanza:
                return stanza
    return None


class DebianPackage:
    """Fetches ``odoo-19`` with a private apt configuration; installs nothing."""

    def __init__(self, paths):
        self.paths = paths
        self.options = []

    def prepare(self):
        """Choose the sources; tell whether they have the package."""
        sources = machine_sid_sources()
        if sources:
            apt = self.paths.apt
            for directory in (apt / "lists/partial", apt / "archives/partial"):
                directory.mkdir(parents=True, exist_ok=True)
            file = apt / "sid.sources"
            file.write_text(sources)
            settings = {
                "Dir::Etc::SourceList": file,
                "Dir::Etc::SourceParts": "/dev/null",
                "Dir::State::Lists": apt / "lists",
                "Dir::Cache": apt,
                "Acquire::Languages": "none",
            }
            if self.paths.is_root:
                # apt's own account cannot write into root's home
                settings["APT::Sandbox::User"] = "root"
            self.options = [f"-o{name}={value}" for name, value in settings.items()]
            self._apt_get("update", "-q", "-o", "Acquire::Retries=2")
        return self.version() is not None

    def _apt_get(self, *arguments):
        return run(
            ["apt-get", *self.options, *arguments],
            f"apt-get {arguments[0]}",
            "check the network connection; behind a proxy, set http_proxy and https_proxy;\n"
            "or set ODOO_SRC to an Odoo 19.0 that you have",
            cwd=self.paths.debs,
        )

    def version(self):
        output = run(
            ["apt-cache", *self.options, "policy", PACKAGE], "apt-cache policy"
        )
        found = re.search(r"Candidate:\s*(\S+)", output)
        return None if not found or found.group(1) == "(none)" else found.group(1)

    def fetch(self):
        """Download and unpack; return the root directory of the unpacked files."""
        version = self.version()
        target = self.paths.odoo / version
        if target.is_dir():
            return target
        need_space(self.paths.cache, 1500, "Odoo")
        self._apt_get("download", "-q", PACKAGE, *LINKED_PACKAGES)
        building = self.paths.odoo / f".{version}.unpacking"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        for name in [PACKAGE, *LINKED_PACKAGES]:
            files = sorted(self.paths.debs.glob(f"{name}_*.deb"), key=os.path.getmtime)
            run(["dpkg-deb", "-x", files[-1], building], f"unpacking {name}")
        building.rename(target)
        return target


def fetch_clone(paths):
    target = paths.odoo / "git-19.0"
    if not target.is_dir():
        need_space(paths.cache, 2500, "Odoo")
        building = paths.odoo / ".git-19.0.cloning"
        shutil.rmtree(building, ignore_errors=True)
        building.parent.mkdir(parents=True, exist_ok=True)
        command = [
            "git",
            "clone",
            "-q",
            "--depth=1",
            "--branch=19.0",
            CLONE_URL,
            building,
        ]
        run(
            command,
            "cloning Odoo 19.0",
            "check the network connection and that git is installed;\n"
            "or set ODOO_SRC to an Odoo 19.0 that you have",
        )
        building.rename(target)
    return target


def unpacked(paths):
    """The newest Odoo 19 already in the cache, or None."""
    if not paths.odoo.is_dir():
        return None
    trees = [
        tree
        for tree in paths.odoo.iterdir()
        if not tree.name.startswith((".", "links"))
    ]
    for tree in sorted(trees, key=os.path.getmtime, reverse=True):
        package = package_in(tree)
        if package and read_version(package)[0] == SERIES:
            return package
    return None


def find(paths, environ=os.environ):
    """Odoo 19 for this machine, fetched when there is none."""
    links = paths.odoo / "links"
    given = environ.get("ODOO_SRC")
    if given:
        directory = Path(given).expanduser().absolute()
        package = package_in(directory)
        if not package:
            raise Problem(
                f"ODOO_SRC={given} holds no Odoo (no odoo/release.py with odoo/addons)",
                "set it to the root of an Odoo 19.0 checkout",
            )
        return describe(package, f"ODOO_SRC={given}", links)
    package = find_importable()
    if package:
        return describe(package, f"the installed Odoo in {package}", links)
    package = unpacked(paths)
    if not package:
        with exclusive(paths.locks / "odoo", "fetching Odoo"), step("Fetching Odoo 19"):
            package = unpacked(paths) or fetch(paths)
    return describe(package, str(package), links)


def fetch(paths):
    paths.debs.mkdir(parents=True, exist_ok=True)
    trouble = ""
    if is_debian_like() and shutil.which("apt-get"):
        debian = DebianPackage(paths)
        try:
            if debian.prepare():
                say(f"   Debian's package {PACKAGE} {debian.version()}")
                return package_in(debian.fetch())
            trouble = f"apt has no package {PACKAGE}"
        except Problem as problem:
            trouble = problem.what
    say(
        f"   {trouble.splitlines()[0] if trouble else 'no apt here'}; cloning the branch 19.0"
    )
    try:
        return package_in(fetch_clone(paths))
    except Problem as problem:
        if trouble:
            raise Problem(
                f"{trouble}\nand then {problem.what}", problem.remedy
            ) from None
        raise
