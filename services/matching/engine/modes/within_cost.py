"""The highest rate for at most (1 + τ) of today's cost.

What moving T 元 costs at least is convex in T, so once it is known what is open, the most is found by bisection over
flows, in whole 元.
"""

from fractions import Fraction

import numpy as np

from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.problem import Status
from services.matching.engine.flow.problem import Ints
from services.matching.engine.modes.fixed import furthest_choice, is_fixed
from services.matching.engine.modes.network import Open, all_open, cheapest, most_moved
from services.matching.engine.modes.problem import (
    MILLION,
    ModeProblem,
    ModeResult,
    ModeTerms,
    cost_of,
    keeps,
    opening_costs,
    rate_of,
    unit_costs,
)


def within_cost(problem: ModeProblem, terms: ModeTerms) -> ModeResult:
    """The plan that moves most, over all products together, for at most τ × today's counted spend more than today."""
    deadline = Deadline.after(terms.time_limit)
    joint = ModeTerms(**{**terms.__dict__, "per_product": False})
    budget = terms.tolerance * int(problem.counted.sum())
    spread = opening_costs(problem, joint) * MILLION // np.maximum(1, problem.cap)
    relaxed = _furthest(problem, joint, unit_costs(problem, joint) + spread[problem.gate], all_open(problem), budget)
    most = int(relaxed.sum())
    if not is_fixed(problem, joint):
        return _told(problem, joint, relaxed, most)
    chosen = furthest_choice(problem, joint, float(budget), deadline.left())
    candidates = [np.zeros(len(problem.line), dtype=np.int64)]
    if chosen.opened is not None:
        paid = Fraction(int(opening_costs(problem, joint)[chosen.opened.gates].sum()))
        candidates.append(_furthest(problem, joint, unit_costs(problem, joint), chosen.opened, budget - paid))
    good = [row for row in candidates if keeps(problem, row) and cost_of(problem, joint, row) <= budget]
    best = max(good, key=lambda row: int(row.sum()), default=candidates[0])
    if chosen.ended:
        most = int(best.sum())
    elif np.isfinite(chosen.bound):
        most = min(most, int(-chosen.bound * (1 + 1e-9) + 1))
    return _told(problem, joint, best, max(most, int(best.sum())))


def _furthest(problem: ModeProblem, terms: ModeTerms, cost: Ints, opened: Open, budget: Fraction) -> Ints:
    """Amounts that move most at unit costs within the budget; nothing where even that is too dear."""
    most = most_moved(problem, terms, opened)
    nothing = np.zeros(len(problem.line), dtype=np.int64)
    if most is None:
        return nothing
    low, high, best = -1, int(most.sum()), nothing
    probe = high
    while low < high:
        found = cheapest(problem, terms, np.ascontiguousarray(cost), opened, np.array([probe], dtype=np.int64))
        if found is not None and _price(found, cost) <= budget:
            low, best = max(probe, int(found.sum())), found
        else:
            high = probe - 1
        probe = (low + high + 1) // 2
    return best


def _price(amounts: Ints, cost: Ints) -> Fraction:
    return Fraction(sum(a * b for a, b in zip(amounts.tolist(), cost.tolist(), strict=True)), MILLION)


def _told(problem: ModeProblem, terms: ModeTerms, amounts: Ints, most: int) -> ModeResult:
    moved = int(amounts.sum())
    rate, bound = rate_of(problem, moved), rate_of(problem, most)
    gap = (bound - rate) / bound if bound > 0 else Fraction(0)
    status = Status.OPTIMAL if moved == most else Status.FEASIBLE
    return ModeResult(status, amounts, cost_of(problem, terms, amounts), rate, bound, gap)
