"""Write BENCHMARKS.md's tables from the figures in out/bench: the newest line of each figure, and what was asked.

Each set (quick, large) has a place of its own between two marks; a set without figures here keeps what stands there,
so that a quick run does not wipe out what the large one found. Runs with arguments of their own are in no set.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.catalogue import Entry, benches
from tests.bench.harness import RESULTS, say

FILE = Path("BENCHMARKS.md")
COMMANDS = {"quick": "make bench", "large": "make bench-large"}
HEAD = "# Benchmarks\n\nEach figure is own ÷ rival in one run, side by side, on instances of a fresh seed.\n"
SHOWN_VERSIONS = ("numpy", "numba", "networkx", "scipy", "ortools", "bm25s", "rjieba")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """The figures of one set, in the order of the benches."""

    name: str
    rows: list[Row]


def main() -> None:
    """Rewrite the tables in BENCHMARKS.md."""
    rows = list(read(RESULTS))
    sections = [section(name, rows, benches()) for name in COMMANDS]
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else HEAD
    for found in sections:
        text = placed(text, found) if found.rows else text
    FILE.write_text(text, encoding="utf-8")
    missed = [row for found in sections for row in found.rows if row["reached"] is False]
    for row in missed:
        print(f"missed: {row['what']}: {say(row['value'])} {row['unit']}, asked {asked(row)}", file=sys.stderr)
    print(f"{FILE}: {', '.join(f'{len(found.rows)} figures of the {found.name} set' for found in sections)}")


def read(folder: Path) -> Iterable[Row]:
    """All lines that were ever written, the oldest first within a bench."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def section(name: str, rows: Iterable[Row], entries: Sequence[Entry]) -> Section:
    """The newest line of each figure among the runs of a set."""
    wanted = {(entry.name, tuple(run)) for entry in entries for run in getattr(entry, name)}
    newest: dict[tuple[str, str], Row] = {}
    for row in rows:
        if (row["bench"], tuple(row["arguments"])) in wanted:
            newest.pop((row["bench"], row["what"]), None)
            newest[row["bench"], row["what"]] = row
    return Section(name, list(newest.values()))


def placed(text: str, found: Section) -> str:
    """The text with the section between its marks; they are added at the end where they are lacking."""
    begin, end = f"<!-- {found.name} -->", f"<!-- end of {found.name} -->"
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{written(found)}{end}{rest.partition(end)[2]}"


def written(found: Section) -> str:
    """The section in Markdown: machine, versions and command, then a row per figure."""
    newest = max(found.rows, key=lambda row: row["at"])
    lines = [
        f"## `{COMMANDS[found.name]}`",
        "",
        f"{newest['at'][:10]} · {_machine(newest['machine'])}",
        "",
        "| figure | measured | asked | | own | rival | when |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_line, found.rows)]) + "\n"


def asked(row: Row) -> str:
    """What engine.md asks of a figure, and its goal."""
    sign, bound = ("≤", row["most"]) if row["least"] is None else ("≥", row["least"])
    if bound is None:
        return "reported"
    goal = "" if row["goal"] is None else f" (goal {say(row['goal'])})"
    return f"{sign} {say(bound)} {row['unit']}{goal}"


def _machine(facts: Mapping[str, Any]) -> str:
    versions = [f"{name} {facts[name]}" for name in SHOWN_VERSIONS if facts.get(name)]
    place = f"{facts['cpu']}, {facts['cores']} cores, {facts['ram_gb']} GB, {facts['system']}"
    return f"{place} · Python {facts['python']}, {', '.join(versions)}"


def _line(row: Row) -> str:
    verdict = {True: "reached", False: "**missed**", None: ""}[row["reached"]]
    value = f"{say(row['value'])} {row['unit']}"
    name = f"{row['what']}{': ' + row['note'] if row['note'] else ''}"
    cells = (name, value, asked(row), verdict, _side(row["ours"]), _side(row["rival"]), _when(row))
    return f"| {' | '.join(cells)} |"


def _when(row: Row) -> str:
    """Day, commit and seed; and the load, where other work had the processors too."""
    facts = row["machine"]
    busy = f", **load {facts['load']}**" if facts.get("load", 0) > facts["cores"] else ""
    return f"{row['at'][:10]} {facts['commit'] or ''}, seed {row['seed']}{busy}"


def _side(measured: Mapping[str, Any] | None) -> str:
    """Median of the rounds, how many, and peak memory."""
    if measured is None:
        return ""
    rounds = len(measured["seconds"])
    return f"{measured['name']} {say(measured['median'])} s of {rounds}, {measured['peak_mb']:,.0f} MB"


if __name__ == "__main__":
    main()
