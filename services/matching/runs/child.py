"""The engine in a child process: it holds the interpreter for seconds, which would stop the worker's heartbeat.

The child's side, and what is said between the two, is in solving.py.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

STEP = "step: "
"""What a line of progress begins with; other lines on stderr are what Python says when it breaks."""

STARTING = "启动匹配引擎"
STREAM_LIMIT = 2**30

Report = Callable[[str], Awaitable[None]]


class EngineFailed(Exception):
    """The child ended without a plan; the message says how, in Chinese."""


@dataclass(frozen=True)
class Solved:
    """The plan as JSON, and the seconds of each step as seen from outside."""

    plan: bytes
    seconds: dict[str, float]


async def solve_in_child(policy: bytes, snapshot: bytes, report: Report) -> Solved:
    """Run the engine in a child process and await its plan; `report` gets each step's name when it begins.

    Cancelling kills the child. Raises EngineFailed when it ends without a plan.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.matching", "solve", "--parent", str(os.getpid())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=STREAM_LIMIT,
    )
    try:
        return await _converse(child, policy + b"\n" + snapshot + b"\n", report)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _converse(child: asyncio.subprocess.Process, request: bytes, report: Report) -> Solved:
    assert child.stdout is not None  # it was asked for
    plan, steps, _ = await asyncio.gather(child.stdout.read(), _read_steps(child, report), _send(child, request))
    code = await child.wait()
    if code != 0:
        raise EngineFailed(_how_it_ended(code, steps.words))
    return Solved(plan, steps.seconds)


async def _send(child: asyncio.subprocess.Process, request: bytes) -> None:
    assert child.stdin is not None  # it was asked for
    try:
        child.stdin.write(request)
        await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # it died before it read all; its exit code says more
    finally:
        child.stdin.close()


@dataclass(frozen=True)
class _Steps:
    seconds: dict[str, float]
    words: list[str]


async def _read_steps(child: asyncio.subprocess.Process, report: Report) -> _Steps:
    """Report the steps as they come and time them; keep what else is said."""
    assert child.stderr is not None  # it was asked for
    seconds: dict[str, float] = {}
    words: list[str] = []
    step, began = STARTING, time.monotonic()
    async for raw in child.stderr:
        line = raw.decode("utf-8", "replace").rstrip()
        if not line.startswith(STEP):
            words.append(line)
            continue
        _add(seconds, step, began)
        step, began = line.removeprefix(STEP), time.monotonic()
        await report(step)
    _add(seconds, step, began)
    return _Steps(seconds, words)


def _add(seconds: dict[str, float], step: str, began: float) -> None:
    seconds[step] = round(seconds.get(step, 0) + time.monotonic() - began, 3)


def _how_it_ended(code: int, words: list[str]) -> str:
    if code < 0:
        return f"匹配引擎被系统终止（{signal.Signals(-code).name}），多半是内存不足。"
    return f"匹配引擎出错（退出码 {code}）：{words[-1] if words else '没有说明'}"
