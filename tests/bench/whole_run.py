"""The whole run, from columns to a plan's amounts, beside a good chain of libraries; time and peak memory.

Own: candidates with near misses, what each product gets alone, the exact optimum with targets, its bound, the plan with
minimum shares and pieces, a greedy plan beside it. Rival: see `library_chain`, which does less: it finds the candidates
and solves one flow without targets, drops what is below the minimum, and knows no text floor. So there are two figures:
the whole run beside the chain, and the same work beside it: candidates, one flow, what is below the minimum dropped.
On the rival's own market the engine must reach its optimum to the unit.
"""

from collections.abc import Callable
from typing import Any

from tests.bench.harness import Bench, Measured, Rival, once, parser

QUICK = [["--size", "S"], ["--size", "M"]]
LARGE = [["--size", "L"], ["--size", "L", "--cross"]]


def own(size: str, seed: int, cross: bool) -> Callable[[], tuple[int, int]]:
    """The engine's run; the plan's 元 and their bound."""
    from services.matching.engine.optimise import optimise
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed, cross=cross)

    def run() -> tuple[int, int]:
        made = optimise(columns, lambda _: None)
        return int(made.ledger.amounts.sum()), int(made.bound.amounts.sum())

    return run


def same_work(size: str, seed: int, cross: bool) -> Callable[[], tuple[int, int]]:
    """What the chain does, by the engine: 元 suggested, 元 at the optimum without targets."""
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from services.matching.engine.candidates.search import open_hall, shortlists
    from services.matching.engine.optimise import THREADS
    from services.matching.engine.raise_rate.minimum import viable
    from services.matching.engine.raise_rate.opening import Pairs, open_market, trade_of
    from services.matching.engine.raise_rate.supply_network import Counting
    from services.matching.engine.raise_rate.targets import optimum
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed, cross=cross)

    def run() -> tuple[int, int]:
        with ThreadPoolExecutor(THREADS) as threads:
            found = shortlists(open_hall(columns), threads).candidates
        market = open_market(columns, trade_of(columns), Pairs(found.line, found.capability, found.score))
        best = optimum(market, viable(market), [Counting.NONE] * len(market.room)).amounts
        carried = np.bincount(market.pair, best, len(market.minimum))
        return int(best[(carried >= market.minimum)[market.pair]].sum()), int(best.sum())

    return run


def chain(size: str, seed: int, cross: bool) -> Callable[[], tuple[int, int, int]]:
    """The libraries' run: 元 suggested, 元 at the optimum, 元 × score there."""
    from tests.bench import library_chain
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed, cross=cross)

    def run() -> tuple[int, int, int]:
        market, amounts = library_chain.run(columns)
        kept = library_chain.suggestions(market, amounts)
        return int(kept.sum()), int(amounts.sum()), _score(market.score, amounts)

    return run


def check(size: str, seed: int, cross: bool) -> Callable[[], tuple[int, int]]:
    """The engine's solver on the chain's market, whole: 元 in all and 元 × score at its optimum."""
    import numpy as np

    from services.matching.engine.flow.problem import FlowProblem
    from services.matching.engine.flow.solver import solve_flow
    from tests.bench import library_chain
    from tests.bench.worlds import columns_instance

    def run() -> tuple[int, int]:
        market, _ = library_chain.run(columns_instance(size, seed, cross=cross))
        arcs = library_chain.arcs_of(market)
        outweighs = 1 + 2 * 1000 * min(len(market.movable), len(market.capacity))
        cost = np.where(arcs.gain >= 0, -(outweighs + arcs.gain), 0)
        columns = (arcs.tail, arcs.head, np.zeros(len(cost), np.int64), arcs.capacity, cost, arcs.supply)
        solved = solve_flow(FlowProblem(*(np.ascontiguousarray(column, np.int64) for column in columns)))
        amounts = solved.flow[: len(market.line)]
        return int(amounts.sum()), _score(market.score, amounts)

    return run


def stages(size: str, seed: int, cross: bool) -> Callable[[], dict[str, float]]:
    """Seconds of each step of the engine's run, the second time."""
    import time

    from services.matching.engine.optimise import optimise
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed, cross=cross)

    def run() -> dict[str, float]:
        told: list[tuple[str, float]] = []
        optimise(columns, lambda step: told.append((step, time.perf_counter())))
        ends = [moment for _, moment in told[1:]] + [time.perf_counter()]
        return {step: end - began for (step, began), end in zip(told, ends, strict=True)}

    return run


def main() -> None:
    """Measure one size."""
    arguments = parser(__doc__)
    arguments.add_argument("--size", choices=("S", "M", "L"), default="S")
    arguments.add_argument("--cross", action="store_true", help="blocks share words: wider ones are searched")
    asked = arguments.parse_args()
    bench = Bench("whole_run", asked)
    instance = (asked.size, asked.seed, asked.cross)
    rounds = 3 if asked.size == "L" else None
    rivals = [
        Rival("own", own, instance),
        Rival("own, same work", same_work, instance),
        Rival("bm25s, numpy, OR-tools", chain, instance, rounds=rounds),
    ]
    ours, same, theirs = bench.alternate(rivals)
    optimum = once(check, instance)
    assert optimum == theirs.outcome[1:], f"the engine's optimum of the chain's market is another one: {optimum}"
    where = f"at {asked.size}{' with crossing words' if asked.cross else ''}"
    report(bench, where, ours, theirs)
    bench.figure(f"same work {where} ÷ chain of libraries", theirs.median / same.median, "×", ours=same, rival=theirs)
    for step, seconds in once(stages, instance, warm=1).items():
        bench.figure(f"whole run {where}: {step}", seconds, "s")


def report(bench: Bench, where: str, ours: Measured, theirs: Measured) -> None:
    """The figures; what engine.md asks, it asks at L."""
    asked = bench.asked.size == "L"
    ratio, gigabytes = theirs.median / ours.median, ours.peak_mb / 1024
    chain_of = f"whole run {where} ÷ chain of libraries"
    bench.figure(chain_of, ratio, "×", least=3 if asked else None, goal=5 if asked else None, ours=ours, rival=theirs)
    bench.figure(f"whole run {where}", ours.median, "s", goal=2 if asked else None)
    bench.figure(f"peak memory of the whole run {where}", gigabytes, "GB", most=1.5 if asked else None)
    (plan, bound), suggested = ours.outcome, theirs.outcome[0]
    freely = "the chain knows no text floor, and books pieces at the highest price"
    bench.figure(f"元 in the plan {where} ÷ chain of libraries", plan / suggested, "×", note=freely)
    bench.figure(f"plan of the whole run {where} below its bound", 100 * (bound - plan) / bound, "%")


def _score(scores: Any, amounts: Any) -> int:
    """Σ score · 元 in Python's integers."""
    return sum(score * amount for score, amount in zip(scores.tolist(), amounts.tolist(), strict=True) if amount)


if __name__ == "__main__":
    main()
