"""Why a flow problem has no solution, as the nodes that cannot be balanced."""

import numpy as np

from services.matching.engine.flow.problem import FlowProblem, Ints
from services.matching.engine.flow.tree import Arcs, Tree, carried, unbalanced
from shared.compiled import compiled


def unbalanced_nodes(problem: FlowProblem) -> Ints:
    """The nodes of all connected parts whose supplies do not add up to nothing."""
    part = parts_of(problem.tail, problem.head, len(problem.supply))
    total = np.zeros(len(part), np.int64)
    np.add.at(total, part, problem.supply)
    return np.flatnonzero(total[part])


def stuck_nodes(arcs: Arcs, tree: Tree) -> Ints:
    """The nodes that an optimal tree's undeliverable supplies can still reach over arcs with room.

    All arcs out of this set are full and all into it are empty, and yet it has supplies over: a cut that proves that no
    flow exists (Gale 1957).
    """
    return np.flatnonzero(_reached(arcs, carried(arcs, tree), unbalanced(arcs, tree)))


@compiled
def parts_of(tail: Ints, head: Ints, nodes: int) -> Ints:
    """The connected part of each node, named by one of its nodes (union-find, path halving): nearly O(nodes + arcs)."""
    above = np.arange(nodes)
    for arc in range(len(tail)):
        one, other = _top(above, tail[arc]), _top(above, head[arc])
        if one != other:
            above[max(one, other)] = min(one, other)
    for node in range(nodes):
        above[node] = _top(above, node)
    return above


@compiled
def _top(above: Ints, node: int) -> int:
    while above[node] != node:
        above[node] = above[above[node]]
        node = above[node]
    return node


@compiled
def _reached(arcs: Arcs, flow: Ints, rest: Ints) -> Ints:
    """1 for each node that those with something over reach in the residual network; sweeps until nothing is added."""
    reached = (rest > 0).astype(np.int64)
    grows = True
    while grows:
        grows = False
        for arc in range(len(flow)):
            tail, head = arcs.tail[arc], arcs.head[arc]
            if reached[tail] and not reached[head] and flow[arc] < arcs.width[arc]:
                reached[head], grows = 1, True
            elif reached[head] and not reached[tail] and flow[arc] > 0:
                reached[tail], grows = 1, True
    return reached
