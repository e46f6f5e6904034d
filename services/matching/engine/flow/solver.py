"""The door to the network simplex: a flow problem in, its proven optimum out, or why there is none."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from services.matching.engine.flow import overflow, tree
from services.matching.engine.flow.blame import stuck_nodes, unbalanced_nodes
from services.matching.engine.flow.door import checked, columns, contiguous
from services.matching.engine.flow.problem import (
    UNLIMITED,
    Basis,
    FlowCancelled,
    FlowProblem,
    FlowSolution,
    Ints,
    Status,
)
from services.matching.engine.flow.simplex import run
from services.matching.engine.flow.tree import Arcs, Tree
from shared.compiled import compiled

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]

_NONE: Ints = np.zeros(0, np.int64)
_ENDLESS = 2**62
_SLICE = 50_000_000
"""The arcs and nodes looked at between two reports: some tenths of a second."""


class _Prepared(NamedTuple):
    """The problem as the simplex takes it: arcs sorted by their tails (`order[position]`), lower bounds shifted.

    `first` is where the arcs of each tail that has any begin, and their number at the end.
    """

    arcs: Arcs
    excess: Ints
    order: Ints
    first: Ints
    penalty: int


def solve_flow(
    problem: FlowProblem,
    *,
    start: Basis | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> FlowSolution:
    """Find a flow of least cost, exact to the unit, by the primal network simplex.

    `start` is a basis of this network or of one that differs in costs, capacities and supplies only; a good one saves
    most of the work. `progress` gets the number of pivots, and `cancelled` is asked, a few times a second.

    The status says whether there is an optimum. INFEASIBLE goes before UNBOUNDED, and comes with `culprits`: nodes
    whose supplies together cannot leave over their arcs, or do not add up to nothing.

    Raises ValueError for malformed arrays and for a start that is no spanning tree, FlowOverflow before anything could
    pass 64 bits, FlowCancelled.
    """
    problem = checked(problem)
    seen = overflow.survey(*columns(problem))
    if not seen.ends_are_nodes:
        raise ValueError("tail and head must be nodes: 0 ≤ node < len(supply)")
    most = overflow.widest(seen)
    if seen.crossed >= 0:
        return _without_flow(Status.INFEASIBLE, np.unique([problem.tail[seen.crossed], problem.head[seen.crossed]]))
    if problem.supply.sum() != 0:
        return _without_flow(Status.INFEASIBLE, unbalanced_nodes(problem))
    penalty = overflow.penalty(seen, problem.tail, problem.head, problem.cost, len(problem.supply))
    if seen.unlimited_gain and _gains_without_limit(problem):
        rest = solve_flow(_without_costs(problem), progress=progress, cancelled=cancelled)
        return rest if rest.status is Status.INFEASIBLE else _without_flow(Status.UNBOUNDED, _NONE)
    prepared = _prepare(problem, most, penalty)
    basis = _started(prepared, problem, start)
    pivots = _run(prepared, basis, progress, cancelled)
    return _solution(problem, prepared, basis, pivots)


def _without_costs(problem: FlowProblem) -> FlowProblem:
    return FlowProblem(*columns(problem)[:4], np.zeros_like(problem.cost), problem.supply)


def _gains_without_limit(problem: FlowProblem) -> bool:
    """Whether a cycle of arcs without limit has negative cost: a circulation of one unit on each would gain."""
    one = (problem.capacity >= UNLIMITED).astype(np.int64)
    nothing = np.zeros_like(problem.supply)
    cycles = FlowProblem(problem.tail, problem.head, np.zeros_like(one), one, problem.cost, nothing)
    return solve_flow(cycles).cost < 0


def _prepare(problem: FlowProblem, most: int, penalty: int) -> _Prepared:
    arcs, excess, order, first = _laid_out(*columns(problem), most)
    return _Prepared(arcs, excess, order, first, penalty)


@compiled
def _laid_out(
    tail: Ints, head: Ints, lower: Ints, capacity: Ints, cost: Ints, supply: Ints, most: int
) -> tuple[Arcs, Ints, Ints, Ints]:
    """Arcs by tail (a counting sort), what each node has over once every arc carries its lower bound, and the order."""
    count, nodes = len(tail), len(supply)
    ends, starts = np.empty(count, np.uint32), np.empty(count, np.uint32)
    price, width, order = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    excess, place = supply.copy(), np.zeros(nodes + 1, np.int64)
    for arc in range(count):
        place[tail[arc] + 1] += 1
    for node in range(nodes):
        place[node + 1] += place[node]
    first, groups = np.full(nodes + 1, count), 0
    for node in range(nodes):
        if place[node + 1] > place[node]:
            first[groups], groups = place[node], groups + 1
    for arc in range(count):
        position = place[tail[arc]]
        place[tail[arc]] += 1
        order[position], starts[position], ends[position] = arc, tail[arc], head[arc]
        price[position] = cost[arc]
        width[position] = most if capacity[arc] >= UNLIMITED else min(capacity[arc] - lower[arc], most)
        excess[tail[arc]] -= lower[arc]
        excess[head[arc]] += lower[arc]
    return Arcs(starts, ends, price, width), excess, order, first[: groups + 1]


def _started(prepared: _Prepared, problem: FlowProblem, start: Basis | None) -> Tree:
    if start is None:
        return tree.artificial_tree(prepared.arcs, prepared.excess, prepared.penalty)
    if start.parent_arc.shape != problem.supply.shape or start.flow.shape != problem.tail.shape:
        raise ValueError("the start basis is one of another network: parent_arc per node and flow per arc are needed")
    parent_arc, flow = contiguous(start.parent_arc), contiguous(start.flow)
    if len(parent_arc) and (parent_arc.min() < -1 or parent_arc.max() >= len(flow)):
        raise ValueError("the start basis names arcs that do not exist")
    parent, beyond = _by_position(prepared.order, parent_arc, flow, problem.lower)
    basis, spans = tree.tree_of(prepared.arcs, prepared.excess, prepared.penalty, parent, beyond)
    if not spans:
        raise ValueError("the start basis is no spanning tree of this network")
    return basis


@compiled
def _by_position(order: Ints, parent_arc: Ints, flow: Ints, lower: Ints) -> tuple[Ints, Ints]:
    """A basis in the order of pricing, its flows counted from the lower bounds."""
    position_of, beyond = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    for position in range(len(order)):
        arc = order[position]
        position_of[arc] = position
        beyond[position] = flow[arc] - lower[arc]
    parent = np.full(len(parent_arc), -1)
    for node in range(len(parent)):
        if parent_arc[node] >= 0:
            parent[node] = position_of[parent_arc[node]]
    return parent, beyond


def _run(prepared: _Prepared, basis: Tree, progress: Progress | None, cancelled: Cancelled | None) -> int:
    """Pivot to the optimum, in slices if anyone wants to hear of it; the number of pivots."""
    work = _SLICE if progress or cancelled else _ENDLESS
    done, position, pivots = False, 0, 0
    while not done:
        if cancelled and cancelled():
            raise FlowCancelled(f"stopped after {pivots} pivots")
        done, position, more = run(prepared.arcs, basis, prepared.first, position, work)
        pivots += more
        if progress:
            progress(pivots)
    return pivots


def _solution(problem: FlowProblem, prepared: _Prepared, basis: Tree, pivots: int) -> FlowSolution:
    flow, parent_arc, short = _read_off(prepared.arcs, basis, prepared.order, problem.lower)
    if short:
        return _without_flow(Status.INFEASIBLE, stuck_nodes(prepared.arcs, basis), pivots)
    cost = overflow.total_cost(problem.cost, flow)
    potential = basis.potential[:-1]
    return FlowSolution(Status.OPTIMAL, flow, cost, potential, pivots, Basis(parent_arc, flow), _NONE)


@compiled
def _read_off(arcs: Arcs, basis: Tree, order: Ints, lower: Ints) -> tuple[Ints, Ints, bool]:
    """Flow per arc of the problem, the arc to each node's parent, and whether an artificial arc is still needed."""
    beyond, nodes, count = tree.carried(arcs, basis), len(basis.node) - 1, len(order)
    flow, parent_arc, short = np.empty(count, np.int64), np.full(nodes, -1), False
    for position in range(count):
        flow[order[position]] = lower[order[position]] + beyond[position]
    for node in range(nodes):
        arc = basis.node[node, tree.ARC]
        if arc < count:
            parent_arc[node] = order[arc]
        elif min(basis.room[node, tree.UP], basis.room[node, tree.DOWN]) > 0:
            short = True
    return flow, parent_arc, short


def _without_flow(status: Status, culprits: Ints, pivots: int = 0) -> FlowSolution:
    return FlowSolution(status, _NONE, 0, _NONE, pivots, None, culprits)
