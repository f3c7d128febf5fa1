"""The pinned Python environment, in the cache."""

import shutil
import subprocess
import sys

from .console import Problem, step
from .lock import exclusive
from .paths import short_hash
from .process import clean_environment, need_space, run
from .system import apt, may_install

REQUIREMENTS = "dev/requirements.txt"


def location(paths):
    """One environment for each Python version and set of requirements."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    key = short_hash((paths.checkout / REQUIREMENTS).read_text() + sys.base_prefix)
    return paths.cache / f"venv-{version}-{key}"


def ensure(paths):
    """Path of the environment's ``python``, built when it is not there yet."""
    directory = location(paths)
    ready = directory / ".ready"
    python = directory / "bin" / "python"
    if ready.is_file() and python.exists():
        return python
    with exclusive(paths.locks / "python", "building the Python environment"):
        if ready.is_file() and python.exists():
            return python
        with step(f"Python environment ({REQUIREMENTS})"):
            build(paths, directory)
        ready.touch()
    return python


def build(paths, directory):
    need_space(paths.cache, 1000, "the Python environment")
    # what a broken attempt left would be taken for installed
    shutil.rmtree(directory, ignore_errors=True)
    create(directory)
    run(
        [directory / "bin" / "python", "-m", "pip", "install", "-q"]
        + ["--disable-pip-version-check", "-r", paths.checkout / REQUIREMENTS],
        "installing the Python requirements",
        "check the network connection; behind a proxy, set https_proxy",
        env=clean_environment(),
    )


def create(directory):
    if not has_venv():
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not may_install():
            raise Problem(
                "this Python cannot build environments (no venv, no ensurepip)",
                f"install it: sudo apt-get install {package}",
            )
        apt.install(package)
    run(
        [sys.executable, "-m", "venv", directory],
        "building the Python environment",
        "try another Python: make demo PYTHON=/usr/bin/python3",
        env=clean_environment(),
    )


def has_venv():
    done = subprocess.run(
        [sys.executable, "-c", "import venv, ensurepip"],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
