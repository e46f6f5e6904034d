"""The command `assign`: one assignment problem from a JSON file, its result as one line of JSON."""

import time
from pathlib import Path

from services.matching.engine.assignment.reader import BadProblem, read_problem


class AssignRefused(Exception):
    """The file cannot be read or says no problem; the message is for the user."""


def assign_file(file: Path) -> str:
    """Solve the problem in a file; raises AssignRefused. Reading counts toward the time limit."""
    start = time.monotonic()
    try:
        problem = read_problem(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssignRefused(f"无法读取文件 {file}：{error.strerror}。请检查路径与权限。") from error
    except UnicodeDecodeError as error:
        raise AssignRefused(f"文件 {file} 不是 UTF-8 编码。请另存为 UTF-8 后重试。") from error
    except BadProblem as error:
        raise AssignRefused(f"{file}：{error}") from error
    # Only now: a bad file is refused without waiting for the solvers to load.
    from services.matching.engine.assignment.solver import solve_assignment
    from services.matching.engine.assignment.writer import write_result

    return write_result(problem, solve_assignment(problem, time.monotonic() - start))
