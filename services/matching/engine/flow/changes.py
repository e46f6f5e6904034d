"""Changes to an optimal spanning tree, one at a time: what no longer fits goes to artificial arcs, the tree stays.

After each change the tree is again a strongly feasible basis of the changed network, so that the primal simplex can go
on from there. Only potentials below a changed arc move; the nodes there are *touched*: only their arcs need pricing.
"""

from typing import NamedTuple

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED, Ints
from services.matching.engine.flow.rehang import rehang
from services.matching.engine.flow.simplex import pivot, reduced_gain
from services.matching.engine.flow.tree import ARC, DOWN, PARENT, SIZE, UP, Arcs, Tree
from shared.compiled import compiled


class Links(NamedTuple):
    """The arcs at each node as linked lists (-1 ends one), so that arcs can be added, and the queue of touched nodes.

    `queue` is a ring of nodes; `queued[v]` is 1 for those in it. `cut` lists nodes that may hang on artificial arcs,
    `is_cut[v]` is 1 for those in it. `ring` holds the queue's first position and length, 1 if all arcs need pricing
    and the length of `cut`.
    """

    first_out: Ints
    next_out: Ints
    first_in: Ints
    next_in: Ints
    degree: Ints
    queue: Ints
    queued: Ints
    cut: Ints
    is_cut: Ints
    ring: Ints


@compiled
def link(arcs: Arcs, links: Links, first: int, stop: int) -> None:
    """Enter the arcs first ≤ arc < stop into the lists of their ends."""
    for arc in range(first, stop):
        tail, head = arcs.tail[arc], arcs.head[arc]
        links.next_out[arc], links.first_out[tail] = links.first_out[tail], arc
        links.next_in[arc], links.first_in[head] = links.first_in[head], arc
        links.degree[tail] += 1
        links.degree[head] += 1


@compiled
def enter(arcs: Arcs, tree: Tree, links: Links, first: int, stop: int) -> None:
    """Take up arcs first ≤ arc < stop, which carry nothing yet, and queue their ends."""
    link(arcs, links, first, stop)
    for arc in range(first, stop):
        tree.state[arc] = 1 if arcs.width[arc] > 0 else 0
        touch_end(arcs, links, arc)


@compiled
def touch(links: Links, node: int) -> None:
    """Queue a node, unless it is in the queue."""
    if links.queued[node] == 0:
        links.queued[node] = 1
        size = len(links.queue)
        links.queue[(links.ring[0] + links.ring[1]) % size] = node
        links.ring[1] += 1


@compiled
def touch_end(arcs: Arcs, links: Links, arc: int) -> None:
    """Queue the end of an arc that has fewer arcs."""
    tail, head = int(arcs.tail[arc]), int(arcs.head[arc])
    touch(links, tail if links.degree[tail] <= links.degree[head] else head)


@compiled
def _move(tree: Tree, links: Links, top: int, change: int) -> None:
    """Add `change` to the potentials below and at `top`, and touch these nodes."""
    size, at = int(tree.node[top, SIZE]), top
    most = max(16, len(links.queue) // 8)
    for seen in range(size):
        tree.potential[at] += change
        if seen < most:
            touch(links, at)
        at = int(tree.after[at])
    if size > most:
        links.ring[2] = max(links.ring[2], 1)


@compiled
def send_up(arcs: Arcs, tree: Tree, links: Links, at: int, amount: int, penalty: int) -> None:
    """Send an amount (negative: fetch it) from a node to the root, over the tree as far as there is room.

    Where an arc has too little room, it carries what it can and leaves the tree; the subtree below hangs from the root
    by an artificial arc, which carries the rest.
    """
    node, room, root = tree.node, tree.room, len(tree.node) - 1
    while amount != 0 and at != root:
        parent = int(node[at, PARENT])
        if node[at, ARC] >= len(arcs.tail):
            _change_artificial(tree, links, at, amount, penalty)
            return
        if amount < room[at, UP] and -amount <= room[at, DOWN]:
            room[at, UP] -= amount
            room[at, DOWN] += amount
            at = parent
            continue
        fits, arc = room[at, UP] if amount > 0 else -room[at, DOWN], node[at, ARC]
        tree.state[arc] = -1 if (amount > 0) == (arcs.tail[arc] == at) else 1
        cut_off(arcs, tree, links, at, amount - fits, penalty)
        at, amount = parent, fits


@compiled
def cut_off(arcs: Arcs, tree: Tree, links: Links, child: int, excess: int, penalty: int) -> None:
    """Hang a subtree from the root instead of from its parent, with an artificial arc for what it has over or lacks."""
    root = len(tree.node) - 1
    rehang(tree, child, root, child, root, len(arcs.tail) + child, 0, 0)
    _set_artificial(tree, links, child, excess, penalty)


@compiled
def _change_artificial(tree: Tree, links: Links, child: int, amount: int, penalty: int) -> None:
    up, down = tree.room[child, UP], tree.room[child, DOWN]
    before = down if up >= down else -up
    after = before + amount
    if before >= 0 and after >= 0:
        tree.room[child, DOWN] = after
        note_cut(links, child)
    elif before < 0 and after < 0:
        tree.room[child, UP] = -after
    else:
        _set_artificial(tree, links, child, after, penalty)


@compiled
def _set_artificial(tree: Tree, links: Links, child: int, excess: int, penalty: int) -> None:
    tree.room[child, UP] = UNLIMITED if excess >= 0 else -excess
    tree.room[child, DOWN] = excess if excess >= 0 else UNLIMITED
    note_cut(links, child)
    _move(tree, links, child, (-penalty if excess >= 0 else penalty) - tree.potential[child])


@compiled
def note_cut(links: Links, child: int) -> None:
    """Remember that a node hangs from the root by its artificial arc."""
    if links.is_cut[child] == 0:
        links.is_cut[child] = 1
        links.cut[links.ring[3]] = child
        links.ring[3] += 1


@compiled
def short(arcs: Arcs, tree: Tree, links: Links) -> bool:
    """Whether an artificial arc carries anything; those no longer in the tree are forgotten."""
    found, kept = False, 0
    for at in range(links.ring[3]):
        child = links.cut[at]
        if tree.node[child, ARC] < len(arcs.tail):
            links.is_cut[child] = 0
            continue
        links.cut[kept] = child
        kept += 1
        found = found or min(tree.room[child, UP], tree.room[child, DOWN]) > 0
    links.ring[3] = kept
    return found


@compiled
def child_end(arcs: Arcs, tree: Tree, arc: int) -> int:
    """The lower end of a tree arc; -1 if the arc is not in the tree."""
    tail, head = int(arcs.tail[arc]), int(arcs.head[arc])
    if tree.node[tail, ARC] == arc:
        return tail
    return head if tree.node[head, ARC] == arc else -1


@compiled
def carried_on(arcs: Arcs, tree: Tree, wanted: Ints) -> Ints:
    """What these arcs carry beyond their lower bounds."""
    flow = np.zeros(len(wanted), np.int64)
    for at in range(len(wanted)):
        arc = wanted[at]
        child = child_end(arcs, tree, arc)
        if child >= 0:
            flow[at] = tree.room[child, DOWN] if arcs.tail[arc] == child else tree.room[child, UP]
        elif tree.state[arc] < 0:
            flow[at] = arcs.width[arc]
    return flow


@compiled
def change_cost(arcs: Arcs, tree: Tree, links: Links, arc: int, cost: int) -> None:
    """Give an arc another cost; if it is in the tree, the potentials below it move along."""
    change, child = cost - arcs.cost[arc], child_end(arcs, tree, arc)
    arcs.cost[arc] = cost
    if child < 0:
        touch_end(arcs, links, arc)
    elif change != 0:
        _move(tree, links, child, -change if arcs.tail[arc] == child else change)


@compiled
def change_width(arcs: Arcs, tree: Tree, links: Links, arc: int, width: int, penalty: int) -> None:
    """Give an arc another width. What it carried beyond that looks for another way, first over artificial arcs."""
    tail, head, before = int(arcs.tail[arc]), int(arcs.head[arc]), arcs.width[arc]
    child = child_end(arcs, tree, arc)
    arcs.width[arc] = width
    if child < 0:
        full = tree.state[arc] < 0
        tree.state[arc] = 0 if width == 0 else (-1 if full else 1)
        touch_end(arcs, links, arc)
        if full and tail != head:
            _send_two(arcs, tree, links, tail, head, width - before, penalty)
        return
    parent, rising = int(tree.node[child, PARENT]), tail == child
    flow = tree.room[child, DOWN] if rising else tree.room[child, UP]
    if flow < width or (flow == width and not rising):
        tree.room[child, UP if rising else DOWN] = width - flow
        return
    tree.state[arc] = 0 if width == 0 else -1
    over = flow - width if rising else width - flow
    cut_off(arcs, tree, links, child, over, penalty)
    send_up(arcs, tree, links, parent, -over, penalty)


@compiled
def _send_two(arcs: Arcs, tree: Tree, links: Links, tail: int, head: int, more: int, penalty: int) -> None:
    """An arc outside the tree carries so much more: its head has it over, its tail lacks it. Surpluses go first."""
    if more > 0:
        send_up(arcs, tree, links, head, more, penalty)
        send_up(arcs, tree, links, tail, -more, penalty)
    else:
        send_up(arcs, tree, links, tail, -more, penalty)
        send_up(arcs, tree, links, head, more, penalty)


@compiled
def reoptimise(arcs: Arcs, tree: Tree, links: Links) -> int:
    """Pivot on arcs at touched nodes until none is left; the number of pivots.

    An arc's reduced cost changes only with a potential at one of its ends: what is not touched stays optimal. Subtrees
    too large to touch are made up for by a look at all arcs, once the queue is empty.
    """
    pivots, ring = 0, links.ring
    while ring[1] > 0 or ring[2] > 0:
        if ring[1] == 0:
            ring[2] = 0
            _touch_all_that_gain(arcs, tree, links)
            continue
        node = links.queue[ring[0]]
        entering = _best_at(arcs, tree, links, node)
        if entering < 0:
            ring[0], ring[1] = (ring[0] + 1) % len(links.queue), ring[1] - 1
            links.queued[node] = 0
            continue
        pivot(arcs, tree, entering)
        pivots += 1
        child = child_end(arcs, tree, entering)
        if child >= 0:
            _move(tree, links, child, 0)
    return pivots


@compiled
def _touch_all_that_gain(arcs: Arcs, tree: Tree, links: Links) -> None:
    for arc in range(len(arcs.tail)):
        if tree.state[arc] != 0 and reduced_gain(arcs, tree, arc) < 0:
            touch_end(arcs, links, arc)


@compiled
def _best_at(arcs: Arcs, tree: Tree, links: Links, node: int) -> int:
    """The arc at a node of the most negative gain (-1: none)."""
    best, found = 0, -1
    arc = links.first_out[node]
    while arc >= 0:
        gain = reduced_gain(arcs, tree, arc)
        if gain < best:
            best, found = gain, arc
        arc = links.next_out[arc]
    arc = links.first_in[node]
    while arc >= 0:
        gain = reduced_gain(arcs, tree, arc)
        if gain < best:
            best, found = gain, arc
        arc = links.next_in[arc]
    return found


@compiled
def cut_nodes(arcs: Arcs, tree: Tree, links: Links) -> None:
    """Remember all nodes of a new tree that hang from the root by artificial arcs."""
    links.is_cut[:] = 0
    links.ring[3] = 0
    for child in range(len(tree.node) - 1):
        if tree.node[child, ARC] >= len(arcs.tail):
            note_cut(links, child)


@compiled
def empty_links(nodes: int, arcs: int) -> Links:
    """Links of no arcs; `nodes` counts the root's row."""
    return Links(
        np.full(nodes, -1),
        np.full(arcs, -1),
        np.full(nodes, -1),
        np.full(arcs, -1),
        np.zeros(nodes, np.int64),
        np.zeros(nodes + 1, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(4, np.int64),
    )
