"""Mode single_source: what may move of a line goes whole to one supplier, or stays; the most 元, by component.

A generalised assignment problem: capabilities are its suppliers, and each line may stay where it is for nothing.
"""

from fractions import Fraction

import numpy as np

from services.matching.engine.assignment.core import Core, Side, Whole
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.parts import by_component
from services.matching.engine.assignment.problem import Status
from services.matching.engine.assignment.single import single_lines
from services.matching.engine.flow.problem import UNLIMITED, Ints
from services.matching.engine.modes.problem import ModeProblem, ModeResult, ModeTerms, cost_of, rate_of


def single_source(problem: ModeProblem, terms: ModeTerms) -> ModeResult:
    """The plan of whole lines that moves most 元; the dual-source cap does not apply, minima and `most` do."""
    offers = np.flatnonzero(_fits(problem))
    core, pairs = _core(problem, offers)
    found = by_component(single_lines)(core, Deadline.after(terms.time_limit), None)
    amounts = np.zeros(len(problem.line), dtype=np.int64)
    for pair, _ in found.shares or ():
        offer = int(pairs[pair])
        if offer >= 0:
            amounts[offer] = problem.movable[problem.line[offer]]
    moved = int(amounts.sum())
    most = int(problem.movable.sum()) if found.bound is None else min(int(problem.movable.sum()), int(-found.bound))
    rate, bound = rate_of(problem, moved), rate_of(problem, most)
    gap = (bound - rate) / bound if bound > 0 else Fraction(0)
    status = Status.OPTIMAL if moved == most else Status.FEASIBLE
    return ModeResult(status, amounts, cost_of(problem, terms, amounts), rate, bound, gap)


def _fits(problem: ModeProblem) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The offers that can take what may move of their line, and for which it is enough."""
    whole = problem.movable[problem.line]
    return np.asarray(
        (whole > 0)
        & (whole <= problem.most)
        & (whole <= problem.capacity[problem.capability])
        & (whole <= problem.supplier_limit[problem.supplier[problem.capability]])
        & (whole >= problem.order)
        & (whole >= problem.least[problem.gate])
    )


def _core(problem: ModeProblem, offers: Ints) -> tuple[Core, Ints]:
    """Pairs are offers, and -1 for staying (at a supplier of its own that has room for all)."""
    lines, stay = len(problem.movable), len(problem.capacity)
    line = np.concatenate((problem.line[offers], np.arange(lines)))
    at = np.concatenate((problem.capability[offers], np.full(lines, stay)))
    pairs = np.concatenate((offers, np.full(lines, -1)))
    order = np.lexsort((pairs, at, line))
    line, at, pairs = line[order], at[order], pairs[order]
    # Two offers of one capability on a line are the same here; the first is kept, so that pairs are sorted and unique.
    first = np.ones(len(line), dtype=np.bool_)
    first[1:] = (line[1:] != line[:-1]) | (at[1:] != at[:-1])
    line, at, pairs = line[first], at[first], pairs[first]
    use = np.where(pairs >= 0, problem.movable[line], 0)
    counts = np.bincount(line, minlength=lines)
    capacity = [*_capacities(problem), None]
    core = Core(
        start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        line=line.astype(np.int64),
        supplier=at.astype(np.int64),
        weight=_whole(-use),
        use=_whole(use),
        capacity=tuple(capacity),
        sides=_supplier_sides(problem, at, use),
        scale=1,
    )
    return core, pairs.astype(np.int64)


def _capacities(problem: ModeProblem) -> list[int | None]:
    """Per capability; the only one of a supplier also keeps the supplier's limit."""
    alone = np.bincount(problem.supplier, minlength=len(problem.supplier_limit)) == 1
    own = np.where(
        alone[problem.supplier],
        np.minimum(problem.capacity, problem.supplier_limit[problem.supplier]),
        problem.capacity,
    )
    return [None if limit >= UNLIMITED else limit for limit in own.tolist()]


def _supplier_sides(problem: ModeProblem, at: Ints, use: Ints) -> tuple[Side, ...]:
    """The limits of suppliers with several capabilities."""
    count = np.bincount(problem.supplier, minlength=len(problem.supplier_limit))
    owner = np.append(problem.supplier, -1)[at]
    limits = enumerate(problem.supplier_limit.tolist())
    return tuple(
        Side(_whole(np.where(owner == who, use, 0)), limit)
        for who, limit in limits
        if count[who] > 1 and limit < int(use[owner == who].sum())
    )


def _whole(numbers: Ints) -> Whole:
    found = np.empty(len(numbers), dtype=object)
    found[:] = numbers.tolist()
    return found
