"""Minimum-cost flow problems as published generators make them, drawn from a seed: 200,000 arcs each, all feasible.

`transport`: every source to every sink (transportation). `sparse`: each source to 100 of 2,000 sinks, with capacities.
`netgen`: random arcs over a skeleton of chains (after Klingman, Napier and Stutz, NETGEN, 1974). `grid`: a square grid
with arcs both ways, from the left edge to the right (after Lee and Orlin, GRIDGEN, 1991).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, FlowProblem

Ints = NDArray[np.int64]
Draw = np.random.Generator

_DEAREST = 10_000
_WIDEST = 1_000


def transport(draw: Draw, sources: int = 400, sinks: int = 500) -> FlowProblem:
    """A complete transportation problem without capacities."""
    tail = np.repeat(np.arange(sources), sinks)
    head = sources + np.tile(np.arange(sinks), sources)
    offered = draw.integers(1, _WIDEST, sources)
    wanted = draw.multinomial(offered.sum(), np.full(sinks, 1 / sinks))
    supply = np.concatenate([offered, -wanted])
    return _problem(tail, head, np.full(len(tail), UNLIMITED), draw.integers(1, _DEAREST, len(tail)), supply)


def sparse(draw: Draw, sources: int = 2_000, sinks: int = 2_000, degree: int = 100) -> FlowProblem:
    """A sparse transportation problem with capacities, around a flow that fits."""
    tail = np.repeat(np.arange(sources), degree)
    head = sources + np.concatenate([draw.choice(sinks, degree, replace=False) for _ in range(sources)])
    fitting = draw.integers(0, 20, len(tail)) * (draw.random(len(tail)) < 0.3)
    supply = np.zeros(sources + sinks, np.int64)
    np.add.at(supply, tail, fitting)
    np.subtract.at(supply, head, fitting)
    return _problem(
        tail, head, fitting + draw.integers(1, 50, len(tail)), draw.integers(1, _DEAREST, len(tail)), supply
    )


def netgen(draw: Draw, nodes: int = 10_000, arcs: int = 200_000, sources: int = 100) -> FlowProblem:
    """Random arcs, half of them with capacities, over one dear chain from each source to its sink."""
    order = draw.permutation(nodes)
    chains = np.array_split(order, sources)
    offered = draw.integers(1, 10 * _WIDEST, sources)
    supply = np.zeros(nodes, np.int64)
    for chain, units in zip(chains, offered, strict=True):
        supply[chain[0]], supply[chain[-1]] = units, -units
    skeleton = np.concatenate([np.stack([chain[:-1], chain[1:]]) for chain in chains], axis=1)
    need = np.concatenate([np.full(len(chain) - 1, units) for chain, units in zip(chains, offered, strict=True)])
    ends = draw.integers(0, nodes, (2, arcs - skeleton.shape[1]))
    width = np.where(draw.random(ends.shape[1]) < 0.5, draw.integers(1, _WIDEST, ends.shape[1]), UNLIMITED)
    cost = np.concatenate([np.full(len(need), _DEAREST), draw.integers(1, _DEAREST, ends.shape[1])])
    return _problem(*np.concatenate([skeleton, ends], axis=1), np.concatenate([need, width]), cost, supply)


def grid(draw: Draw, side: int = 224) -> FlowProblem:
    """Arcs to all four neighbours; each row has room for what enters at its left and leaves at its right."""
    node = np.arange(side * side).reshape(side, side)
    east, south = (node[:, :-1].ravel(), node[:, 1:].ravel()), (node[:-1].ravel(), node[1:].ravel())
    tail = np.concatenate([east[0], east[1], south[0], south[1]])
    head = np.concatenate([east[1], east[0], south[1], south[0]])
    units = draw.integers(1, _WIDEST, side)
    width = draw.integers(1, _WIDEST, len(tail))
    width[: len(east[0])] += np.repeat(units, side - 1)
    supply = np.zeros(side * side, np.int64)
    supply[node[:, 0]], supply[node[:, -1]] = units, -units
    return _problem(tail, head, width, draw.integers(1, _DEAREST, len(tail)), supply)


KINDS: dict[str, Callable[[Draw], FlowProblem]] = {
    "transport": transport,
    "sparse": sparse,
    "netgen": netgen,
    "grid": grid,
}


def dimacs_instance(kind: str, seed: int) -> FlowProblem:
    """An instance of this kind; the same seed gives the same."""
    return KINDS[kind](np.random.default_rng(seed))


def as_text(problem: FlowProblem) -> bytes:
    """The problem as a DIMACS file."""
    capacity = np.where(problem.capacity >= UNLIMITED, -1, problem.capacity)
    rows = np.stack([problem.tail + 1, problem.head + 1, problem.lower, capacity, problem.cost], axis=1)
    lines = [f"p min {len(problem.supply)} {len(problem.tail)}"]
    lines += [f"n {node + 1} {problem.supply[node]}" for node in np.flatnonzero(problem.supply)]
    lines += ["a {} {} {} {} {}".format(*row) for row in rows.tolist()]
    return ("\n".join(lines) + "\n").encode()


def _problem(tail: Ints, head: Ints, capacity: Ints, cost: Ints, supply: Ints) -> FlowProblem:
    columns = (tail, head, np.zeros(len(tail)), capacity, cost, supply)
    return FlowProblem(*(np.ascontiguousarray(column, np.int64) for column in columns))
