"""A vertex from a flow: a basis that carries nearly the same, so that a good flow becomes a good start.

A basis may carry something between the bounds on arcs of its tree only. So these arcs are joined to trees one by one.
One that closes a cycle is no part of a tree: flow is sent around the cycle, in the direction that does not cost more,
until an arc of it is empty or full, and that arc stays out. Then each tree hangs from the root by its own arc home.
O(arcs), and for each arc between its bounds the way to the root; a smaller tree is turned over to hang from a larger.

This is the "push" step of a crossover (Bixby, Saltzman, "Recovering an optimal LP basis from an interior point
solution", *OR Letters* 15, 1994) for networks.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, Ints
from shared.compiled import compiled


class Flows(NamedTuple):
    """The network and what its arcs carry, which changes."""

    tail: Ints
    head: Ints
    lower: Ints
    capacity: Ints
    cost: Ints
    flow: Ints


class _Forest(NamedTuple):
    """Trees: each node's parent and the arc to it (-1: none); sets of nodes that hang together, and their sizes."""

    parent: NDArray[np.int32]
    arc: NDArray[np.int32]
    within: NDArray[np.int32]
    size: Ints


@compiled
def vertex(flows: Flows, home: Ints, root: int) -> Ints:
    """Each node's parent arc in a basis with nearly this flow (at least as good a one, which `flows` then holds).

    `home[v]` is an arc from node v toward the root (-1: none), by which a tree hangs that nothing else joins to it. A
    node that is not joined then has none.
    """
    nodes = len(home)
    none, alone = np.full(nodes, -1, np.int32), np.ones(nodes, np.int64)
    forest = _Forest(none, none.copy(), np.arange(nodes).astype(np.int32), alone)
    alone[root] = UNLIMITED
    seen, stamp = np.zeros(nodes, np.int32), 0
    for arc in range(len(flows.tail)):
        between = flows.lower[arc] < flows.flow[arc] < flows.capacity[arc] and flows.tail[arc] != flows.head[arc]
        if between and not _join(flows, forest, arc):
            stamp += 1
            _cancel(flows, forest, arc, seen, stamp)
    for full in (False, True):
        for node in range(nodes):
            arc = home[node]
            if arc >= 0 and (full or flows.flow[arc] < flows.capacity[arc]) and _top(forest, node) != root:
                _join(flows, forest, arc)
    return forest.arc.astype(np.int64)


@compiled
def _top(forest: _Forest, node: int) -> int:
    """The node that stands for all that hang together with this one."""
    within = forest.within
    while within[node] != node:
        within[node] = within[within[node]]
        node = within[node]
    return int(node)


@compiled
def _join(flows: Flows, forest: _Forest, arc: int) -> bool:
    """Join two trees by an arc between them; False where it is within one."""
    lower, upper = flows.tail[arc], flows.head[arc]
    below, above = _top(forest, lower), _top(forest, upper)
    if below == above:
        return False
    if forest.size[below] > forest.size[above]:
        lower, upper, below, above = upper, lower, above, below
    forest.within[below] = above
    forest.size[above] = min(forest.size[above] + forest.size[below], UNLIMITED)
    _turn(forest, lower, -1, upper, arc)
    return True


@compiled
def _turn(forest: _Forest, node: int, last: int, parent: int, arc: int) -> None:
    """Hang `node` from a new parent, and all on its way up, to `last` (-1: to the top), from the one before."""
    while node >= 0:
        above, before = forest.parent[node], forest.arc[node]
        forest.parent[node], forest.arc[node] = parent, arc
        if node == last:
            return
        parent, arc, node = node, before, above


@compiled
def _cancel(flows: Flows, forest: _Forest, arc: int, seen: NDArray[np.int32], stamp: int) -> None:
    """Send flow around the cycle that an arc closes until an arc of it is at a bound; that one is left out."""
    tail, head = flows.tail[arc], flows.head[arc]
    meet = _meeting(forest, tail, head, seen, stamp)
    cost, forth, back = _way(flows, forest, head, meet)
    cost_down, down_back, down_forth = _way(flows, forest, tail, meet)
    forth = min(forth, down_forth, flows.capacity[arc] - flows.flow[arc])
    back = min(back, down_back, flows.flow[arc] - flows.lower[arc])
    amount = forth if cost + flows.cost[arc] - cost_down < 0 else -back
    flows.flow[arc] += amount
    stuck_head = _send(flows, forest, head, meet, amount)
    stuck_tail = _send(flows, forest, tail, meet, -amount)
    if flows.lower[arc] < flows.flow[arc] < flows.capacity[arc]:
        if stuck_head >= 0:
            _turn(forest, head, stuck_head, tail, arc)
        else:
            _turn(forest, tail, stuck_tail, head, arc)


@compiled
def _meeting(forest: _Forest, one: int, other: int, seen: NDArray[np.int32], stamp: int) -> int:
    """The lowest node above both."""
    while one >= 0:
        seen[one] = stamp
        one = forest.parent[one]
    while seen[other] != stamp:
        other = forest.parent[other]
    return int(other)


@compiled
def _way(flows: Flows, forest: _Forest, node: int, top: int) -> tuple[int, int, int]:
    """What a unit costs on its way up from a node, how much more can be sent up, and how much down."""
    cost, up, down = 0, UNLIMITED, UNLIMITED
    while node != top:
        arc = forest.arc[node]
        more, less = flows.capacity[arc] - flows.flow[arc], flows.flow[arc] - flows.lower[arc]
        if flows.tail[arc] == node:
            cost, up, down = cost + flows.cost[arc], min(up, more), min(down, less)
        else:
            cost, up, down = cost - flows.cost[arc], min(up, less), min(down, more)
        node = forest.parent[node]
    return cost, up, down


@compiled
def _send(flows: Flows, forest: _Forest, node: int, top: int, amount: int) -> int:
    """Send an amount up from a node (negative: down to it); the first one whose arc is then at a bound, or -1."""
    stuck = -1
    while node != top:
        arc = forest.arc[node]
        flows.flow[arc] += amount if flows.tail[arc] == node else -amount
        if stuck < 0 and not flows.lower[arc] < flows.flow[arc] < flows.capacity[arc]:
            stuck = node
        node = forest.parent[node]
    return int(stuck)
