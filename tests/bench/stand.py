"""A child process in which one rival is prepared once and run when told to."""

import multiprocessing
import resource
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("spawn")
"""A fresh interpreter: nothing of the parent's libraries, threads or memory comes along."""


class RivalFailed(Exception):
    """What went wrong in the child, with its traceback."""


class Stand:
    """A rival's process. `run` gives seconds and outcome; the first one also prepares, which is not measured."""

    def __init__(self, prepare: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...]) -> None:
        self._pipe, theirs = CONTEXT.Pipe()
        self._child = CONTEXT.Process(target=_serve, args=(theirs, prepare, arguments), daemon=True)
        self._child.start()
        theirs.close()

    def run(self) -> tuple[float, Any]:
        """Run once: seconds and outcome. Raises RivalFailed."""
        seconds, outcome = self._ask("run")
        return seconds, outcome

    def peak_mb(self) -> float:
        """The most memory that the child has held so far, in MB."""
        return float(self._ask("peak"))

    def close(self) -> None:
        """End the child."""
        self._pipe.close()
        self._child.join(timeout=5)
        if self._child.is_alive():
            self._child.kill()
            self._child.join()

    def _ask(self, what: str) -> Any:
        try:
            self._pipe.send(what)
            fine, answer = self._pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            self._child.join(timeout=5)
            raise RivalFailed(f"the child ended with {self._child.exitcode}") from error
        if not fine:
            raise RivalFailed(answer)
        return answer


def _serve(pipe: Connection, prepare: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...]) -> None:
    run: Callable[[], Any] | None = None
    while True:
        try:
            asked = pipe.recv()
        except EOFError:
            return
        try:
            if run is None:
                run = prepare(*arguments)
            pipe.send((True, _timed(run) if asked == "run" else peak_mb()))
        except Exception:  # noqa: BLE001 - whatever it is, the parent is to say it
            pipe.send((False, traceback.format_exc()))


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    outcome = run()
    return time.perf_counter() - began, outcome


def peak_mb() -> float:
    """The peak resident set of this process in MB.

    Linux's `ru_maxrss` keeps the parent's peak across fork and exec; VmHWM belongs to this program alone.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(found.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
