"""Waiting for what other processes and threads do: tests never sleep for a time and hope."""

import time
from collections.abc import Callable

from deploy.embedded.supervisor import Child

PATIENCE = 60.0


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until the condition holds; a busy machine is given time, but not for ever."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.02)


def running_pid(child: Child, other_than: int | None = None) -> int:
    """The id of a supervised child's process, as soon as there is one (or another one)."""
    found: list[int] = []

    def seen() -> bool:
        process = child.process
        if process is not None and process.pid != other_than:
            found.append(process.pid)
        return bool(found)

    wait_for(seen, "the start")
    return found[0]
