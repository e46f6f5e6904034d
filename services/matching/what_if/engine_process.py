"""The resident engine as the service sees it: one child process, started when first asked, asked in turns.

All talk happens in one thread of our own. That makes the turns, and it is the thread that starts the child: the kernel
ends a child with the *thread* that started it (PR_SET_PDEATHSIG), and a server's worker threads come and go.
A child that is gone, killed or out of memory, is started again, and the question asked once more.
"""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from services.matching.what_if.protocol import Refusal

Load = Callable[[], Mapping[str, bytes]]
"""Gives what makes a run ready, as JSON by name: see protocol.py."""


class EngineBusy(Exception):
    """Others are asking, or the answer takes too long."""


class EngineGone(Exception):
    """The engine ended without an answer, twice; the message says how."""


class EngineTooSmall(Exception):
    """The run does not fit into the engine's memory."""


class NotAnswered(Exception):
    """The engine refused the question; `answer` says why."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(str(answer))
        self.answer = answer


@dataclass(frozen=True)
class Limits:
    """Seconds that an asker waits, seconds that the engine may take to answer and to make a run ready, and MB."""

    patience: float = 60.0
    answering: float = 60.0
    loading: float = 600.0
    memory_mb: int = 6144


class ResidentEngine:
    """Starts the child when it is first asked, and keeps it until closed."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="resident-engine")
        self._child: subprocess.Popen[bytes] | None = None
        self._rest = b""

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return None if self._child is None else self._child.pid

    def ask(self, run_id: UUID, question: dict[str, Any], load: Load) -> Any:
        """The engine's answer about a run, which is made ready by `load` if it is not.

        An asker who loses patience may come again: the run is still being made ready.
        Raises EngineBusy, EngineGone, EngineTooSmall, NotAnswered.
        """
        asked: Future[Any] = self._thread.submit(self._ask, {**question, "run": str(run_id)}, load)
        try:
            return asked.result(timeout=self._limits.patience)
        except FutureTimeout as error:
            asked.cancel()
            raise EngineBusy from error

    def close(self) -> None:
        """End the child and the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._end()

    def _ask(self, question: dict[str, Any], load: Load) -> Any:
        """In the thread: ask, and once more after a child that is gone."""
        try:
            return self._ask_once(question, load)
        except EngineGone:
            self._end()
            return self._ask_once(question, load)

    def _ask_once(self, question: dict[str, Any], load: Load) -> Any:
        answer = self._say(orjson.dumps(question), self._limits.loading)  # it may have to start first
        if answer.get("refused") == Refusal.NOT_LOADED:
            members = [b'"%s":%s' % (name.encode(), content) for name, content in load().items()]
            line = orjson.dumps({"verb": "load", "run": question["run"]})[:-1] + b"," + b",".join(members) + b"}"
            self._checked(self._say(line, self._limits.loading))
            answer = self._say(orjson.dumps(question), self._limits.answering)
        return self._checked(answer)

    def _checked(self, answer: dict[str, Any]) -> Any:
        if answer.get("refused") == Refusal.MEMORY:
            self._end()
            raise EngineTooSmall
        if "refused" in answer:
            raise NotAnswered(answer)
        return answer["ok"]

    def _say(self, line: bytes, patience: float) -> dict[str, Any]:
        child = self._child if self._child is not None and self._child.poll() is None else self._start()
        try:
            assert child.stdin is not None  # it was asked for
            child.stdin.write(line + b"\n")
            child.stdin.flush()
            found: dict[str, Any] = json.loads(self._line(child, time.monotonic() + patience))
            return found
        except (BrokenPipeError, ConnectionResetError) as error:
            raise EngineGone(_how_it_ended(child)) from error

    def _line(self, child: subprocess.Popen[bytes], deadline: float) -> bytes:
        """The next line; a child that lets us wait longer than we may is ended, since it would answer out of turn."""
        assert child.stdout is not None  # it was asked for
        while b"\n" not in self._rest:
            if not _readable(child.stdout, deadline - time.monotonic()):
                self._end()
                raise EngineBusy
            more = os.read(child.stdout.fileno(), 1 << 20)
            if not more:
                raise EngineGone(_how_it_ended(child))
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _start(self) -> subprocess.Popen[bytes]:
        self._end()
        arguments = ("--parent", str(os.getpid()), "--memory-mb", str(self._limits.memory_mb))
        self._child = subprocess.Popen(
            [sys.executable, "-m", "services.matching", "resident", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self._child

    def _end(self) -> None:
        child, self._child, self._rest = self._child, None, b""
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                _close(pipe)
        child.wait()


def _readable(pipe: Any, seconds: float) -> bool:
    """Whether there is something to read within that time (`select` itself ends at descriptor 1,023)."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        return bool(waiting.select(max(0.0, seconds)))


def _close(pipe: Any) -> None:
    """Close a pipe whose other end may be gone with what we wrote unread."""
    try:
        pipe.close()
    except BrokenPipeError:
        return


def _how_it_ended(child: subprocess.Popen[bytes]) -> str:
    code = child.wait()
    return f"exit status {code}" if code >= 0 else f"signal {-code}"
