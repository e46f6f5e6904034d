"""The benches are listed, can be asked for help, and their figures land in the table; none is measured here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.catalogue import benches
from tests.bench.harness import percentile, told_arguments, within
from tests.bench.report import Section, asked, placed, section


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False)


def row(what: str = "plain solve at L", **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "bench": "flow",
        "what": what,
        "value": 37.0,
        "unit": "×",
        "least": 30,
        "most": None,
        "goal": 60,
        "reached": True,
        "ours": {"name": "own", "seconds": [0.4] * 5, "median": 0.4, "peak_mb": 900.0},
        "rival": None,
        "note": "",
        "seed": 7,
        "arguments": ["--size", "L"],
        "at": "2026-11-23T02:00:00+00:00",
        "machine": {"cpu": "Z", "cores": 2, "ram_gb": 24, "system": "Linux", "python": "3.11.7", "commit": "abc"},
    }
    return fields | changes


def bench_in(folder: Path, text: str) -> Path:
    (folder / "flow.py").write_text(text, encoding="utf-8")
    return folder


def test_the_benches_are_listed() -> None:
    answer = run("tests.bench", "--list")
    assert answer.returncode == 0, answer.stderr
    for entry in benches():
        assert entry.name in answer.stdout and entry.about


def test_an_unknown_bench_is_named() -> None:
    answer = run("tests.bench", "--only", "nonsense")
    assert (answer.returncode, "nonsense" in answer.stderr) == (2, True)


@pytest.mark.parametrize("name", [entry.name for entry in benches()])
def test_every_bench_can_be_asked_for_help(name: str) -> None:
    answer = run(f"tests.bench.{name}", "--help")
    assert answer.returncode == 0, answer.stderr
    assert "--seed" in answer.stdout


def test_a_bench_is_read_without_being_imported(tmp_path: Path) -> None:
    text = '"""Flow."""\nimport nothing_of_this_name\nQUICK = [["--size", "S"]]\ndef main():\n    pass\n'
    (entry,) = benches(bench_in(tmp_path, text))
    assert (entry.name, entry.about, entry.quick, entry.large) == ("flow", "Flow.", [["--size", "S"]], [])


def test_a_module_without_runs_is_no_bench(tmp_path: Path) -> None:
    assert benches(bench_in(tmp_path, '"""A part of others."""\ndef main():\n    pass\n')) == []


def test_the_seed_stands_by_itself() -> None:
    assert told_arguments(["--size", "L", "--seed", "7", "--rounds", "3"]) == ["--size", "L", "--rounds", "3"]
    assert told_arguments(["--seed=7", "--size", "L"]) == ["--size", "L"]


def test_a_value_is_within_what_was_asked_without_rounding() -> None:
    assert within(30, 30, None) and not within(29.9999, 30, None)
    assert within(0.3333, None, 1 / 3) and not within(0.33334, None, 1 / 3)


def test_a_percentile_lies_between_measurements() -> None:
    assert percentile([float(number) for number in range(101)], 99) == 99


def test_the_newest_line_of_a_figure_is_shown(tmp_path: Path) -> None:
    text = '"""Flow."""\nLARGE = [["--size", "L"]]\ndef main():\n    pass\n'
    entries = benches(bench_in(tmp_path, text))
    rows = [row(value=1.0), row(value=2.0), row(value=3.0, arguments=["--size", "M"])]
    assert [shown["value"] for shown in section("large", rows, entries).rows] == [2.0]
    assert section("quick", rows, entries).rows == []


def test_a_section_replaces_its_own_place_only() -> None:
    first = placed("# Benchmarks\n\nBy hand.\n", Section("large", [row()]))
    again = placed(f"{first}\nAfter.\n", Section("large", [row("another")]))
    assert "By hand." in again and "After." in again and "another" in again
    assert "plain solve at L" not in again
    assert again.count("<!-- large -->") == 1


def test_what_was_asked_is_said() -> None:
    assert asked(row()) == "≥ 30 × (goal 60)"
    assert asked(row(least=None, goal=None)) == "reported"
    assert asked(row(least=None, most=1.5, goal=None, unit="GB")) == "≤ 1.5 GB"


def test_a_missed_figure_stands_out() -> None:
    shown = placed("", Section("quick", [json.loads(json.dumps(row(reached=False)))]))
    assert "**missed**" in shown and "Z, 2 cores, 24 GB" in shown
    assert "load" not in shown


def test_figures_of_a_busy_machine_say_so() -> None:
    busy = row(machine=row()["machine"] | {"load": 9.5})
    assert "**load 9.5**" in placed("", Section("quick", [busy]))
