"""The spanning tree that the network simplex works on: its arrays, how a start basis becomes one, and back.

The tree hangs from an artificial root, which is node n of n + 1. A node without a better parent hangs from it by an
artificial arc, whose cost `penalty` is more than any path of real arcs. Every tree here is *strongly feasible*: from
each node some flow more can be sent up to the root (Cunningham 1976), which keeps degenerate pivots from cycling.

The tree is kept as a list of its nodes in preorder, threaded through them (Barr, Glover, Klingman 1979): a subtree is
one stretch of that list, from its top to its last node. So the potentials of a subtree shift in one walk without a
branch, and sizes tell which of two nodes is higher. A pivot touches little else than the small rows of the nodes on its
cycle.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, Ints
from shared.compiled import compiled

PARENT, ARC, SIZE, LAST = range(4)
"""The columns of a node: its parent, the arc to it (arcs + node: artificial), how many nodes its subtree has, itself
included, and the last of them in the list."""
UP, DOWN = range(2)
"""The columns of `Tree.room`: how much more can be sent over a node's arc up to its parent, and down from it."""

Ints32 = NDArray[np.int32]
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

    `node` has shape (nodes + 1, 4), `room` (nodes + 1, 2). `after` and `before` are each node's neighbours in the list,
    which is a ring. `potential[v]` makes the reduced cost of every tree arc zero:
    cost + potential[tail] - potential[head].
    """

    node: Ints32
    room: Ints
    after: Ints32
    before: Ints32
    potential: Ints
    state: States


@compiled
def empty_tree(nodes: int, arcs: int) -> Tree:
    """The arrays of a tree of so many nodes and the root."""
    node, room = np.full((nodes + 1, 4), -1, np.int32), np.zeros((nodes + 1, 2), np.int64)
    after, before = np.zeros(nodes + 1, np.int32), np.zeros(nodes + 1, np.int32)
    return Tree(node, room, after, before, np.zeros(nodes + 1, np.int64), np.empty(arcs, np.int8))


@compiled
def thread(tree: Tree, order: Ints) -> None:
    """Make the list of nodes, sizes and last nodes from the parents; in `order` parents come before children."""
    node, root = tree.node, len(tree.node) - 1
    node[:, SIZE] = 1
    for at in range(len(order) - 1, -1, -1):
        node[node[order[at], PARENT], SIZE] += node[order[at], SIZE]
    free, place = np.ones(root + 1, np.int64), np.full(root + 1, root)
    for child in order:
        parent = node[child, PARENT]
        at = free[parent]
        place[at] = child
        free[parent] += node[child, SIZE]
        free[child] = at + 1
    for at in range(root + 1):
        follower = place[at + 1] if at < root else root
        tree.after[place[at]], tree.before[follower] = follower, place[at]
        node[place[at], LAST] = place[at + node[place[at], SIZE] - 1]


@compiled
def hang_from_root(arcs: Arcs, tree: Tree, child: int, excess: int, penalty: int) -> None:
    """Give `child` its artificial arc to the root, for its excess or for what it lacks; the list comes later."""
    tree.node[child, PARENT], tree.node[child, ARC] = len(tree.node) - 1, len(arcs.tail) + child
    tree.room[child, UP] = UNLIMITED if excess >= 0 else -excess
    tree.room[child, DOWN] = excess if excess >= 0 else UNLIMITED
    tree.potential[child] = -penalty if excess >= 0 else penalty


@compiled
def artificial_tree(arcs: Arcs, excess: Ints, penalty: int) -> Tree:
    """The start without a basis: every real arc carries nothing, every node hangs from the root."""
    nodes = len(excess)
    tree = empty_tree(nodes, len(arcs.tail))
    for arc in range(len(arcs.tail)):
        tree.state[arc] = arcs.width[arc] > 0
    for child in range(nodes):
        hang_from_root(arcs, tree, child, excess[child], penalty)
    thread(tree, np.arange(nodes))
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
    tree = empty_tree(nodes, count)
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
    thread(tree, order)
    return tree, True


@compiled
def _top_down(arcs: Arcs, tree: Tree, parent_arc: Ints) -> Ints:
    """Tell every node its parent; the nodes that the root then reaches, parents before children."""
    node, nodes, count = tree.node, len(parent_arc), len(arcs.tail)
    first, children, order = np.zeros(nodes + 3, np.int64), np.empty(nodes, np.int64), np.empty(nodes, np.int64)
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
        node[child, ARC], node[child, PARENT] = arc if arc >= 0 else count + child, parent
        first[parent + 2] += 1
    for parent in range(nodes + 1):
        first[parent + 2] += first[parent + 1]
    for child in range(nodes):
        parent = node[child, PARENT]
        children[first[parent + 1]] = child
        first[parent + 1] += 1
    filled, looked, parent = 0, -1, nodes
    while looked < filled:
        for at in range(first[parent], first[parent + 1]):
            order[filled] = children[at]
            filled += 1
        looked += 1
        if looked == filled:
            break
        parent = order[looked]
    return order[:filled]


@compiled
def _settle(arcs: Arcs, tree: Tree, child: int, over: Ints, penalty: int) -> None:
    """Send what `child` and all below it have over through its arc, or through an artificial one."""
    arc, rising = tree.node[child, ARC], True
    if arc < len(arcs.tail):
        width, rising = arcs.width[arc], arcs.tail[arc] == child
        carried = min(max(over[child] if rising else -over[child], 0), width)
        sent = carried if rising else -carried
        over[child] -= sent
        over[tree.node[child, PARENT]] += sent
        tree.room[child, UP] = width - carried if rising else carried
        tree.room[child, DOWN] = carried if rising else width - carried
        if over[child] == 0 and tree.room[child, UP] > 0:
            return
        tree.state[arc] = 0 if width == 0 else (1 if carried == 0 else -1)
    hang_from_root(arcs, tree, child, over[child], penalty)


@compiled
def _set_potentials(arcs: Arcs, tree: Tree, order: Ints) -> None:
    """Potentials, parents before children; a node on an artificial arc has its own already.

    A subtree that now hangs from the root keeps its place in the order: its own nodes still come after it.
    """
    for child in order:
        arc = tree.node[child, ARC]
        if arc < len(arcs.cost):
            cost = arcs.cost[arc]
            tree.potential[child] = tree.potential[tree.node[child, PARENT]] + (
                -cost if arcs.tail[arc] == child else cost
            )


@compiled
def carried(arcs: Arcs, tree: Tree) -> Ints:
    """What every arc carries beyond its lower bound."""
    flow = np.empty(len(arcs.tail), np.int64)
    for arc in range(len(flow)):
        flow[arc] = arcs.width[arc] if tree.state[arc] < 0 else 0
    for child in range(len(tree.node) - 1):
        arc = tree.node[child, ARC]
        if arc < len(flow):
            flow[arc] = tree.room[child, DOWN] if arcs.tail[arc] == child else tree.room[child, UP]
    return flow


@compiled
def unbalanced(arcs: Arcs, tree: Tree) -> Ints:
    """What each node still sends (or, negative, gets) over an artificial arc."""
    rest = np.zeros(len(tree.node) - 1, np.int64)
    for child in range(len(rest)):
        if tree.node[child, ARC] >= len(arcs.tail):
            up, down = tree.room[child, UP], tree.room[child, DOWN]
            rest[child] = _artificial_flow(up, down)
    return rest


@compiled
def _artificial_flow(up: int, down: int) -> int:
    """What an artificial arc carries upward: it is the one side of its two rooms that is not unlimited."""
    return down if up >= down else -up
