"""The spanning tree that the network simplex works on: its arrays, how a start basis becomes one, and back.

The tree hangs from an artificial root, which is node n of n + 1. A node without a better parent hangs from it by an
artificial arc, whose cost `penalty` is more than any path of real arcs. Every tree here is *strongly feasible*: from
each node some flow more can be sent up to the root (Cunningham 1976), which keeps degenerate pivots from cycling.

One row of eight numbers per node, a cache line: a pivot touches little else.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, Ints
from shared.compiled import compiled

PARENT, ARC, CHILD, NEXT, PREVIOUS, DEPTH, UP, DOWN = range(8)
"""The columns of a node: its parent, the arc to it (arcs + node: artificial), its first child, its siblings, its depth,
and how much more can be sent over that arc up to the parent and down from it."""

Nodes32 = NDArray[np.uint32]
States = NDArray[np.int8]


class Arcs(NamedTuple):
    """The arcs in the order of pricing. `width[a]` is capacity less lower bound: flows are counted from there."""

    tail: Nodes32
    head: Nodes32
    cost: Ints
    width: Ints


class Tree(NamedTuple):
    """A basis. `state[a]`: 1 where arc a carries nothing, -1 where it is full, 0 in the tree (or never of use).

    `node` has shape (nodes + 1, 8). `potential[v]` makes the reduced cost of every tree arc zero:
    cost + potential[tail] - potential[head].
    """

    node: Ints
    potential: Ints
    state: States


@compiled
def hang(node: Ints, child: int, parent: int) -> None:
    """Make `child`, which hangs nowhere, the first child of `parent`."""
    sibling = node[parent, CHILD]
    node[child, PARENT] = parent
    node[child, NEXT] = sibling
    node[child, PREVIOUS] = -1
    if sibling >= 0:
        node[sibling, PREVIOUS] = child
    node[parent, CHILD] = child


@compiled
def unhang(node: Ints, child: int) -> None:
    """Take `child` out of its parent's list of children."""
    before, after = node[child, PREVIOUS], node[child, NEXT]
    if before >= 0:
        node[before, NEXT] = after
    else:
        node[node[child, PARENT], CHILD] = after
    if after >= 0:
        node[after, PREVIOUS] = before


@compiled
def hang_from_root(arcs: Arcs, tree: Tree, child: int, excess: int, penalty: int) -> None:
    """Hang `child` from the root by its artificial arc, which takes its excess, or gives what it lacks."""
    node, root = tree.node, len(tree.node) - 1
    hang(node, child, root)
    node[child, ARC] = len(arcs.tail) + child
    node[child, DEPTH] = 1
    if excess >= 0:
        node[child, UP], node[child, DOWN] = UNLIMITED, excess
        tree.potential[child] = -penalty
    else:
        node[child, UP], node[child, DOWN] = -excess, UNLIMITED
        tree.potential[child] = penalty


@compiled
def artificial_tree(arcs: Arcs, excess: Ints, penalty: int) -> Tree:
    """The start without a basis: every real arc carries nothing, every node hangs from the root."""
    nodes = len(excess)
    tree = Tree(np.full((nodes + 1, 8), -1), np.zeros(nodes + 1, np.int64), np.empty(len(arcs.tail), np.int8))
    tree.node[nodes, DEPTH] = 0
    for arc in range(len(arcs.tail)):
        tree.state[arc] = arcs.width[arc] > 0
    for child in range(nodes):
        hang_from_root(arcs, tree, child, excess[child], penalty)
    return tree


@compiled
def tree_of(arcs: Arcs, excess: Ints, penalty: int, parent_arc: Ints, flow: Ints) -> tuple[Tree, bool]:
    """The tree of a start basis, and whether it is one.

    What is not in the tree goes to the nearer of its bounds; the tree's flows follow from that, leaves first. Where an
    arc cannot carry its share, or has no room left toward the root, its subtree hangs from the root by an artificial
    arc instead: so any spanning tree will do, after whatever change of capacities, costs and supplies. (A basis whose
    full arcs add up to more than 64 bits hold starts with empty ones.)
    """
    nodes, count = len(excess), len(arcs.tail)
    tree = Tree(np.full((nodes + 1, 8), -1), np.zeros(nodes + 1, np.int64), np.empty(count, np.int8))
    tree.node[nodes, DEPTH] = 0
    over = np.zeros(nodes + 1, np.int64)
    over[:nodes] = excess
    order = _top_down(arcs, tree, parent_arc)
    if len(order) < nodes:
        return tree, False
    filled = 0.0
    for arc in range(count):
        tree.state[arc] = 0 if arcs.width[arc] == 0 else (-1 if flow[arc] > arcs.width[arc] // 2 else 1)
        filled += float(arcs.width[arc]) if tree.state[arc] < 0 else 0.0
    if filled > UNLIMITED / 4:
        tree.state[:] = np.abs(tree.state)
    for child in range(nodes):
        if parent_arc[child] >= 0:
            tree.state[parent_arc[child]] = 0
    for arc in range(count):
        if tree.state[arc] < 0:
            over[arcs.tail[arc]] -= arcs.width[arc]
            over[arcs.head[arc]] += arcs.width[arc]
    for position in range(nodes - 1, -1, -1):
        _settle(arcs, tree, order[position], over, penalty)
    _set_potentials(arcs, tree, order)
    return tree, True


@compiled
def _top_down(arcs: Arcs, tree: Tree, parent_arc: Ints) -> Ints:
    """Hang every node from its parent; the nodes that the root then reaches, parents before children."""
    node, nodes, count = tree.node, len(parent_arc), len(arcs.tail)
    order = np.empty(nodes, np.int64)
    for child in range(nodes):
        arc = parent_arc[child]
        parent = nodes
        if arc >= count or arc < -1:
            return order[:0]
        if arc >= 0:
            tail, head = int(arcs.tail[arc]), int(arcs.head[arc])
            if tail == head or (tail != child and head != child):
                return order[:0]
            parent = head if tail == child else tail
        node[child, ARC] = arc if arc >= 0 else count + child
        hang(node, child, parent)
    filled, looked = 0, -1
    parent = nodes
    while looked < filled:
        child = node[parent, CHILD]
        while child >= 0:
            order[filled] = child
            filled += 1
            child = node[child, NEXT]
        looked += 1
        if looked == filled:
            break
        parent = int(order[looked])
    return order[:filled]


@compiled
def _settle(arcs: Arcs, tree: Tree, child: int, over: Ints, penalty: int) -> None:
    """Send what `child` and all below it have over through its arc, or through an artificial one."""
    node, arc = tree.node, tree.node[child, ARC]
    rising = True
    if arc < len(arcs.tail):
        width, rising = arcs.width[arc], arcs.tail[arc] == child
        carried = min(max(over[child] if rising else -over[child], 0), width)
        sent = carried if rising else -carried
        over[child] -= sent
        over[node[child, PARENT]] += sent
        node[child, UP] = width - carried if rising else carried
        node[child, DOWN] = carried if rising else width - carried
        if over[child] == 0 and node[child, UP] > 0:
            return
        tree.state[arc] = 0 if width == 0 else (1 if carried == 0 else -1)
    unhang(node, child)
    hang_from_root(arcs, tree, child, over[child], penalty)


@compiled
def _set_potentials(arcs: Arcs, tree: Tree, order: Ints) -> None:
    """Potentials and depths, parents before children; a node on an artificial arc has them already.

    A subtree that now hangs from the root keeps its place in the order: its own nodes still come after it.
    """
    node = tree.node
    for child in order:
        parent, arc = node[child, PARENT], node[child, ARC]
        if arc >= len(arcs.cost):
            continue
        node[child, DEPTH] = node[parent, DEPTH] + 1
        cost = arcs.cost[arc]
        tree.potential[child] = tree.potential[parent] + (-cost if arcs.tail[arc] == child else cost)


@compiled
def carried(arcs: Arcs, tree: Tree) -> Ints:
    """What every arc carries beyond its lower bound."""
    flow = np.empty(len(arcs.tail), np.int64)
    for arc in range(len(flow)):
        flow[arc] = arcs.width[arc] if tree.state[arc] < 0 else 0
    for child in range(len(tree.node) - 1):
        arc = tree.node[child, ARC]
        if arc < len(flow):
            flow[arc] = tree.node[child, DOWN] if arcs.tail[arc] == child else tree.node[child, UP]
    return flow


@compiled
def unbalanced(arcs: Arcs, tree: Tree) -> Ints:
    """What each node still sends (or, negative, gets) over an artificial arc."""
    rest = np.zeros(len(tree.node) - 1, np.int64)
    for child in range(len(rest)):
        if tree.node[child, ARC] >= len(arcs.tail):
            up, down = tree.node[child, UP], tree.node[child, DOWN]
            rest[child] = _artificial_flow(up, down)
    return rest


@compiled
def _artificial_flow(up: int, down: int) -> int:
    """What an artificial arc carries upward: it is the one side of its two rooms that is not unlimited."""
    return down if up >= down else -up
