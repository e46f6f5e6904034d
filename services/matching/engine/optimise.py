"""The numbers of a run: from the snapshot's columns to the amounts of a plan, in arrays and nothing for people."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from services.matching.engine.candidates.pairs import Shortlists
from services.matching.engine.candidates.search import open_hall, shortlists
from services.matching.engine.columns import Columns
from services.matching.engine.memory import give_back
from services.matching.engine.modes.newcomer_floor import plan_with_floor
from services.matching.engine.modes.plan_modes import plan_in_mode
from services.matching.engine.plan import ModeOutcome, NewcomerOutcome
from services.matching.engine.policy import Mode
from services.matching.engine.raise_rate.former import former_amounts
from services.matching.engine.raise_rate.greedy import greedy_amounts
from services.matching.engine.raise_rate.ledger import Ledger
from services.matching.engine.raise_rate.market import Ints, Market
from services.matching.engine.raise_rate.minimum import viable
from services.matching.engine.raise_rate.opening import Pairs, Trade, open_market, trade_of
from services.matching.engine.raise_rate.planning import make_plan
from services.matching.engine.raise_rate.targets import Optimum, alone, first_guess, optimum

Progress = Callable[[str], None]

THREADS = 2
"""As many steps as ever stand side by side."""


@dataclass(frozen=True)
class Optimised:
    """What a run computes. Offers are those of `market`.

    `own` (products,) is what each product could get alone, `joint` the optimum without minimum, `bound` the one after
    the pairs are gone that cannot reach theirs, `ledger` the plan, `greedy` (offers,) what the best score first takes.
    """

    columns: Columns
    lists: Shortlists
    trade: Trade
    market: Market
    own: Ints
    joint: Optimum
    bound: Optimum
    ledger: Ledger
    greedy: Ints
    mode: ModeOutcome | None = None
    newcomers: NewcomerOutcome | None = None


def optimise(columns: Columns, progress: Progress) -> Optimised:
    """Find the pairs, the optimum, its bound and the plan; `progress` is told the name (zh) of each step.

    What does not depend on each other runs side by side: compiled code leaves the interpreter to others.
    """
    with ThreadPoolExecutor(THREADS) as threads:
        return _optimised(columns, progress, threads)


def _optimised(columns: Columns, progress: Progress, threads: Executor) -> Optimised:
    progress("检索候选并核对资格")
    lists = shortlists(open_hall(columns), threads)
    give_back()
    found, trade = lists.candidates, trade_of(columns)
    market = open_market(columns, trade, Pairs(found.line, found.capability, found.score))
    progress("求各产品单独可达")
    everything = np.arange(len(market.line))
    own = alone(market, everything)
    guess, former = first_guess(market, own), former_amounts(market, columns.proposals)
    progress("求上界")
    others = threads.submit(lambda: (optimum(market, everything, guess), greedy_amounts(market)))
    bound = optimum(market, viable(market), guess, former > 0)
    give_back()
    progress("落实最小份额与件数")
    ledger, mode, newcomers = _plan(columns, trade, market, bound, former)
    progress("求共同最优")
    joint, greedy = others.result()
    return Optimised(columns, lists, trade, market, own, joint, bound, ledger, greedy, mode, newcomers)


def _plan(
    columns: Columns, trade: Trade, market: Market, bound: Optimum, former: Ints
) -> tuple[Ledger, ModeOutcome | None, NewcomerOutcome | None]:
    """The plan of the policy's mode; see modes for all but raise_rate."""
    policy = columns.policy
    if policy.mode is not Mode.RAISE_RATE:
        return *plan_in_mode(columns, trade, market), None
    if policy.newcomer_share > 0:
        ledger, newcomers = plan_with_floor(columns, market, bound)
        return ledger, None, newcomers
    return make_plan(market, bound, former, policy.change_threshold), None, None
