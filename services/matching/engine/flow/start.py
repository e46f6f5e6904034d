"""Start bases for the network simplex: most of the way to the optimum before the first pivot.

`greedy_start` is for networks in which every supply has a way of its own to a root, the hub of a plan: a line over
"stays as it is" (at once, or over its product), a capability over its capacity. These *home arcs* are a spanning tree,
and a flow: all stays as it is.

Where all ways home are one arc long and gains differ, an auction (auction.py) finds a flow within some tenths of a per
cent of the optimum, and a vertex of it (vertex.py) is the basis: its tree has nearly the optimum's potentials, so that
few pivots are left. A tree that a greedy makes has not, however near its flow is.

Else, arcs between the branches are taken, each as far as it goes, those first that gain
most beyond the price of the capability (see prices.py); arcs that a line would not take at these prices come last.

The basis is strongly feasible for free: the arc that exhausts a node becomes its parent arc. Where a line is emptied
into a capability it hangs from that, which has room to its root; where a capability is filled by a line it hangs from
that line, which still has 元 of its own to send to the root. Ties are in favour of the capability.

An arc of home that could be filled by its node's own supply should have room for a unit more: else the node has no room
toward the root, and starts on an artificial arc.
"""

from typing import NamedTuple

import numpy as np

from services.matching.engine.flow.auction import Pairs, auction
from services.matching.engine.flow.door import checked, columns
from services.matching.engine.flow.prices import clearing_prices, side_of
from services.matching.engine.flow.problem import Basis, FlowProblem, Ints
from services.matching.engine.flow.vertex import Flows, vertex
from shared.compiled import compiled

ROUNDS = 2
STEPS = 25
"""Into so many steps of an auction the greatest gain is divided."""
_DISTINCT = 2.0
"""An auction is of use where gains differ by more than so many steps on average."""
_CHOICES = 2_000
"""Pairs of a giver: a bid looks at all of them."""


class _Home(NamedTuple):
    """The tree of home arcs: the arc and the node next on each node's way to the root (-1: none), and what it costs."""

    arc: Ints
    parent: Ints
    cost: Ints


def greedy_start(problem: FlowProblem, root: int, *, rounds: int = ROUNDS) -> Basis:
    """A basis near the optimum: all supplies go home, then to whom they are worth more than they cost.

    `rounds` of prices come before the greedy: more are dearer here, and save pivots later. Any network will do; what
    has no way to the root starts on an artificial arc.
    """
    problem = checked(problem)
    tail, head, lower, capacity, cost, supply = columns(problem)
    home = _homes(tail, head, lower, capacity, cost, len(supply), root)
    pairs, gain = _pairs(tail, head, lower, capacity, cost, supply, home)
    step = _bidding_step(tail, head, supply, pairs, gain, home, root)
    if step > 0:
        flow = _auctioned(problem, pairs, gain, home, step)
        return Basis(vertex(Flows(tail, head, lower, capacity, cost, flow), home.arc, root), flow)
    return Basis(*_crash(tail, head, lower, capacity, cost, supply, home, pairs, gain, rounds))


def _auctioned(problem: FlowProblem, pairs: Ints, gain: Ints, home: _Home, step: int) -> Ints:
    """The flow per arc that an auction finds; what is not sold goes home, and what is sold goes on to the root."""
    tail, head, lower, capacity, _, supply = columns(problem)
    left, room = np.maximum(supply, 0), _rooms(lower, capacity, home)
    bits = max(0, (int(gain.max()) + step).bit_length() - 30)
    arcs, offered = _offered(tail, head, lower, capacity, pairs, gain, len(supply), bits)
    carried = auction(offered, left, room, max(1, step >> bits))
    return _with_ways_home(lower, arcs, carried, left, room, _rooms(lower, capacity, home), home)


@compiled
def _with_ways_home(lower: Ints, arcs: Ints, carried: Ints, left: Ints, room: Ints, width: Ints, home: _Home) -> Ints:
    flow = lower.copy()
    for pair in range(len(arcs)):
        flow[arcs[pair]] += carried[pair]
    for node in range(len(left)):
        if home.arc[node] >= 0:
            flow[home.arc[node]] += min(width[node], left[node] + width[node] - room[node])
    return flow


@compiled
def _crash(
    tail: Ints,
    head: Ints,
    lower: Ints,
    capacity: Ints,
    cost: Ints,
    supply: Ints,
    home: _Home,
    pairs: Ints,
    gain: Ints,
    rounds: int,
) -> tuple[Ints, Ints]:
    left, room = np.maximum(supply, 0), _rooms(lower, capacity, home)
    giver, taker, width = tail[pairs], head[pairs], capacity[pairs] - lower[pairs]
    asked, worth = clearing_prices(giver, taker, gain, width, side_of(giver, left), side_of(taker, room), rounds)
    value = gain - asked[taker]
    eager = value >= worth[giver]
    parent_arc, flow, at_home = home.arc.copy(), lower.copy(), np.where(home.arc >= 0, 1, 0)
    for choice in (eager, ~eager):
        some = np.flatnonzero(choice & (left[giver] > 0) & (at_home[giver] == 1))
        order = pairs[some[sorted_down(value[some])]]
        _take(order, tail, head, lower, capacity, left, room, home, parent_arc, flow, at_home)
    _spread(tail, head, lower, capacity, cost, left, home, parent_arc, flow)
    return parent_arc, flow


@compiled
def _homes(tail: Ints, head: Ints, lower: Ints, capacity: Ints, cost: Ints, nodes: int, root: int) -> _Home:
    """Each node's widest arc toward the root among those to nodes nearer to it (by sweeps: the way is short)."""
    level = np.full(nodes, nodes)
    arc_of, parent, total = np.full(nodes, -1), np.full(nodes, -1), np.zeros(nodes, np.int64)
    level[root], now, grows = 0, 0, True
    while grows and now < nodes:
        grows = False
        for arc in range(len(tail)):
            node = tail[arc]
            if level[head[arc]] == now and level[node] > now:
                width = capacity[arc] - lower[arc]
                best = arc_of[node]
                if width > 0 and (best < 0 or width > capacity[best] - lower[best]):
                    arc_of[node], level[node], grows = arc, now + 1, True
        now += 1
    for step in range(1, now + 1):
        for node in range(nodes):
            if level[node] == step:
                parent[node] = head[arc_of[node]]
                total[node] = total[parent[node]] + cost[arc_of[node]]
    return _Home(arc_of, parent, total)


@compiled
def _rooms(lower: Ints, capacity: Ints, home: _Home) -> Ints:
    """What each node's arc toward the root can carry."""
    room = np.zeros(len(home.arc), np.int64)
    for node in range(len(room)):
        if home.arc[node] >= 0:
            room[node] = capacity[home.arc[node]] - lower[home.arc[node]]
    return room


@compiled
def _pairs(
    tail: Ints, head: Ints, lower: Ints, capacity: Ints, cost: Ints, supply: Ints, home: _Home
) -> tuple[Ints, Ints]:
    """The arcs from supplies to other branches that cost less than the way home, and what each gains per unit."""
    pairs, gains, count = np.empty(len(tail), np.int64), np.empty(len(tail), np.int64), 0
    for arc in range(len(tail)):
        giver, taker = tail[arc], head[arc]
        if supply[giver] > 0 and home.arc[giver] >= 0 and home.arc[giver] != arc and capacity[arc] > lower[arc]:
            gain = home.cost[giver] - cost[arc] - home.cost[taker]
            if gain > 0 and home.arc[taker] >= 0 and giver != taker:
                pairs[count], gains[count] = arc, gain
                count += 1
    return pairs[:count], gains[:count]


@compiled
def _bidding_step(tail: Ints, head: Ints, supply: Ints, pairs: Ints, gain: Ints, home: _Home, root: int) -> int:
    """The step of an auction, or 0 where none is of use.

    That is where ways home have more than an arc, gains hardly differ, or a giver has so many pairs that bids are dear.
    """
    most, total, strayed, degree = 0, 0.0, 0.0, np.zeros(len(supply), np.int64)
    for pair in range(len(pairs)):
        giver, taker = tail[pairs[pair]], head[pairs[pair]]
        if home.parent[giver] != root or home.parent[taker] != root or supply[taker] != 0:
            return 0
        degree[giver] += 1
        most, total = max(most, gain[pair]), total + gain[pair]
    step = max(1, most // STEPS)
    for one in gain:
        strayed += abs(one - total / len(pairs))
    return int(step) if strayed > _DISTINCT * step * len(pairs) and degree.max() < _CHOICES else 0


@compiled
def _offered(
    tail: Ints, head: Ints, lower: Ints, capacity: Ints, pairs: Ints, gain: Ints, nodes: int, bits: int
) -> tuple[Ints, Pairs]:
    """The pairs by their givers (a counting sort), and their arcs; gains lose so many of their last bits."""
    count, first = len(pairs), np.zeros(nodes + 1, np.int64)
    arcs, giver, taker = np.empty(count, np.int64), np.empty(count, np.uint32), np.empty(count, np.uint32)
    gains, width = np.empty(count, np.int32), np.empty(count, np.int64)
    for arc in pairs:
        first[tail[arc] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    following = first.copy()
    for pair in range(count):
        arc = pairs[pair]
        place = following[tail[arc]]
        following[tail[arc]] = place + 1
        arcs[place], giver[place], taker[place] = arc, tail[arc], head[arc]
        gains[place], width[place] = gain[pair] >> bits, capacity[arc] - lower[arc]
    return arcs, Pairs(first, giver, taker, gains, width)


@compiled
def sorted_down(key: Ints) -> Ints:
    """The positions of the keys, greatest first; what differs by less than 2**-32 of their range may stay unsorted.

    A radix sort, 11 bits in a pass: at most three, fewer where the range is narrow. O(n).
    """
    order, other = np.arange(len(key)), np.empty(len(key), np.int64)
    if len(key) == 0:
        return order
    greatest, drop, bits = key.max(), 0, 0
    reach = greatest - key.min()
    while (reach >> bits) > 0:
        bits += 1
    drop = max(0, bits - 33)
    below = (greatest - key) >> drop
    for shift in range(0, bits - drop, 11):
        start = np.zeros(2049, np.int64)
        for value in below:
            start[((value >> shift) & 2047) + 1] += 1
        for digit in range(2048):
            start[digit + 1] += start[digit]
        for at in order:
            digit = (below[at] >> shift) & 2047
            other[start[digit]] = at
            start[digit] += 1
        order, other = other, order
    return order


@compiled
def _take(
    order: Ints,
    tail: Ints,
    head: Ints,
    lower: Ints,
    capacity: Ints,
    left: Ints,
    room: Ints,
    home: _Home,
    parent_arc: Ints,
    flow: Ints,
    at_home: Ints,
) -> None:
    """Send what each arc can carry, in order, over nodes that are still on their way home (`at_home` is 1).

    `left` becomes what stays with each supply, `room` what the arcs home can carry beside.
    """
    for arc in order:
        giver = tail[arc]
        if left[giver] == 0 or at_home[giver] == 0:
            continue
        width = capacity[arc] - lower[arc]
        least, tightest, on = width, -1, head[arc]
        while home.parent[on] >= 0 and at_home[on] == 1 and on != giver:
            if room[on] <= least:
                least, tightest = room[on], on
            on = home.parent[on]
        amount = min(least, left[giver])
        if home.parent[on] >= 0 or amount == 0:
            continue
        if amount == least and tightest >= 0 and not _gets_home(giver, tightest, home, at_home):
            continue
        left[giver] -= amount
        on = head[arc]
        while home.parent[on] >= 0:
            room[on] -= amount
            on = home.parent[on]
        if amount == least and tightest >= 0:
            flow[home.arc[tightest]] = capacity[home.arc[tightest]]
            _turn(head[arc], arc, tightest, home, parent_arc, at_home)
        elif amount == width:
            flow[arc] = capacity[arc]
        else:
            parent_arc[giver], at_home[giver] = arc, 0


@compiled
def _gets_home(node: int, around: int, home: _Home, at_home: Ints) -> bool:
    """Whether a node's way home is as it was, and does not pass `around`: so does what hangs from it then."""
    while home.parent[node] >= 0:
        if at_home[node] == 0 or node == around:
            return False
        node = home.parent[node]
    return True


@compiled
def _turn(node: int, arc: int, last: int, home: _Home, parent_arc: Ints, at_home: Ints) -> None:
    """Hang a filled branch from the arc that filled it: from `node` up to `last`, each from the one before."""
    while True:
        before = parent_arc[node]
        parent_arc[node], at_home[node] = arc, 0
        if node == last:
            return
        arc, node = before, home.parent[node]


@compiled
def _spread(
    tail: Ints,
    head: Ints,
    lower: Ints,
    capacity: Ints,
    cost: Ints,
    left: Ints,
    home: _Home,
    parent_arc: Ints,
    flow: Ints,
) -> None:
    """Where parallel arcs lead home (a product's, below and beyond its target), fill the cheaper ones first."""
    stays = np.zeros(len(left), np.int64)
    for node in range(len(left)):
        on = home.parent[node]
        while left[node] > 0 and on >= 0:
            stays[on] += left[node]
            on = home.parent[on]
    for arc in range(len(tail)):
        node = tail[arc]
        best = parent_arc[node]
        if best == home.arc[node] and best >= 0 and arc != best and head[arc] == head[best] and cost[arc] < cost[best]:
            width = capacity[arc] - lower[arc]
            if stays[node] >= width:
                stays[node] -= width
                flow[arc] = capacity[arc]
            else:
                parent_arc[node] = arc
