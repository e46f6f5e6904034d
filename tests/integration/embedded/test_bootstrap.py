"""`make` on a bare machine: what is missing is told in one sentence; what is there is passed by quickly."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def bare_clone(tmp_path: Path) -> Path:
    """A clone without dependencies, in a folder with a space and Chinese characters."""
    clone = tmp_path / "空 格" / "克隆"
    (clone / "deploy").mkdir(parents=True)
    shutil.copy(REPOSITORY / "deploy" / "bootstrap.sh", clone / "deploy")
    (clone / "requirements.lock").write_text("# nothing\n")
    return clone


def python_that(folder: Path, *, new_enough: bool, has_venv: bool) -> Path:
    """A stand-in for an interpreter: answers the questions that the script asks."""
    fake = folder / "my python"
    fake.write_text(
        "#!/bin/sh\ncase $2 in\n"
        f"*'(3, 11)'*) exit {int(not new_enough)} ;;\n"
        f"*ensurepip*) exit {int(not has_venv)} ;;\n"
        "*version_info*) echo 3.12 ;;\nesac\n"
    )
    fake.chmod(0o755)
    return fake


def bootstrap(clone: Path, python: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHON": python}
    command = ["sh", str(clone / "deploy" / "bootstrap.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_old_python(bare_clone: Path) -> None:
    done = bootstrap(bare_clone, str(python_that(bare_clone, new_enough=False, has_venv=True)))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "没有找到 Python 3.11 或更新版本" in line
    assert "make PYTHON=" in line


def test_a_python_that_is_not_there(bare_clone: Path) -> None:
    done = bootstrap(bare_clone, "/no/such/python")
    assert done.returncode == 1
    assert "Python 3.11" in done.stderr


def test_a_python_without_its_venv_module(bare_clone: Path) -> None:
    done = bootstrap(bare_clone, str(python_that(bare_clone, new_enough=True, has_venv=False)))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "apt install python3.12-venv" in line


def test_it_is_made_once(bare_clone: Path) -> None:
    first = bootstrap(bare_clone, sys.executable)
    assert (first.returncode, first.stdout) == (0, ""), first.stderr
    assert (bare_clone / ".venv" / "bin" / "python").exists()

    started = time.monotonic()
    second = bootstrap(bare_clone)
    assert (second.returncode, second.stderr) == (0, "")
    assert time.monotonic() - started < 2

    (bare_clone / "requirements.lock").write_text("# nothing else\n")
    third = bootstrap(bare_clone)
    assert (third.returncode, "正在更新" in third.stderr) == (0, True)
