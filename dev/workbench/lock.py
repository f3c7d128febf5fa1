"""Locks between processes, freed by the kernel when their holder ends."""

import contextlib
import fcntl
import os
import time

from .console import Problem, say


def _holder(descriptor):
    os.lseek(descriptor, 0, os.SEEK_SET)
    return (
        os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
    )


@contextlib.contextmanager
def exclusive(path, purpose, timeout=1800):
    """Hold the lock file ``path``; wait for another holder, saying so.

    :param purpose: what the holder does, for those who wait
    :param timeout: seconds to wait, 0 to fail at once
    :raises Problem: when the other one does not finish in time
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        waited = 0
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waited >= timeout:
                    raise Problem(
                        f"cannot start {purpose}: {_holder(descriptor)} is at it",
                        "wait until it has finished, or stop that process",
                    ) from None
                if not waited:
                    say(f"   waiting for {_holder(descriptor)}")
                time.sleep(1)
                waited += 1
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} ({purpose})\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


class Users:
    """Counts who uses a shared service: the last one to leave turns it off."""

    def __init__(self, path):
        self.path = path
        self.descriptor = None

    def enter(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def leave(self):
        """Leave, and tell whether nobody is left."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(self.descriptor)
            self.descriptor = None
