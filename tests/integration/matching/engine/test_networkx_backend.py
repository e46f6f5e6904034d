"""networkx's own tests of minimum-cost flow, solved by the engine; and how networkx finds it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[4]
TESTS = ("test_mincost", "test_networksimplex")
FUNCTIONS = (
    "network_simplex",
    "capacity_scaling",
    "min_cost_flow",
    "min_cost_flow_cost",
    "max_flow_min_cost",
    "cost_of_flow",
)


def environment(**changes: str) -> dict[str, str]:
    """That of this process, without what concerns pytest or networkx."""
    foreign = ("PYTEST_", "NETWORKX_", "COV_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | changes


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the plugin tells of a run of networkx's tests on the backend, without fallback to networkx.

    The fallback is off because its variable is not set: to networkx any text in it means on, "False" too.
    """
    folder = tmp_path_factory.mktemp("networkx")
    options = ["-q", "-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider"]
    modules = [f"networkx.algorithms.flow.tests.{name}" for name in TESTS]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "tests.support.backend_calls", "--pyargs", *modules],
        cwd=REPOSITORY,
        env=environment(NETWORKX_TEST_BACKEND="xieshou", BACKEND_CALLS=str(folder / "calls.json")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads((folder / "calls.json").read_text())
    return result


def test_all_pass_and_none_is_left_out(told: dict[str, Any]) -> None:
    assert list(told["outcomes"]) == ["passed"]
    assert told["outcomes"]["passed"] >= 50


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_calls_landed_in_the_engine(told: dict[str, Any], function: str) -> None:
    assert told["calls"][f"xieshou.{function}"] >= 2


def test_the_engine_solved_them(told: dict[str, Any]) -> None:
    """Of some 100 calls that solve, about 20 are malformed on purpose, and refused unsolved."""
    assert told["calls"]["solve_flow"] >= 75


def test_networkx_finds_it_from_another_folder(tmp_path: Path) -> None:
    code = (
        "import networkx as nx; G = nx.DiGraph([('a', 'b', {'weight': 2})]);"
        "G.nodes['a']['demand'], G.nodes['b']['demand'] = -3, 3;"
        "print(nx.network_simplex(G), nx.min_cost_flow_cost(G, backend='xieshou'))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=environment(NETWORKX_BACKEND_PRIORITY="xieshou"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "(6, {'a': {'b': 3}, 'b': {}}) 6\n"


def test_networkx_is_as_light_as_before() -> None:
    heavy = "numba", "scipy", "typer", "services.matching.engine.flow.solver"
    code = f"import sys, networkx; print(sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
