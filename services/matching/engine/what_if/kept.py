"""A kept optimum of the market, near misses laid out in it as closed arcs, and what opening some of them brings.

All is said of the flow: the joint optimum with the products' targets, once the pairs are gone that cannot reach their
minimum (the plan's bound). A trial opens offers, augments, and is taken back. It tells exactly how much more can be
moved in all, and how much of it counts toward the products' targets while no line gets less than before.

Why augmenting is enough: what the lines can get together is a polymatroid (the flows' rank function is submodular), so
that any flow that cannot be augmented moves as much as can be moved at all; that it takes from no line costs nothing.
And one that was augmented for products below their target first, each up to its room, has most toward the targets too,
among the flows that take from no line. J. Edmonds, Submodular functions, matroids, and certain polyhedra, 1970.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.market import Ints, Market, moved_by_product, summed
from services.matching.engine.raise_rate.supply_network import HUB, Counting, Terms, highest_capacity, lay_out
from services.matching.engine.what_if.augment import (
    Arcs,
    Desk,
    Money,
    augment,
    begin,
    link_up,
    new_desk,
    reached,
    take_back,
    widen,
)
from shared.compiled import compiled

Mask = NDArray[np.bool_]


class Places(NamedTuple):
    """Where in the network things are: the arc of offer k is arc k, that of capability c is `capability_arc[c]` (-1:
    it has none). `group` (nodes,) is the product of a line's node; of others any, as nothing starts there.
    """

    capability_arc: Ints
    group: Ints


@dataclass(frozen=True)
class Trial:
    """What a trial brings: `gain` 元 in all, of which `toward` count toward targets; `by_product` where any."""

    gain: int
    toward: int
    by_product: dict[int, int]


class Kept:
    """An optimum that is kept, to try changes on it. Offers are positions in `market`."""

    def __init__(self, market: Market, is_open: Mask, amounts: Ints) -> None:
        """`amounts` (offers,) is a maximum over the open offers that stand behind no hopeless pair.

        Raises ArithmeticError when it is none: that would be a fault of ours.
        """
        self.market = market
        self.is_open = is_open.copy()
        self._graph, self._money, self._places = _network(market, passable(market, is_open), amounts)
        self._desk = new_desk(len(self._money.left), len(self._money.flow))
        self.moved = moved_by_product(market, amounts)
        self._room: Ints = np.maximum(market.room - self.moved, 0)
        self._fed = reached(self._graph, self._money, True)
        self._draining = reached(self._graph, self._money, False)
        if (self._fed & self._draining).any():
            raise ArithmeticError("the kept flow is no maximum")

    @property
    def visits(self) -> int:
        """How many arcs have been looked at so far: the work done, the same on every machine."""
        return int(self._desk.clock[3])

    def may_gain(self, offers: Ints) -> Mask:
        """Which closed offers may bring something if opened alone; False is exact, True an upper bound."""
        fed, draining = self._fed[self._graph.tail[offers]], self._draining[self._graph.head[offers]]
        dearer = _widens(self.market, self._money, self._places, offers)
        through = self._fed[self._graph.head[offers]]
        return (fed & draining) | (dearer & (fed | through)) | _is_shared(self.market, offers)

    def gains(self, groups: Iterable[Ints], budget: int, quota: Ints | None = None) -> Ints:
        """What opening each group of closed offers alone brings, in 元; -1 where the budget of visits was used up.

        `quota` (products,) is the most that each product may get; None: anything.
        """
        each = [np.zeros(0, np.int64), *groups]
        starts, opened = np.cumsum([len(group) for group in each]).astype(np.int64), np.concatenate(each)
        given = np.full(len(self._room), UNLIMITED, np.int64) if quota is None else quota
        last = self.visits + budget
        parts = (self.market, self._places, self._graph, self._money, self._desk, self.is_open)
        found: Ints = _try_each(*parts, starts, opened, given, last)
        return found

    def try_opening(self, offers: Ints) -> Trial:
        """What opening these closed offers brings; afterwards all is as before."""
        self._open(offers)
        found = self._augment(self.room())
        take_back(self._money, self._desk)
        self.is_open[offers] = False
        return found

    def try_limits(self, offers: Ints, most: Ints, reach: Ints) -> Trial:
        """What it brings when open offers of one capability may carry more; afterwards all is as before.

        `most` and `reach` (offers,) are theirs under a greater capacity of it. See `Market`.
        """
        before = self.market.most[offers], self.market.reach[offers]
        self.market.most[offers], self.market.reach[offers] = most, reach
        self._open(offers)
        found = self._augment(self.room())
        take_back(self._money, self._desk)
        self.market.most[offers], self.market.reach[offers] = before
        return found

    def open_for(self, offers: Ints, quota: Ints) -> int:
        """Open these offers for good, and move what they bring within the quotas by product; the gain."""
        self._open(offers)
        return int(augment(self._graph, self._money, self._desk, self._places.group, quota.copy()))

    def copy(self) -> "Kept":
        """Another one, on which to open offers for good."""
        other = copy(self)
        other.is_open = self.is_open.copy()
        other._money = Money(*(column.copy() for column in self._money))
        return other

    def within_reach(self, offers: Ints, product: int) -> Mask:
        """Which of these closed offers could be on the way of a 元 of the product if all were open; False is exact.

        `product` is a group's number where they are grouped. What can be reached from its lines in the residual
        network stays so: paths only turn arcs around inside.
        """
        other = self.copy()
        other._open(offers)
        own = other._places.group == product
        money = other._money._replace(left=np.where(own, other._money.left, 0))
        fed, draining = reached(other._graph, money, True), reached(other._graph, money, False)
        found: Mask = fed[self._graph.tail[offers]] & draining[self._graph.head[offers]]
        return found

    def room(self) -> Ints:
        """What each product, or other group of lines, still lacks of its target."""
        return self._room

    def grouped(self, group: Ints, room: Ints) -> "Kept":
        """Another one whose trials tell of groups of products: `group` (products,), which lack `room` (groups,)."""
        other = self.copy()
        # without products there are no lines' nodes, and the group of any other does not count
        nodes = group[self._places.group] if len(group) else self._places.group
        other._places = self._places._replace(group=nodes)
        other._room = room
        return other

    def capability_arc(self, capability: int) -> int:
        """The arc that holds a capability's capacity; -1 where it offers nothing."""
        return int(self._places.capability_arc[capability])

    def capacity(self, arc: int) -> int:
        """An arc's capacity, in 元."""
        return int(self._money.capacity[arc])

    def flow(self, arc: int) -> int:
        """What an arc carries, in 元."""
        return int(self._money.flow[arc])

    def _open(self, offers: Ints) -> None:
        _open_offers(self.market, self._places, self._graph, self._money, self._desk, self.is_open, offers)

    def _augment(self, room: Ints) -> Trial:
        """First toward the targets, then beyond them."""
        group, quota = self._places.group, room.copy()
        toward = int(augment(self._graph, self._money, self._desk, group, quota))
        beyond = np.full(len(room), UNLIMITED, np.int64)
        gain = toward + int(augment(self._graph, self._money, self._desk, group, beyond))
        more = (room - quota) + (UNLIMITED - beyond)
        return Trial(gain, toward, {int(at): int(more[at]) for at in np.flatnonzero(more)})


@compiled
def passable(market: Market, is_open: Mask) -> Mask:
    """Per offer, whether anything may pass: it is open, reaches its own minimum, and its pair reaches the pair's."""
    found = is_open & (market.most > 0) & (market.most >= market.least)
    for pair in range(len(market.minimum)):
        if _reach(market, is_open, pair) < market.minimum[pair]:
            found[market.pair_start[pair] : market.pair_start[pair + 1]] = False
    return found


@compiled
def passable_among(market: Market, is_open: Mask, rows: Ints) -> Mask:
    """The same of some offers only."""
    found = np.zeros(len(rows), np.bool_)
    for at, row in enumerate(rows):
        pair = market.pair[row]
        able = is_open[row] and market.most[row] >= max(1, market.least[row])
        found[at] = able and _reach(market, is_open, pair) >= market.minimum[pair]
    return found


@compiled
def _reach(market: Market, is_open: Mask, pair: int) -> int:
    """What the open offers of a pair can carry together; one that cannot reach its own minimum carries nothing."""
    first, total = market.pair_start[pair], 0
    for row in range(first, market.pair_start[pair + 1]):
        if is_open[row] and market.most[row] >= market.least[row]:
            total += market.most[row]
    limit = min(market.movable[market.line[first]], market.limit[market.supplier[first]])
    found: int = min(total, market.cap[pair], limit)
    return found


def _network(market: Market, open_offers: Mask, amounts: Ints) -> tuple[Arcs, Money, Places]:
    """The network without what stays: every way to the hub ends in a node of its own, where anything is spare."""
    everything = np.arange(len(market.line), dtype=np.int64)
    terms = Terms(
        counting=[Counting.NONE] * len(market.room),
        capacity=highest_capacity(market, np.flatnonzero(open_offers)),
        most=np.where(open_offers, market.most, 0),
    )
    layout = lay_out(market, everything, terms)
    problem, stay = layout.problem, layout.stay_arc[layout.stay_arc >= 0]
    kept = np.ones(len(problem.tail), bool)
    kept[stay] = False
    arc_of = np.append(np.cumsum(kept) - 1, -1)  # the last: of what has no arc
    tail, head, capacity = problem.tail[kept], problem.head[kept], problem.capacity[kept]
    out = np.flatnonzero(head == HUB)
    head[out] = np.arange(len(problem.supply), len(problem.supply) + len(out))
    nodes = len(problem.supply) + len(out)
    left, spare, group = (np.zeros(nodes, np.int64) for _ in range(3))
    lines = np.flatnonzero(layout.line_node >= 0)
    left[layout.line_node[lines]] = (market.movable - summed(market.line, amounts, len(market.movable)))[lines]
    group[layout.line_node[lines]] = market.product[lines]
    spare[len(problem.supply) :] = UNLIMITED
    flow = np.zeros(len(tail), np.int64)
    flow[: len(everything)] = amounts
    for by, arcs in (
        (market.pair, layout.pair_arc),
        (market.capability, layout.capability_arc),
        (market.supplier, layout.supplier_arc),
    ):
        there = np.flatnonzero(arcs >= 0)
        flow[arc_of[arcs[there]]] = summed(by, amounts, len(arcs))[there]
    if (flow > capacity).any() or (left < 0).any():
        raise ArithmeticError("the kept flow does not fit its network")
    graph = link_up(tail, head, nodes)
    return (
        graph,
        Money(capacity.copy(), flow, left, spare),
        Places(arc_of[layout.capability_arc].astype(np.int64), group),
    )


@compiled
def _open_offers(
    market: Market, places: Places, graph: Arcs, money: Money, desk: Desk, is_open: Mask, offers: Ints
) -> None:
    """Begin a trial with these offers open: what may pass now is wide, and a dearer price widens its capability."""
    begin(desk)
    for row in offers:
        is_open[row] = True
    for row in offers:
        pair = market.pair[row]
        if _reach(market, is_open, pair) < market.minimum[pair]:
            continue
        for other in range(market.pair_start[pair], market.pair_start[pair + 1]):
            if not is_open[other] or market.most[other] < max(1, market.least[other]):
                continue
            if money.capacity[other] < market.most[other]:
                widen(graph, money, desk, other, market.most[other])
            capability = market.capability[other]
            arc = places.capability_arc[capability]
            if market.stock[capability] < UNLIMITED and money.capacity[arc] < market.reach[other]:
                widen(graph, money, desk, arc, market.reach[other])


@compiled
def _try_each(
    market: Market,
    places: Places,
    graph: Arcs,
    money: Money,
    desk: Desk,
    is_open: Mask,
    starts: Ints,
    opened: Ints,
    given: Ints,
    last_visit: int,
) -> Ints:
    gains = np.full(len(starts) - 1, -1, np.int64)
    quota = given.copy()
    for at in range(len(gains)):
        if desk.clock[3] > last_visit:
            break
        offers = opened[starts[at] : starts[at + 1]]
        _open_offers(market, places, graph, money, desk, is_open, offers)
        quota[:] = given
        gains[at] = augment(graph, money, desk, places.group, quota)
        take_back(money, desk)
        is_open[offers] = False
    return gains


def _is_shared(market: Market, offers: Ints) -> Mask:
    pair = market.pair[offers]
    return np.diff(market.pair_start)[pair] > 1


def _widens(market: Market, money: Money, places: Places, offers: Ints) -> Mask:
    capability = market.capability[offers]
    wide = money.capacity[places.capability_arc[capability]]
    return (market.stock[capability] < UNLIMITED) & (market.reach[offers] > wide)
