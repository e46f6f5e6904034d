"""Python's collector of cycles held still while rows by the hundred thousand are made, none of which is in a cycle.

It would go through all of them again and again; that took a quarter of an import's time, and half of a snapshot's.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
_HOLDERS = 0


@contextmanager
def collector_held() -> Iterator[None]:
    """Hold the collector still; of several threads at it, the last one lets it go on."""
    global _HOLDERS
    with _LOCK:
        _HOLDERS += 1
        gc.disable()
    try:
        yield
    finally:
        with _LOCK:
            _HOLDERS -= 1
            if not _HOLDERS:
                gc.enable()
