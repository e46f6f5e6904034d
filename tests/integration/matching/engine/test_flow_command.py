"""`python -m services.matching flow`, as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[4]
SMALL = "p min 4 5\nn 1 4\nn 4 -4\na 1 2 0 4 2\na 1 3 0 2 2\na 2 3 0 2 1\na 2 4 0 3 3\na 3 4 0 5 1\n"
UNBALANCED = "p min 2 1\nn 1 4\nn 2 -3\na 1 2 0 4 2\n"
UNBOUNDED = "p min 2 2\na 1 2 0 -1 -2\na 2 1 0 -1 1\n"


def run_flow(*arguments: str, text: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """The command with these arguments and this standard input."""
    command = [sys.executable, "-m", "services.matching", "flow", *arguments]
    data = text.encode() if isinstance(text, str) else text
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=REPOSITORY, input=data, env=environment, capture_output=True, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """The one line of JSON of a command that succeeded."""
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    (line,) = done.stdout.splitlines()
    told: dict[str, object] = json.loads(line)
    assert list(told) == ["status", "cost", "nodes", "arcs", "seconds"]
    return told


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "空 格.min"
    file.write_text(SMALL)
    told = answer(run_flow(str(file)))
    seconds = told.pop("seconds")
    assert isinstance(seconds, float)
    assert seconds > 0
    assert told == {"status": "optimal", "cost": 14, "nodes": 4, "arcs": 5}


@pytest.mark.parametrize(("text", "status"), [(UNBALANCED, "infeasible"), (UNBOUNDED, "unbounded")])
def test_standard_input_without_an_optimum(text: str, status: str) -> None:
    told = answer(run_flow(text=text))
    assert (told["status"], told["cost"]) == (status, None)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that refused its input."""
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_malformed_line() -> None:
    assert "标准输入：第 4 行（a 1 2 0 x 2）：含有不是整数的内容" in refusal(
        run_flow(text="p min 2 1\nn 1 4\nn 2 -4\na 1 2 0 x 2\n")
    )


def test_numbers_that_add_up_to_too_much() -> None:
    assert "超出 64 位整数" in refusal(
        run_flow(text=f"p min 2 1\nn 1 {2**62}\nn 2 {-(2**62)}\na 1 2 0 {2**62} {2**62}\n")
    )


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert "没有这个文件" in refusal(run_flow(str(tmp_path / "missing.min")))
    assert "这是文件夹" in refusal(run_flow(str(tmp_path)))
    assert "空的" in refusal(run_flow())


def test_neither_web_nor_database_is_loaded() -> None:
    heavy = "fastapi", "sqlalchemy", "psycopg", "networkx", "pydantic"
    code = (
        "import sys, services.matching.__main__, services.matching.flow_command;"
        f"print(sorted(set({heavy}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
