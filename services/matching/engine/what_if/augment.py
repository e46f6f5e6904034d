"""Augmenting paths from a kept optimum: what wider arcs bring, exactly, and without solving anything anew.

Money moves from lines over arcs to ends (a supplier's total, or a capability without one). `left[v]` 元 of node v may
still start, `spare[v]` may still arrive. The kept flow is a maximum: no path leads from what is left to what is spare.
Widen some arcs, and augment along paths until there is none again (Ford and Fulkerson): the flow is a maximum of the
wider network. Along such a path no line but its first gets more, and none gets less.

Only paths that touch what has changed need be looked for. A path that meets neither a widened arc nor an arc of an
earlier path consists of arcs as they were in the kept flow, which had no path. So one search back to what is left and
one forward to what is spare from each touched node (a *seed*) are complete, and mostly short. What a search without
success has visited is dead until the next path is found; it is not visited again.

L. R. Ford, D. R. Fulkerson, Maximal flow through a network, 1956.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.compiled import compiled

Ints = NDArray[np.int64]


class Arcs(NamedTuple):
    """A directed graph. `links[start[v]:start[v + 1]]` are the arcs at node v: 2·arc where v is its tail, 2·arc + 1
    where v is its head. Shapes: (arcs,) for `tail` and `head`, (nodes + 1,) for `start`, (2 · arcs,) for `links`.
    """

    tail: Ints
    head: Ints
    start: Ints
    links: Ints


class Money(NamedTuple):
    """A flow that searches may change: per arc its `capacity` and `flow`, per node what is `left` and `spare`."""

    capacity: Ints
    flow: Ints
    left: Ints
    spare: Ints


class Desk(NamedTuple):
    """Working memory, kept between calls so that none of them pays for the size of the network.

    `clock`: [state of the flow, trial, search, arcs visited so far]: the first three are stamps, never used twice.
    Per node: `back` and `ahead` hold the last search that came there, `to` and `came` the link by which it goes on
    towards the seed or came from it, `dead_back` and `dead_ahead` the state in which a search failed there, `place`
    its position on a walk, `seeded` the trial in which it became a seed. `seeds`, `queue` and `walk` are lists. A trial
    logs what was before it: of `arcs` the flow `was` and the capacity `wide`, of `nodes` what was left (`had`) and
    spare (`held`); `logged` are the lengths of the two logs and of `seeds`.
    """

    clock: Ints
    back: Ints
    ahead: Ints
    to: Ints
    came: Ints
    dead_back: Ints
    dead_ahead: Ints
    place: Ints
    seeded: Ints
    seeds: Ints
    queue: Ints
    walk: Ints
    arc_trial: Ints
    node_trial: Ints
    arcs: Ints
    was: Ints
    wide: Ints
    nodes: Ints
    had: Ints
    held: Ints
    logged: Ints


def link_up(tail: Ints, head: Ints, nodes: int) -> Arcs:
    """The graph of these arcs, with the arcs at each node in their order. O(arcs log arcs)."""
    arcs = np.arange(len(tail), dtype=np.int64)
    ends, links = np.concatenate([tail, head]), np.concatenate([2 * arcs, 2 * arcs + 1])
    order = np.argsort(ends, kind="stable")
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(ends, minlength=nodes))])
    return Arcs(tail.copy(), head.copy(), start.astype(np.int64), np.ascontiguousarray(links[order]))


def new_desk(nodes: int, arcs: int) -> Desk:
    """Working memory for a network of this size."""
    per_node = ("back", "ahead", "to", "came", "dead_back", "dead_ahead", "place", "seeded", "seeds", "queue")
    sizes = dict.fromkeys((*per_node, "node_trial", "nodes", "had", "held"), nodes)
    sizes |= {
        "clock": 4,
        "walk": 2 * nodes + 2,
        "arc_trial": arcs,
        "arcs": arcs,
        "was": arcs,
        "wide": arcs,
        "logged": 3,
    }
    desk = Desk(**{name: np.zeros(sizes[name], np.int64) for name in Desk._fields})
    desk.clock[:3] = 1
    return desk


@compiled
def reached(graph: Arcs, money: Money, ahead: bool) -> NDArray[np.bool_]:
    """Per node, whether what is left can come there (`ahead`), or whether it could go on to what is spare. O(arcs)."""
    ends = money.left if ahead else money.spare
    seen = ends > 0
    queue = np.empty(len(seen), np.int64)
    size = 0
    for node in np.flatnonzero(seen):
        queue[size] = node
        size += 1
    at = 0
    while at < size:
        node = queue[at]
        at += 1
        for link in graph.links[graph.start[node] : graph.start[node + 1]]:
            arc = link >> 1
            is_tail = link & 1 == 0
            room = money.capacity[arc] - money.flow[arc] if is_tail == ahead else money.flow[arc]
            other = graph.head[arc] if is_tail else graph.tail[arc]
            if room > 0 and not seen[other]:
                seen[other] = True
                queue[size] = other
                size += 1
    return seen


@compiled
def begin(desk: Desk) -> None:
    """Begin a trial: nothing is a seed, nothing is logged."""
    desk.clock[1] += 1
    desk.logged[:] = 0


@compiled
def widen(graph: Arcs, money: Money, desk: Desk, arc: int, capacity: int) -> None:
    """Give an arc a greater capacity; its ends become seeds."""
    _log_arc(money, desk, arc)
    money.capacity[arc] = capacity
    _seed(desk, graph.tail[arc])
    _seed(desk, graph.head[arc])


@compiled
def augment(graph: Arcs, money: Money, desk: Desk, group: Ints, quota: Ints) -> int:
    """Augment along all paths that arose since the trial began, from nodes whose group has some quota; the gain.

    `group` (nodes,) is the group of each node, and `quota` (groups,) how many 元 more may start in it: it is used up.
    """
    gain = 0
    desk.clock[0] += 1  # what is dead for some groups may live for others
    found = True
    while found:
        found = False
        at = 0
        while at < desk.logged[2]:
            amount = _path_through(graph, money, desk, group, quota, desk.seeds[at])
            if amount > 0:
                gain += amount
                found = True
            else:
                at += 1
    return gain


@compiled
def take_back(money: Money, desk: Desk) -> None:
    """Undo what the trial has logged."""
    for at in range(desk.logged[0]):
        arc = desk.arcs[at]
        money.flow[arc] = desk.was[at]
        money.capacity[arc] = desk.wide[at]
    for at in range(desk.logged[1]):
        node = desk.nodes[at]
        money.left[node] = desk.had[at]
        money.spare[node] = desk.held[at]


@compiled
def _path_through(graph: Arcs, money: Money, desk: Desk, group: Ints, quota: Ints, seed: int) -> int:
    """Augment along one path through the seed, as much as fits; 0 when there is none."""
    first = _search(graph, money, desk, group, quota, seed, False)
    if first < 0:
        return 0
    last = _search(graph, money, desk, group, quota, seed, True)
    if last < 0:
        return 0
    steps = _walk(graph, desk, first, seed, last)
    amount: int = min(quota[group[first]], money.left[first], money.spare[last])
    for link in desk.walk[:steps]:
        arc = link >> 1
        amount = min(amount, money.flow[arc] if link & 1 else money.capacity[arc] - money.flow[arc])
    _log_node(money, desk, first)
    _log_node(money, desk, last)
    quota[group[first]] -= amount
    money.left[first] -= amount
    money.spare[last] -= amount
    for link in desk.walk[:steps]:
        arc = link >> 1
        _log_arc(money, desk, arc)
        money.flow[arc] += -amount if link & 1 else amount
        _seed(desk, graph.tail[arc])
        _seed(desk, graph.head[arc])
    desk.clock[0] += 1
    return amount


@compiled
def _search(graph: Arcs, money: Money, desk: Desk, group: Ints, quota: Ints, seed: int, ahead: bool) -> int:
    """Breadth first with the money (`ahead`) to a node with something spare, or against it to one that has something
    left within its quota; -1 where there is none.
    """
    seen, link_of, dead = desk.back, desk.to, desk.dead_back
    if ahead:
        seen, link_of, dead = desk.ahead, desk.came, desk.dead_ahead
    state = desk.clock[0]
    if dead[seed] == state:
        return -1
    desk.clock[2] += 1
    search = desk.clock[2]
    seen[seed] = search
    desk.queue[0] = seed
    size, at = 1, 0
    while at < size:
        node: int = desk.queue[at]
        at += 1
        if money.spare[node] > 0 if ahead else money.left[node] > 0 and quota[group[node]] > 0:
            return node
        for link in graph.links[graph.start[node] : graph.start[node + 1]]:
            desk.clock[3] += 1
            arc = link >> 1
            is_tail = link & 1 == 0
            room = money.capacity[arc] - money.flow[arc] if is_tail == ahead else money.flow[arc]
            other = graph.head[arc] if is_tail else graph.tail[arc]
            if room > 0 and seen[other] != search and dead[other] != state:
                seen[other] = search
                # against the money, a node remembers the link by which it goes on: from its own end
                link_of[other] = link if ahead else link ^ 1
                desk.queue[size] = other
                size += 1
    for node in desk.queue[:size]:
        dead[node] = state
    return -1


@compiled
def _walk(graph: Arcs, desk: Desk, first: int, seed: int, last: int) -> int:
    """Write the links from first over seed to last into `walk`, without loops; how many they are.

    Both searches may pass a node: what lies between its two visits is a loop, and left out.
    """
    steps = 0
    node = first
    while node != seed:
        desk.walk[steps] = desk.to[node]
        node = _end(graph, desk.to[node])
        steps += 1
    half, node = steps, last
    while node != seed:
        desk.walk[steps] = desk.came[node]
        node = _end(graph, desk.came[node] ^ 1)
        steps += 1
    desk.walk[half:steps] = desk.walk[half:steps][::-1].copy()
    kept, node = 0, first
    desk.place[node], desk.queue[0] = 0, node
    for link in desk.walk[:steps].copy():
        node = _end(graph, link)
        place = desk.place[node]
        if place <= kept and desk.queue[place] == node:
            kept = place
        else:
            desk.walk[kept] = link
            kept += 1
            desk.place[node], desk.queue[kept] = kept, node
    return kept


@compiled
def _end(graph: Arcs, link: int) -> int:
    """The node to which a link leads."""
    node: int = graph.tail[link >> 1] if link & 1 else graph.head[link >> 1]
    return node


@compiled
def _seed(desk: Desk, node: int) -> None:
    if desk.seeded[node] != desk.clock[1]:
        desk.seeded[node] = desk.clock[1]
        desk.seeds[desk.logged[2]] = node
        desk.logged[2] += 1


@compiled
def _log_arc(money: Money, desk: Desk, arc: int) -> None:
    if desk.arc_trial[arc] != desk.clock[1]:
        desk.arc_trial[arc] = desk.clock[1]
        at = desk.logged[0]
        desk.arcs[at], desk.was[at], desk.wide[at] = arc, money.flow[arc], money.capacity[arc]
        desk.logged[0] += 1


@compiled
def _log_node(money: Money, desk: Desk, node: int) -> None:
    if desk.node_trial[node] != desk.clock[1]:
        desk.node_trial[node] = desk.clock[1]
        at = desk.logged[1]
        desk.nodes[at], desk.had[at], desk.held[at] = node, money.left[node], money.spare[node]
        desk.logged[1] += 1
