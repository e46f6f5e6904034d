"""A floor for newcomers: at least so much of what is moved goes to firms that are in no supplier system yet.

The arcs into the hub are split: those of newcomers meet in one node, those of known firms in another, whose arc to the
hub has the capacity K. An amount as floor is the lower bound of the newcomers' arc. A share f as floor means K ≤
(1 - f)·T, where T is all that is moved. T(K), the most that can be moved when known firms get K at most, is concave and
rises with K; so (1 - f)·T(K) - K is ≥ 0 up to some K̂ and < 0 beyond, and K̂ is found by a search in whole 元. No flow
with the share has known firms above K̂: the best flow under K̂ that has the share is the best of all that have it.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from services.matching.engine.flow.problem import Basis, FlowProblem, FlowSolution, Ints, Status
from services.matching.engine.flow.solver import solve_flow


@dataclass(frozen=True)
class NewcomerPlan:
    """The flow under the floor, or with `reached` False the one with most 元 for newcomers (amount as floor).

    `flow` is per arc of the problem given; `moved` = `newcomers` + `known` in 元. `forgone` 元 would be moved besides
    if there were no floor: over the spend that counts, that is what the floor costs in rate. `forced`: the most 元
    had to be asked for to keep the share, before the problem's own costs.
    """

    reached: bool
    flow: Ints
    moved: int
    newcomers: int
    known: int
    forgone: int
    forced: bool = False


@dataclass(frozen=True)
class _Split:
    """The problem with its arcs into the hub split; positions of the three arcs that were added."""

    problem: FlowProblem
    arcs: int
    newcomers: int
    known: int
    moved: int


def with_amount(problem: FlowProblem, newcomers: Ints, known: Ints, least: int) -> NewcomerPlan:
    """The flow of least cost in which newcomers' arcs carry at least `least` together.

    `newcomers` and `known` are arcs of the problem, all into one node, the hub. Where the floor is too high, the flow
    with most for newcomers, and least cost among those. Raises ValueError if the problem itself has no flow.
    """
    split = _split(problem, newcomers, known)
    free = _solved(split)
    if free is None:
        raise ValueError("the problem has no flow, whatever the floor")
    bounded = _bounded(split, split.newcomers, lower=least)
    found = _solved(bounded, free.basis)
    if found is not None:
        return _plan(split, found, free, reached=True)
    most = _solved(_counting(split, split.newcomers), free.basis)
    assert most is not None
    most_for_newcomers = int(most.flow[split.newcomers])
    found = _solved(_bounded(split, split.newcomers, lower=most_for_newcomers), free.basis)
    assert found is not None
    return _plan(split, found, free, reached=False)


def with_share(problem: FlowProblem, newcomers: Ints, known: Ints, share: Fraction) -> NewcomerPlan:
    """The flow of least cost in which newcomers' arcs carry at least `share` (0 to 1) of what both kinds carry.

    As `with_amount`; `reached` is False only where lower bounds of the problem give known firms more than the share
    leaves them. About 2·log₂(元) warm flows.
    """
    if not 0 <= share <= 1:
        raise ValueError("the share must be between 0 and 1")
    split = _split(problem, newcomers, known)
    free = _solved(split)
    if free is None:
        raise ValueError("the problem has no flow, whatever the floor")
    if _has_share(split, free, share):
        return _plan(split, free, free, reached=True)
    cap = _highest_cap(split, share)
    if cap is None:
        return replace(with_amount(problem, newcomers, known, _endless(problem)), reached=False)
    bounded = _bounded(split, split.known, capacity=cap)
    found = _solved(bounded, free.basis)
    assert found is not None
    if _has_share(split, found, share):
        return _plan(split, found, free, reached=True)
    most = _solved(_counting(bounded, split.moved), found.basis)
    assert most is not None
    found = _solved(_bounded(bounded, split.moved, lower=int(most.flow[split.moved])), most.basis)
    assert found is not None
    return replace(_plan(split, found, free, reached=True), forced=True)


def _highest_cap(split: _Split, share: Fraction) -> int | None:
    """K̂, the largest K ≤ (1 - share)·T(K); None where lower bounds allow no flow with the share.

    A failing K gives (1 - share)·T(K) < K as a new upper end, because T rises with K; bisection keeps it logarithmic.
    """
    low, high, halve, basis = -1, _endless(split.problem), False, None
    while low < high:
        probe = (low + high + 1) // 2 if halve else high
        found = _solved(_bounded(_counting(split, split.moved), split.known, capacity=probe), basis)
        basis = basis if found is None else found.basis
        room = probe if found is None else int((1 - share) * int(found.flow[split.moved]))
        if probe <= room:
            low = probe
        else:
            high = min(probe - 1, room)
        halve = not halve
    lowest = _solved(_bounded(split, split.known, capacity=low)) if low >= 0 else None
    return None if lowest is None else low


def _split(problem: FlowProblem, newcomers: Ints, known: Ints) -> _Split:
    hub = np.unique(problem.head[np.concatenate((newcomers, known))])
    if len(hub) > 1 or np.intersect1d(newcomers, known).size:
        raise ValueError("newcomers and known must be different arcs into one hub")
    nodes, arcs = len(problem.supply), len(problem.tail)
    head = problem.head.copy()
    head[newcomers], head[known] = nodes, nodes + 1
    target = int(hub[0]) if len(hub) else 0
    most = _endless(problem)
    return _Split(
        problem=FlowProblem(
            tail=_extended(problem.tail, [nodes, nodes + 1, nodes + 2]),
            head=_extended(head, [nodes + 2, nodes + 2, target]),
            lower=_extended(problem.lower, [0, 0, 0]),
            capacity=_extended(problem.capacity, [most, most, most]),
            cost=_extended(problem.cost, [0, 0, 0]),
            supply=_extended(problem.supply, [0, 0, 0]),
        ),
        arcs=arcs,
        newcomers=arcs,
        known=arcs + 1,
        moved=arcs + 2,
    )


def _endless(problem: FlowProblem) -> int:
    """More than all arcs into the hub can carry: what enters the network, and what lower bounds force round it."""
    return int(problem.supply[problem.supply > 0].sum() + problem.lower.sum())


def _extended(column: Ints, more: list[int]) -> Ints:
    return np.concatenate((column, np.array(more, dtype=np.int64)))


def _bounded(split: _Split, arc: int, *, lower: int | None = None, capacity: int | None = None) -> _Split:
    """The same with another lower bound or capacity of one arc."""
    problem = split.problem
    if lower is not None:
        problem = replace(problem, lower=_with(problem.lower, arc, lower))
    if capacity is not None:
        problem = replace(problem, capacity=_with(problem.capacity, arc, capacity))
    return replace(split, problem=problem)


def _counting(split: _Split, arc: int) -> _Split:
    """The same with nothing but the 元 on one arc as gain."""
    return replace(split, problem=replace(split.problem, cost=_with(np.zeros_like(split.problem.cost), arc, -1)))


def _with(column: Ints, position: int, value: int) -> Ints:
    changed = column.copy()
    changed[position] = value
    return changed


def _solved(split: _Split, start: Basis | None = None) -> FlowSolution | None:
    """The optimum; None where there is no flow."""
    if bool((split.problem.lower > split.problem.capacity).any()):
        return None
    found = solve_flow(split.problem, start=start)
    if found.status is Status.UNBOUNDED:
        raise ValueError("the problem is unbounded")
    return found if found.status is Status.OPTIMAL else None


def _has_share(split: _Split, found: FlowSolution, share: Fraction) -> bool:
    return bool(int(found.flow[split.newcomers]) >= share * int(found.flow[split.moved]))


def _plan(split: _Split, found: FlowSolution, free: FlowSolution, *, reached: bool) -> NewcomerPlan:
    moved = int(found.flow[split.moved])
    return NewcomerPlan(
        reached=reached,
        flow=found.flow[: split.arcs].copy(),
        moved=moved,
        newcomers=int(found.flow[split.newcomers]),
        known=int(found.flow[split.known]),
        forgone=int(free.flow[split.moved]) - moved,
    )
