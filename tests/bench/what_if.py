"""What a single change brings, from a kept basis beside the full solve of the changed market; and all near misses.

Some answers are compared with the full solve, to the unit.
"""

import time
from typing import Any

import numpy as np

from tests.bench.harness import Bench, parser, percentile

QUICK = [["--size", "M"]]
LARGE = [["--size", "L", "--changes", "60"]]


def main() -> None:
    """Measure changes of every kind one by one."""
    found = parser(__doc__)
    found.add_argument("--size", choices=["S", "M", "L"], default="M")
    found.add_argument("--changes", type=int, default=200)
    asked = found.parse_args()
    bench = Bench("what_if", asked)
    size, most = asked.size, 50.0 if asked.size == "M" else None
    ours, full, near = measure(size, asked.seed, asked.changes)
    milliseconds = [1000 * one for one in ours]
    bench.figure(f"a what-if at {size}: median", percentile(milliseconds, 50), "ms", most=most)
    bench.figure(f"a what-if at {size}: p99", percentile(milliseconds, 99), "ms", most=most)
    bench.figure(f"full solve at {size} ÷ what-if, medians", percentile(full, 50) / percentile(ours, 50), "×")
    bench.figure(f"exact gain of a near miss at {size}: mean of all", 1e6 * near[1] / max(near[0], 1), "µs")


def measure(size: str, seed: int, changes: int) -> tuple[list[float], list[float], tuple[int, float]]:
    """The seconds of each what-if and of some full solves; how many near misses were tried, and the seconds of all."""
    from services.matching.engine.raise_rate.supply_network import Counting
    from services.matching.engine.what_if.kept import Kept
    from services.matching.engine.what_if.levers import near_gains
    from services.matching.engine.what_if.union import unite
    from services.matching.engine.what_if.what_if import WhatIf

    columns, trade, eligible, near = _found(size, seed)
    union = unite(columns, trade, eligible, near)
    basis = WhatIf(union, trade, [Counting.ALL] * len(columns.products.target))
    draw = np.random.default_rng(seed + 1)
    _change_each(draw, trade, union, basis, 12)  # compiled by now
    ours = _change_each(draw, trade, union, basis, changes)
    full = [_compared(draw, columns, trade, union, basis) for _ in range(6)][1:]
    kept = Kept(union.market, union.is_open, basis.amounts)
    near_gains(kept, union.near[:10])
    begin = time.perf_counter()
    gains, _ = near_gains(kept, union.near)
    return ours, full, (sum(gain is not None for gain in gains), time.perf_counter() - begin)


def _found(size: str, seed: int) -> tuple[Any, Any, Any, Any]:
    from services.matching.engine.candidates.search import open_hall, shortlists
    from services.matching.engine.raise_rate.opening import Pairs, trade_of
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed)
    lists = shortlists(open_hall(columns))
    eligible, near = (Pairs(rows.line, rows.capability, rows.score) for rows in (lists.candidates, lists.near))
    return columns, trade_of(columns), eligible, near


def _change_each(draw: Any, trade: Any, union: Any, basis: Any, count: int) -> list[float]:
    seconds = []
    for number in range(count):
        change = _change(draw, trade, union, number)
        begin = time.perf_counter()
        basis.what_if([change])
        seconds.append(time.perf_counter() - begin)
    return seconds


def _change(draw: Any, trade: Any, union: Any, number: int) -> Any:
    """One of the kinds in turn; half of all changes are cures."""
    from services.matching.engine.what_if.changes import (
        AddSupplier,
        ClosePair,
        OpenPair,
        RemoveSupplier,
        SetCapacity,
        SetMovable,
    )

    market = union.market
    opened, closed = np.flatnonzero(union.is_open), np.flatnonzero(~union.is_open)
    some = int(draw.choice(closed if number % 2 and len(closed) else opened))
    line, capability = int(market.line[some]), int(market.capability[some])
    if number % 2:
        return OpenPair(line, capability)
    lines = np.unique(draw.choice(market.line[market.product[market.line] == market.product[line]], 30))
    return [
        ClosePair(line, capability),
        SetCapacity(capability, yuan=int(draw.integers(10**4, 10**7))),
        RemoveSupplier(int(trade.supplier[capability])),
        SetMovable(line, int(trade.movable[line]) // 2),
        AddSupplier(tuple(lines.tolist()), tuple(draw.integers(300, 1000, len(lines)).tolist()), 3_000_000),
    ][number // 2 % 5]


def _compared(draw: Any, columns: Any, trade: Any, union: Any, basis: Any) -> float:
    """The seconds of a full solve with one near miss cured, which must give what the what-if gives."""
    from services.matching.engine.raise_rate.market import objective_of
    from services.matching.engine.raise_rate.minimum import viable
    from services.matching.engine.raise_rate.opening import Pairs, open_market
    from services.matching.engine.raise_rate.targets import alone, first_guess, optimum
    from services.matching.engine.what_if.changes import OpenPair

    market = union.market
    cured = int(draw.choice(np.flatnonzero(~union.is_open)))
    rows = np.append(np.flatnonzero(union.is_open), cured)
    begin = time.perf_counter()
    plain = open_market(columns, trade, Pairs(market.line[rows], market.capability[rows], market.score[rows]))
    within = viable(plain)
    best = optimum(plain, within, first_guess(plain, alone(plain, within)))
    seconds = time.perf_counter() - begin
    found = basis.what_if([OpenPair(int(market.line[cured]), int(market.capability[cured]))])
    if found.after.objective != objective_of(plain, best.amounts):
        raise AssertionError(f"what-if {found.after.objective}, full solve {objective_of(plain, best.amounts)}")
    return seconds


if __name__ == "__main__":
    main()
