"""Reach the target share at the least cost of switching; or say that it cannot be reached, and come nearest."""

from fractions import Fraction

import numpy as np

from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.problem import Status
from services.matching.engine.flow.problem import Ints
from services.matching.engine.modes.fixed import Chosen, cheapest_choice, furthest_choice, is_fixed
from services.matching.engine.modes.network import Open, all_open, cheapest, most_moved
from services.matching.engine.modes.problem import (
    MILLION,
    ModeProblem,
    ModeResult,
    ModeTerms,
    cost_of,
    keeps,
    missing,
    moved_by_group,
    needed,
    opening_costs,
    rate_of,
    unit_costs,
)

CLOSE = 1e-6
"""A cost so near to HiGHS's bound is that bound: HiGHS reckons in floats."""

FIRST = 0.7
"""The part of the time for the target; the rest for what can be reached instead."""


def least_change(problem: ModeProblem, terms: ModeTerms) -> ModeResult:
    """The plan of least cost that reaches the target, of all products or of each.

    Without minima and costs of opening it is a flow, and optimal; else HiGHS chooses what to open within the time
    limit, and the amounts are the flow over that. The bound is the better one of HiGHS's and of the flow in which
    opening costs its part per 元 and nothing has a minimum.
    """
    deadline = Deadline.after(terms.time_limit)
    asked = needed(problem, terms)
    relaxed = cheapest(problem, terms, _spread(problem, terms), all_open(problem), asked)
    if relaxed is None:
        return _nearest(problem, terms, asked, deadline)
    if not is_fixed(problem, terms):
        return _reached(problem, terms, relaxed, cost_of(problem, terms, relaxed))
    units = _spread(problem, terms).tolist()
    bound = Fraction(sum(amount * unit for amount, unit in zip(relaxed.tolist(), units, strict=True)), MILLION)
    chosen = cheapest_choice(problem, terms, asked, FIRST * deadline.left())
    if chosen.infeasible:
        return _nearest(problem, terms, asked, deadline)
    amounts = _amounts(problem, terms, chosen.opened, asked)
    if amounts is None:
        amounts = closing(problem, terms, asked)
    bound = max(bound, _cautious(chosen))
    if amounts is None:
        return _nearest(problem, terms, asked, deadline, proven=False)
    cost = cost_of(problem, terms, amounts)
    proven = chosen.ended and float(cost) <= chosen.bound + CLOSE * max(1.0, abs(chosen.bound))
    return _reached(problem, terms, amounts, cost if proven else bound)


def closing(problem: ModeProblem, terms: ModeTerms, asked: Ints) -> Ints | None:
    """Amounts that reach `asked` by closing, again and again, what carries less than its minimum; None if none are."""
    opened = all_open(problem)
    while True:
        amounts = cheapest(problem, terms, _spread(problem, terms), opened, asked)
        if amounts is None or keeps(problem, amounts):
            return amounts
        through = np.zeros(len(problem.cap), dtype=np.int64)
        np.add.at(through, problem.gate, amounts)
        gates = opened.gates & ~((through > 0) & (through < problem.least))
        offers = opened.offers & ~((amounts > 0) & (amounts < problem.order))
        opened = Open(gates, offers, False)


def _amounts(problem: ModeProblem, terms: ModeTerms, opened: Open | None, asked: Ints) -> Ints | None:
    if opened is None:
        return None
    amounts = cheapest(problem, terms, unit_costs(problem, terms), opened, asked)
    return amounts if amounts is not None and keeps(problem, amounts) else None


def _nearest(
    problem: ModeProblem, terms: ModeTerms, asked: Ints, deadline: Deadline, *, proven: bool = True
) -> ModeResult:
    """The most toward the target; `proven` tells that the target itself is out of reach."""
    everything = most_moved(problem, terms, all_open(problem))
    relaxed = most_moved(problem, terms, all_open(problem), asked)
    assert everything is not None and relaxed is not None
    amounts, ended = _cheaper(problem, terms, relaxed, all_open(problem)), True
    if not keeps(problem, amounts):
        chosen = furthest_choice(problem, terms, None, deadline.left())
        found = None if chosen.opened is None else most_moved(problem, terms, chosen.opened, asked)
        ended = chosen.ended
        amounts = np.zeros_like(relaxed)
        if chosen.opened is not None and found is not None:
            found = _cheaper(problem, terms, found, chosen.opened)
            amounts = found if keeps(problem, found) else amounts
    moved = int(amounts.sum()) if ended and not terms.per_product else int(everything.sum())
    bound = rate_of(problem, moved)
    if not terms.per_product and not ended and proven:
        bound = min(bound, terms.target)
    rate = rate_of(problem, int(amounts.sum()))
    short = missing(problem, terms, amounts)
    status = Status.UNREACHABLE if proven else Status.UNKNOWN
    if not any(short):
        status = Status.FEASIBLE  # the solver's tolerance had hidden it; nothing is proven of its cost
        return ModeResult(status, amounts, cost_of(problem, terms, amounts), rate, None, None, short)
    gap = (bound - rate) / bound if bound > 0 else Fraction(0)
    return ModeResult(status, amounts, cost_of(problem, terms, amounts), rate, bound, max(gap, Fraction(0)), short)


def _cheaper(problem: ModeProblem, terms: ModeTerms, amounts: Ints, opened: Open) -> Ints:
    """The cheapest amounts that move as much per group."""
    found = cheapest(problem, terms, _spread(problem, terms), opened, moved_by_group(problem, terms, amounts))
    return amounts if found is None else found


def _reached(problem: ModeProblem, terms: ModeTerms, amounts: Ints, bound: Fraction) -> ModeResult:
    cost = cost_of(problem, terms, amounts)
    below = min(bound, cost)
    gap = (cost - below) / abs(cost) if cost else Fraction(0)
    status = Status.OPTIMAL if below == cost else Status.FEASIBLE
    rate = rate_of(problem, int(amounts.sum()))
    return ModeResult(status, amounts, cost, rate, below, gap, missing(problem, terms, amounts))


def _spread(problem: ModeProblem, terms: ModeTerms) -> Ints:
    """Unit costs with each opening spread over the most that can go through the gate: never more than it will cost."""
    opening = opening_costs(problem, terms) * MILLION // np.maximum(1, problem.cap)
    return np.ascontiguousarray(unit_costs(problem, terms) + opening[problem.gate])


def _cautious(chosen: Chosen) -> Fraction:
    if not np.isfinite(chosen.bound):
        return Fraction(-(10**30))
    return Fraction(chosen.bound - 1e-6 * max(1.0, abs(chosen.bound)))
