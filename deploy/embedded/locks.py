"""File locks (flock): the kernel drops them when their holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path


def open_lock(path: Path) -> int:
    """A file to lock, as a descriptor that programs started from here do not inherit."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_exclusive(fd: int) -> bool:
    """Take the lock alone if nobody has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_free(fd: int) -> bool:
    """Whether nobody has the lock just now; it stays free."""
    free = try_exclusive(fd)
    if free:
        fcntl.flock(fd, fcntl.LOCK_UN)
    return free


def wait_exclusive(fd: int, seconds: float) -> bool:
    """Take the lock alone, waiting for its holders; False if they do not let go in time."""
    deadline = time.monotonic() + seconds
    while not try_exclusive(fd):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def hold_shared(path: Path) -> int:
    """Take the lock together with others; waits while somebody has it alone. Closing the descriptor lets go."""
    fd = open_lock(path)
    fcntl.flock(fd, fcntl.LOCK_SH)
    return fd


def is_held(path: Path) -> bool:
    """Whether somebody has the lock alone."""
    if not path.exists():
        return False
    fd = open_lock(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
