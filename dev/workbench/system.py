"""Programs that come from the operating system, installed where that is allowed."""

import os
import shutil
from pathlib import Path

from .console import Problem, step, warn
from .process import run


def os_release(path=Path("/etc/os-release")):
    """Fields of os-release as a dict; empty where there is none."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip("\"'") for name, _sep, value in pairs}


def is_debian_like(release=None):
    release = os_release() if release is None else release
    family = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return bool({"debian", "ubuntu"} & set(family))


def may_install():
    return os.geteuid() == 0 and is_debian_like() and bool(shutil.which("apt-get"))


class Apt:
    """The machine's own apt."""

    def __init__(self):
        self.updated = False

    def update(self):
        if not self.updated:
            run(
                ["apt-get", "update", "-q"],
                "apt-get update",
                "check the network connection and the package sources",
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )
            self.updated = True

    def offers(self, package):
        """Whether the machine's sources have an installable version."""
        output = run(["apt-cache", "policy", package], f"asking apt for {package}")
        return "Candidate:" in output and "Candidate: (none)" not in output

    def install(self, *packages):
        with step(f"Installing {' '.join(packages)} (apt)"):
            self.update()
            command = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
            command += ["-o", "DPkg::Lock::Timeout=300", *packages]
            run(
                command,
                f"installing {' '.join(packages)}",
                f"install by hand: apt-get install {' '.join(packages)}",
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )


apt = Apt()


def require(what, found, package, why):
    """Install ``package`` when ``found()`` is false, or say who has to.

    :raises Problem: when it is missing and cannot be installed here
    """
    if found():
        return
    remedy = f"install it: sudo apt-get install {package}"
    if not is_debian_like():
        remedy = f"install {what} with your system's package manager"
    if not may_install():
        raise Problem(f"{what} is missing ({why})", remedy)
    apt.install(package)
    if not found():
        raise Problem(f"{what} is still missing after installing {package}", remedy)


def find_browser():
    """The browser that Odoo's tests would take; the names are Odoo's."""
    for name in (
        "google-chrome",
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
    ):
        path = shutil.which(name)
        if path:
            return path
    return None


def require_browser():
    if not find_browser() and may_install():
        apt.update()
        if not apt.offers("chromium"):
            # Ubuntu's package is a mere link to a snap
            raise Problem(
                "Chromium is missing (the browser tests need it) and apt has none",
                "install Google Chrome, or: snap install chromium",
            )
    require("Chromium", find_browser, "chromium", "the browser tests need it")


def want_wkhtmltopdf():
    """Odoo runs without, only printing does not; newer Debian has dropped it."""
    if shutil.which("wkhtmltopdf"):
        return
    if may_install():
        apt.update()
        if apt.offers("wkhtmltopdf"):
            apt.install("wkhtmltopdf")
            return
    warn("wkhtmltopdf is missing: everything works, except printing to PDF")
