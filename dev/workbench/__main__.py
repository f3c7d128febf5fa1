"""``python3 dev/workbench COMMAND``: what the Makefile calls."""

import os
import sys

if sys.version_info < (3, 10):  # before any import that older versions cannot parse
    sys.exit(
        "error: Python 3.10 or newer is needed, this is %s (%s).\n"
        "  remedy: name another one, for example: make demo PYTHON=python3.12"
        % (sys.version.split()[0], sys.executable)
    )
# Run as a directory, Python puts the directory itself on the path; the package
# must be importable by its name.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from workbench.cli import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
