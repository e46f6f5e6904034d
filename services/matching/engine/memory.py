"""Freed memory goes back to the system between the steps of a run.

The C library keeps what threads have freed in an arena for each of them, where other threads do not find it again:
a third of a large run's peak is nobody's otherwise.
"""

import ctypes


def give_back() -> None:
    """Return freed pages, where the C library can (glibc's malloc_trim); elsewhere nothing happens."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
