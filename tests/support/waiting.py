"""Waiting for what other processes and threads do: tests never sleep for a time and hope."""

import time
from collections.abc import Callable

PATIENCE = 60.0


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until the condition holds; a busy machine is given time, but not for ever."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.02)
