"""Requests that nobody thought of: made by schemathesis out of each API's description, with all of its checks.

The suite gives each service a bounded time and always the same seed: what is red stays red till it is mended. A longer
run, with a seed of its own: `XIESHOU_ANY_REQUEST_SECONDS=600 .venv/bin/python -m pytest
tests/contract/openapi/test_any_request.py`; `XIESHOU_ANY_REQUEST_REPORT=file` keeps what it says.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import REPOSITORY
from tests.contract.openapi.conftest import SERVICES, Served

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SECONDS = int(os.environ.get("XIESHOU_ANY_REQUEST_SECONDS", "30"))
SEED = [] if "XIESHOU_ANY_REQUEST_SECONDS" in os.environ else ["--seed", "1"]
REPORT = os.environ.get("XIESHOU_ANY_REQUEST_REPORT")


@pytest.mark.parametrize("name", SERVICES)
def test_no_request_is_answered_otherwise_than_described(
    service: Callable[[str], Served], name: str, tmp_path: Path
) -> None:
    served = service(name)
    # made when it is first asked for, which takes longer than schemathesis waits on a busy machine
    httpx.get(f"{served.base}/{name}/openapi.json", timeout=120, trust_env=False).raise_for_status()
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"]
    command += [f"{served.base}/{name}/openapi.json", "--header", f"Authorization: Bearer {served.token}"]
    command += [
        "--checks",
        "all",
        "--max-time",
        str(SECONDS),
        "--suppress-health-check",
        "all",
        "--warnings",
        "off",
    ]
    # exports ask the lists beside them; what they answer is tested on its own
    command += ["--exclude-path-regex", r"\{form\}", "--no-color", *SEED]
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "SCHEMATHESIS_HOOKS": "tests.contract.openapi.schemathesis_hooks",
    }
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    if REPORT:
        Path(f"{REPORT}.{name}").write_text(said.stdout + said.stderr, "utf-8")
    assert said.returncode == 0, said.stdout[-20_000:] + said.stderr[-2000:]
