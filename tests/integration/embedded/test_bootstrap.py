"""`make` on a bare machine: what is missing is told in one sentence; what is there is passed by quickly."""

import os
import shutil
import subprocess
import sys
import time
import tomllib
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


ENTRY_POINTS = (
    "import importlib.metadata as installed, pathlib, services;"
    "points = installed.entry_points(group='networkx.backends');"
    "print(*(point.value for point in points if point.name == 'xieshou'));"
    "print(installed.version('xieshou'), pathlib.Path(services.__file__).parents[1])"
)


def known_from_elsewhere(clone: Path) -> list[str]:
    """What the clone's interpreter says of the project in a folder that is not the clone."""
    command = [str(clone / ".venv" / "bin" / "python"), "-W", "error", "-c", ENTRY_POINTS]
    done = subprocess.run(command, cwd=clone.parent.parent, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_project_is_registered(bare_clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    shutil.copy(REPOSITORY / "pyproject.toml", bare_clone)
    shutil.copy(REPOSITORY / "deploy" / "register.py", bare_clone / "deploy")
    (bare_clone / "services").mkdir()
    (bare_clone / "services" / "__init__.py").touch()
    backend = "services.matching.engine.flow.networkx_backend"

    assert bootstrap(bare_clone, sys.executable).returncode == 0
    described = (bare_clone / "pyproject.toml").read_text(encoding="utf-8")
    version = tomllib.loads(described)["project"]["version"]
    assert known_from_elsewhere(bare_clone) == [backend, f"{version} {bare_clone}"]

    (bare_clone / "pyproject.toml").write_text(described.replace(f'"{version}"', '"7.8.9"', 1), encoding="utf-8")
    assert bootstrap(bare_clone).stderr == ""
    assert known_from_elsewhere(bare_clone) == [backend, f"7.8.9 {bare_clone}"]

    moved = bare_clone.rename(bare_clone.with_name("搬 走"))
    assert known_from_elsewhere(moved) == [backend, f"7.8.9 {moved}"]
    assert bootstrap(moved).stderr == ""
