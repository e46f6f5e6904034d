"""`python -m services.matching flow`: one minimum-cost flow problem from a DIMACS file or standard input."""

import sys
import time
from pathlib import Path

from services.matching.engine.flow.dimacs import DimacsError, read_dimacs
from services.matching.engine.flow.problem import FlowOverflow, FlowProblem, Status
from services.matching.engine.flow.solver import solve_flow

_WARM_UP = b"p min 2 1\nn 1 1\nn 2 -1\na 1 2 0 1 1\n"

_UNREADABLE = {
    FileNotFoundError: "没有这个文件",
    IsADirectoryError: "这是文件夹，不是文件",
    PermissionError: "没有读取权限",
}


class FlowRefused(Exception):
    """The input cannot be read or solved; the sentence is for whoever typed the command."""


def solve_file(path: Path | None) -> dict[str, object]:
    """What the command prints: status, cost (None unless optimal), nodes, arcs, and the seconds that the solve took.

    No path: standard input. Raises FlowRefused.
    """
    name = str(path) if path else "标准输入"
    try:
        problem = read_dimacs(_read(path))
        solve_flow(read_dimacs(_WARM_UP))  # loads the machine code, which is no part of a solve
        return _solved(problem)
    except OSError as error:
        raise FlowRefused(f"无法读取 {name}：{_UNREADABLE.get(type(error), error.strerror)}；请检查路径。") from error
    except DimacsError as error:
        raise FlowRefused(f"{name}：{error}") from error
    except FlowOverflow as error:
        raise FlowRefused(
            f"{name}：数值过大，累计会超出 64 位整数；请缩小费用、容量或供给的单位。（{error}）"
        ) from error
    except MemoryError as error:
        raise FlowRefused(f"{name}：内存不足；请在内存更大的机器上求解。") from error


def _read(path: Path | None) -> bytes:
    if path:
        return path.read_bytes()
    return sys.stdin.buffer.read() if sys.stdin else b""  # None where the shell has closed it


def _solved(problem: FlowProblem) -> dict[str, object]:
    started = time.perf_counter()
    solution = solve_flow(problem)
    seconds = time.perf_counter() - started
    return {
        "status": str(solution.status),
        "cost": solution.cost if solution.status is Status.OPTIMAL else None,
        "nodes": len(problem.supply),
        "arcs": len(problem.tail),
        "seconds": round(seconds, 6),
    }
