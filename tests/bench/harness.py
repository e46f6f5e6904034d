"""How a benchmark measures: rivals take turns, each in a process of its own, and every figure is written down.

A bench is a module of this folder that runs as `python -m tests.bench.NAME`. It has

- a docstring whose first line says what it measures,
- `QUICK` and `LARGE`: literal lists of argument lists, one for each run in `make bench` and in `make bench-large`,
- a `main()` that reads its arguments with `parser(__doc__)` (which brings `--seed` and `--rounds`, and a fresh seed).

The whole of a bench:

    def own(size, seed):                    # in a child process: prepare, unmeasured …
        problem = make(size, seed)
        return lambda: solve(problem).cost  # … and the measured part; what it returns comes back as the outcome

    def main() -> None:
        asked = parser(__doc__).parse_args()
        bench = Bench("flow", asked)
        ours, theirs = bench.alternate([Rival("own", own, (asked.size, asked.seed)),
                                        Rival("OR-tools", ortools, (asked.size, asked.seed))])
        assert ours.outcome == theirs.outcome
        bench.figure("plain solve at L ÷ OR-tools", theirs.median / ours.median, "×", least=30, goal=60,
                     ours=ours, rival=theirs)

`prepare` functions stand at the top level of the module and import what they need themselves: rivals whose libraries
clash never meet. Memory is the peak of the child's resident set, `prepare` included.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.bench.machine import machine_facts
from tests.bench.stand import Stand

RESULTS = Path("out/bench")
ROUNDS = 5


@dataclass(frozen=True)
class Rival:
    """One way to do the work: `prepare(*arguments)` returns the measured function. `rounds` if fewer than asked."""

    name: str
    prepare: Callable[..., Callable[[], Any]]
    arguments: tuple[Any, ...] = ()
    warm: int = 1
    rounds: int | None = None


@dataclass(frozen=True)
class Measured:
    """What the rounds of a rival took, what they gave (all of them the same), and its peak memory in MB."""

    name: str
    seconds: tuple[float, ...]
    outcome: Any
    peak_mb: float

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return median(self.seconds)


@dataclass
class Bench:
    """One run of a bench: measures, prints, and writes a line for each figure into `out/bench/NAME.jsonl`."""

    name: str
    asked: argparse.Namespace
    facts: Mapping[str, Any] = field(default_factory=machine_facts)

    def __post_init__(self) -> None:
        print(f"\n{self.name}  seed {self.asked.seed}  {self._settings()}")
        print(f"  {self.facts['cpu']}, {self.facts['cores']} cores, {self.facts['ram_gb']} GB", flush=True)

    def alternate(self, rivals: Sequence[Rival]) -> list[Measured]:
        """Measure the rivals in turns (A B A B …), warmed up before; an outcome that changes is an error."""
        stands = [Stand(rival.prepare, rival.arguments) for rival in rivals]
        try:
            return self._measure(rivals, stands)
        finally:
            for stand in stands:
                stand.close()

    def figure(
        self,
        what: str,
        value: float,
        unit: str,
        *,
        least: float | None = None,
        most: float | None = None,
        goal: float | None = None,
        ours: Measured | None = None,
        rival: Measured | None = None,
        note: str = "",
    ) -> None:
        """Print a figure and write it down; `least` or `most` is what engine.md asks, None where it only wants to know.

        `what` names the figure for good: the report shows the newest line of each name.
        """
        reached = None if least is None and most is None else within(value, least, most)
        row = {
            "bench": self.name,
            "what": what,
            "value": value,
            "unit": unit,
            "least": least,
            "most": most,
            "goal": goal,
            "reached": reached,
            "ours": _told(ours),
            "rival": _told(rival),
            "note": note,
            "seed": self.asked.seed,
            "arguments": told_arguments(sys.argv[1:]),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": dict(self.facts),
        }
        RESULTS.mkdir(parents=True, exist_ok=True)
        with (RESULTS / f"{self.name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        print(f"  {what}: {say(value)} {unit}{_verdict(reached, least, most)}{_seconds(ours, rival)}", flush=True)

    def _measure(self, rivals: Sequence[Rival], stands: Sequence[Stand]) -> list[Measured]:
        seconds: list[list[float]] = [[] for _ in rivals]
        outcomes = [self._warm(rival, stand) for rival, stand in zip(rivals, stands, strict=True)]
        for number in range(self.asked.rounds):
            for at, rival in enumerate(rivals):
                if number < (rival.rounds or self.asked.rounds):
                    took, outcome = stands[at].run()
                    seconds[at].append(took)
                    outcomes[at].append(outcome)
        return [
            self._measured(rival, seconds[at], outcomes[at], stands[at].peak_mb()) for at, rival in enumerate(rivals)
        ]

    def _warm(self, rival: Rival, stand: Stand) -> list[Any]:
        """Prepare and compile, unmeasured."""
        return [stand.run()[1] for _ in range(rival.warm)]

    def _measured(self, rival: Rival, seconds: list[float], outcomes: list[Any], peak_mb: float) -> Measured:
        if any(outcome != outcomes[0] for outcome in outcomes):
            raise AssertionError(f"{rival.name} gave different outcomes: {outcomes}")
        found = Measured(rival.name, tuple(seconds), outcomes[0], peak_mb)
        spread = f"{min(seconds):.4g}–{max(seconds):.4g}, {len(seconds)} rounds"
        print(f"  {rival.name:<28} {found.median:9.4f} s  ({spread})  {peak_mb:,.0f} MB", flush=True)
        return found

    def _settings(self) -> str:
        return " ".join(f"{name}={value}" for name, value in vars(self.asked).items() if name != "seed")


def once(prepare: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...], warm: int = 0) -> Any:
    """What a function gives in a process of its own, after so many runs before."""
    stand = Stand(prepare, arguments)
    try:
        return [stand.run()[1] for _ in range(warm + 1)][-1]
    finally:
        stand.close()


def parser(about: str | None, *, rounds: int = ROUNDS) -> argparse.ArgumentParser:
    """A parser with `--seed` (a fresh one each time, printed, so that a run can be repeated) and `--rounds`."""
    found = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--seed", type=int, default=secrets.randbelow(2**31), help="of the instance; fresh if left out")
    found.add_argument("--rounds", type=int, default=rounds, help="measured rounds of each rival")
    return found


def within(value: float, least: float | None, most: float | None) -> bool:
    """Whether a value is what was asked; nothing is rounded toward it."""
    return (least is None or value >= least) and (most is None or value <= most)


def percentile(seconds: Sequence[float], percent: int) -> float:
    """The percentile of some measurements, at least 2 of them; p99 of fewer than 100 lies near the greatest."""
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]


def say(value: float) -> str:
    """A value with three digits, or all of them before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def told_arguments(arguments: Sequence[str]) -> list[str]:
    """The arguments of this run but for its seed, which stands by itself: they tell to which set the run belongs."""
    kept, skip = [], False
    for argument in arguments:
        if skip or argument.startswith("--seed"):
            skip = argument == "--seed"
        else:
            kept.append(argument)
    return kept


def _told(measured: Measured | None) -> dict[str, Any] | None:
    if measured is None:
        return None
    told = {name: value for name, value in asdict(measured).items() if name != "outcome"}
    return told | {"median": measured.median}


def _verdict(reached: bool | None, least: float | None, most: float | None) -> str:
    if reached is None:
        return ""
    asked = f"≥ {say(least)}" if least is not None else f"≤ {say(most or 0)}"
    return f"  (asked {asked}: {'reached' if reached else 'MISSED'})"


def _seconds(ours: Measured | None, rival: Measured | None) -> str:
    pair = [f"{row.name} {row.median:.4g} s" for row in (ours, rival) if row is not None]
    return f"  [{' ; '.join(pair)}]" if pair else ""
