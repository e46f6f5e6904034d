"""The command `assign`: one JSON object on standard output, or a Chinese sentence and exit status 2."""

import json
import subprocess
import sys
from pathlib import Path

from tests.unit.matching.assignment.files import text


def assign(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.matching", "assign", *arguments], capture_output=True, text=True, check=False
    )


def test_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "problem.json"
    file.write_text(text(), encoding="utf-8")
    done = assign(str(file))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "optimal"


def test_a_bad_problem(tmp_path: Path) -> None:
    file = tmp_path / "problem.json"
    file.write_text(text(time_limit=-1), encoding="utf-8")
    done = assign(str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert "time_limit 应大于 0" in done.stderr


def test_no_file(tmp_path: Path) -> None:
    done = assign(str(tmp_path / "none.json"))
    assert done.returncode == 2 and "无法读取文件" in done.stderr
