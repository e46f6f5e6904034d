"""What processors spent on some work: of the processes that do it, and of all that they started and that has ended.

A machine that others use too makes every second longer, but a second of a processor less so.
"""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(roots: Iterable[int]) -> float:
    """Seconds that these processes and all below them have used since they began."""
    times, children = _processes()
    found, waiting = 0.0, list(roots)
    while waiting:
        pid = waiting.pop()
        found += times.get(pid, 0.0)
        waiting += children.get(pid, [])
    return found


def _processes() -> tuple[dict[int, float], dict[int, list[int]]]:
    """Of each living process its seconds, with those of children that ended; and its children."""
    times: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(folder.name)
        # behind the name: state, parent; utime, stime, cutime and cstime are the 12th to 15th
        times[pid] = sum(map(int, said[11:15])) / _TICKS
        children.setdefault(int(said[1]), []).append(pid)
    return times, children
