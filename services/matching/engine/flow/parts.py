"""A flow problem in parts that share no arc but at a hub: each is solved for itself, wherever an executor likes to.

The unit of work, `solve_flow`, is a pure function of arrays: threads (it runs without the interpreter lock), processes
and other machines' executors give the same.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from services.matching.engine.flow.blame import parts_of
from services.matching.engine.flow.door import checked
from services.matching.engine.flow.overflow import total_cost
from services.matching.engine.flow.problem import Basis, FlowProblem, FlowSolution, Ints, Status
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.flow.start import greedy_start


@dataclass(frozen=True)
class Part:
    """A part as a problem of its own; `nodes` and `arcs` are its positions in the whole, `hub` is its copy's, or -1."""

    problem: FlowProblem
    nodes: Ints
    arcs: Ints
    hub: int


def components(problem: FlowProblem, hub: int | None = None) -> Ints:
    """The part of each node: what hangs together, not counting arcs at the hub, whose own part is -1."""
    inner = np.ones(len(problem.tail), bool) if hub is None else (problem.tail != hub) & (problem.head != hub)
    part = np.unique(parts_of(problem.tail[inner], problem.head[inner], len(problem.supply)), return_inverse=True)[1]
    part = part.astype(np.int64)
    if hub is not None:
        part[hub] = -1
    return part


def solve_by_parts(
    problem: FlowProblem, part: Ints, executor: Executor, *, hub: int | None = None, greedy: bool = False
) -> FlowSolution:
    """Solve each part for itself and put the flows together; `part[v]` names the part of node v (the hub's is ignored).

    Parts may be the components, or several of them at once (a block). What a part has over or lacks passes its own copy
    of the hub, so the whole is optimal iff each part is. Potentials are counted from the hub. `greedy`: with greedy
    starts. Raises ValueError if an arc joins two parts.
    """
    problem = checked(problem)
    parts = list(split(problem, part, hub))
    solved = list(executor.map(solve_part, parts, [greedy] * len(parts)))
    return _together(problem, parts, solved, hub)


def solve_part(part: Part, greedy: bool = False) -> FlowSolution:
    """Solve one part."""
    start = greedy_start(part.problem, part.hub) if greedy and part.hub >= 0 else None
    return solve_flow(part.problem, start=start)


def split(problem: FlowProblem, part: Ints, hub: int | None = None) -> Iterator[Part]:
    """The parts, in the order of their names; loops at the hub are a part of their own."""
    at_tail, at_head = part[problem.tail], part[problem.head]
    if hub is not None:
        at_tail = np.where(problem.tail == hub, at_head, at_tail)
        at_head = np.where(problem.head == hub, at_tail, at_head)
    if (at_tail != at_head).any():
        raise ValueError("an arc joins two parts")
    inner = np.arange(len(part)) != (-1 if hub is None else hub)
    names = np.unique(np.concatenate([part[inner], at_tail]))
    nodes_of, arcs_of = _grouped(part, names), _grouped(at_tail, names)
    for nodes, arcs in zip(nodes_of, arcs_of, strict=True):
        yield _part(problem, nodes if hub is None else nodes[nodes != hub], arcs, hub)


def _grouped(name: Ints, names: Ints) -> list[Ints]:
    order = np.argsort(name, kind="stable")
    bounds = np.searchsorted(name[order], names, side="left"), np.searchsorted(name[order], names, side="right")
    return [order[first:stop] for first, stop in zip(*bounds, strict=True)]


def _part(problem: FlowProblem, nodes: Ints, arcs: Ints, hub: int | None) -> Part:
    """Number the nodes of a part anew; the copy of the hub comes last and takes what is over or lacking."""
    supply = problem.supply[nodes]
    known = nodes if hub is None else np.append(nodes, hub)
    order = np.argsort(known)
    tail, head = (order[np.searchsorted(known, ends[arcs], sorter=order)] for ends in (problem.tail, problem.head))
    if hub is not None:
        supply = np.append(supply, -supply.sum())
    own = FlowProblem(tail, head, problem.lower[arcs], problem.capacity[arcs], problem.cost[arcs], supply)
    return Part(own, nodes, arcs, -1 if hub is None else len(nodes))


def _together(problem: FlowProblem, parts: list[Part], solved: list[FlowSolution], hub: int | None) -> FlowSolution:
    pivots, none = sum(found.pivots for found in solved), np.zeros(0, np.int64)
    if hub is not None and problem.supply.sum() != 0:
        return FlowSolution(Status.INFEASIBLE, none, 0, none, pivots, None, np.array([hub]))
    for wanted in (Status.INFEASIBLE, Status.UNBOUNDED):
        for part, found in zip(parts, solved, strict=True):
            if found.status is wanted:
                known = part.nodes if hub is None else np.append(part.nodes, hub)
                return FlowSolution(wanted, none, 0, none, pivots, None, known[found.culprits])
    flow, potential = np.zeros(len(problem.tail), np.int64), np.zeros(len(problem.supply), np.int64)
    parent_arc = np.full(len(problem.supply), -1)
    for part, found in zip(parts, solved, strict=True):
        flow[part.arcs] = found.flow
        potential[part.nodes] = found.potential[: len(part.nodes)] - (0 if hub is None else found.potential[part.hub])
        if found.basis is not None:
            parent_arc[part.nodes] = _named(part, found.basis)
    basis = Basis(parent_arc, flow)
    return FlowSolution(Status.OPTIMAL, flow, total_cost(problem.cost, flow), potential, pivots, basis, none)


def _named(part: Part, basis: Basis) -> Ints:
    """The parent arcs of a part's nodes by their names in the whole, where the hub is on top of each part.

    Where the part's tree has its hub below other nodes, these hang from it as long as the whole's basis is concerned.
    """
    own = basis.parent_arc.copy()
    if part.hub >= 0:
        node, arc, own[part.hub] = part.hub, int(basis.parent_arc[part.hub]), -1
        while arc >= 0:
            node = int(part.problem.tail[arc] + part.problem.head[arc]) - node
            arc, own[node] = int(basis.parent_arc[node]), arc
    own = own[: len(part.nodes)]
    return np.where(own < 0, -1, part.arcs[own] if len(part.arcs) else -1)
