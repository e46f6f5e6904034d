"""A plan under minimums beside its bound, step by step, and HiGHS on some islands of it.

HiGHS gets each island as a mixed-integer program (元 in all, then done) and a time limit; its bound shows how much of
the gap no plan can close.
"""

from time import perf_counter

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.exact import perfect
from services.matching.engine.raise_rate.greedy import greedy_amounts
from services.matching.engine.raise_rate.guide import guide_of
from services.matching.engine.raise_rate.improve import improve
from services.matching.engine.raise_rate.islands import island_of
from services.matching.engine.raise_rate.market import Ints, Market, objective_of
from services.matching.engine.raise_rate.minimum import broken_pairs, viable
from services.matching.engine.raise_rate.planning import MANY
from services.matching.engine.raise_rate.polish import polish
from services.matching.engine.raise_rate.repair import repair
from services.matching.engine.raise_rate.targets import alone, first_guess, optimum
from tests.bench.harness import Bench, parser
from tests.bench.markets import market_of

QUICK = [["--size", "M"]]
LARGE = [["--size", "L", "--islands", "3"]]
SECONDS = 20


def main() -> None:
    """Print a line per step, and write down the gap."""
    options = parser(__doc__)
    options.add_argument("--size", choices=["S", "M", "L"], default="M")
    options.add_argument("--islands", type=int, default=1)
    asked = options.parse_args()
    bench = Bench("minimum", asked)
    _plan(market_of("XS", 0), quiet=True)
    market = market_of(asked.size, asked.seed)
    print(f"  {len(market.movable)} lines, {len(market.stock)} capabilities, {len(market.line)} pairs")
    amounts, gap = _plan(market, quiet=False)
    most = 1.0 if asked.size == "M" else None
    bench.figure(f"plan under minimums at {asked.size}: short of its bound", 100 * gap, "%", most=most)
    for number, members in enumerate(_islands(market, asked.islands), 1):
        _beside_highs(bench, f"island {number} under minimums at {asked.size}", market, members, amounts)


def _plan(market: Market, *, quiet: bool) -> tuple[Ints, float]:
    """The plan's amounts, and its gap to the bound."""
    everything = np.arange(len(market.line))
    since = perf_counter()
    guess = first_guess(market, alone(market, everything))
    offers = viable(market)
    bound = optimum(market, offers, guess)
    best = int(bound.amounts.sum())

    def tell(what: str, amounts: Ints) -> None:
        nonlocal since
        gap = (best - int(amounts.sum())) / best
        if not quiet:
            print(f"{what:<24} {perf_counter() - since:8.2f} s   gap {gap:7.3%}", flush=True)
        since = perf_counter()

    tell("bound", bound.amounts)
    if not quiet:
        used = int((bound.amounts > 0).sum())
        print(f"  of {used} pairs in its flow {len(broken_pairs(market, bound.amounts))} are below their minimum")
    tell("greedy", greedy_amounts(market))
    ledger = repair(market, bound)
    tell("repair", ledger.amounts)
    guide = guide_of(bound) if len(offers) > MANY else None
    improve(ledger, offers, objective_of(market, bound.amounts).toward_target, guide)
    tell("improve", ledger.amounts)
    polish(ledger)
    tell("best amounts", ledger.amounts)
    perfect(ledger, offers)
    tell("small islands, proven", ledger.amounts)
    return ledger.amounts, (best - int(ledger.amounts.sum())) / best


def _islands(market: Market, count: int) -> list[Ints]:
    """Some islands of middling size."""
    offers = viable(market)
    number, islands = island_of(market, offers)
    size = np.bincount(number, minlength=islands)
    chosen = np.flatnonzero(size >= 200)[np.argsort(size[size >= 200], kind="stable")][:count]
    return [offers[number == island] for island in chosen]


def _beside_highs(bench: Bench, what: str, market: Market, members: Ints, amounts: Ints) -> None:
    planned, since = int(amounts[members].sum()), perf_counter()
    found = _by_highs(market, members)
    best, bound = -found.fun if found.x is not None else 0.0, -found.mip_dual_bound
    took = f"HiGHS {best:.0f} in {perf_counter() - since:.0f} s, its bound {bound:.0f}"
    note = f"{len(members)} pairs, plan {planned}, {took}"
    bench.figure(f"{what}: the plan ÷ HiGHS in its time", planned / best if best else 1.0, "×", note=note)


def _by_highs(market: Market, members: Ints):  # type: ignore[no-untyped-def]
    """Amounts, then one 0-1 variable per pair."""
    pairs, pair = np.unique(market.pair[members], return_inverse=True)
    count = len(members)
    rows: list[tuple[Ints, Ints, float, float]] = []
    for group, limits, use in (
        (market.line, market.movable, np.ones(count)),
        (market.capability, market.stock, market.use[members].astype(float)),
        (market.supplier, market.limit, np.ones(count)),
    ):
        for key in np.unique(group[members]):
            at = np.flatnonzero(group[members] == key)
            if limits[key] < UNLIMITED:
                rows.append((at, use[at] / use[at].max(), 0.0, limits[key] / use[at].max()))
    for position, each in enumerate(pairs):
        at = np.flatnonzero(pair == position)
        most = min(market.cap[each], market.most[members[at]].sum())
        rows.append((np.append(at, count + position), np.append(np.ones(len(at)), -float(most)), -np.inf, 0.0))
        least = -float(market.minimum[each])
        rows.append((np.append(at, count + position), np.append(np.ones(len(at)), least), 0.0, np.inf))
    cells = [(number, column, value) for number, row in enumerate(rows) for column, value in zip(*row[:2], strict=True)]
    number, column, value = (np.array(each) for each in zip(*cells, strict=True))
    matrix = coo_matrix((value, (number, column)), (len(rows), count + len(pairs)))
    return milp(
        np.append(-np.ones(count), np.zeros(len(pairs))),
        constraints=LinearConstraint(matrix, [row[2] for row in rows], [row[3] for row in rows]),
        integrality=np.append(np.zeros(count), np.ones(len(pairs))),
        bounds=Bounds(0, np.append(market.most[members], np.ones(len(pairs)))),
        options={"time_limit": SECONDS},
    )


if __name__ == "__main__":
    main()
