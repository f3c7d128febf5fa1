"""What the person at the terminal sees: steps with their times, and errors."""

import contextlib
import sys
import time


class Problem(Exception):
    """Something a person has to act on: what is wrong, and the remedy."""

    def __init__(self, what, remedy=""):
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self):
        lines = [f"error: {self.what}"]
        if self.remedy:
            lines.append("  remedy: " + self.remedy.replace("\n", "\n          "))
        return "\n".join(lines)


#: (name, seconds) of every finished step, for the closing table
timings = []


def say(text=""):
    print(text, flush=True)


def warn(text):
    print(f"   note: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(name):
    """Announce a step, and print how long it took when that was noticeable."""
    say(f"== {name}")
    start = time.monotonic()
    yield
    seconds = time.monotonic() - start
    timings.append((name, seconds))
    if seconds >= 1:
        say(f"   done in {seconds:.0f} s")


def timing_table():
    """The steps that took a second or longer, as text."""
    lines = [f"{seconds:6.0f} s  {name}" for name, seconds in timings if seconds >= 1]
    return "\n".join(["Time by step:", *lines])
