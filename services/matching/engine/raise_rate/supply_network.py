"""The market as a flow network in arrays, under terms: capacities in 元, bounds, and how products count.

line (all that may move enters here) → capability → supplier (if limited) → hub, and line → "stays as it is" → hub. The
offers of a supplier that has several on a line leave it through a node of their own, whose arc has the pair's cap and
minimum. Lines of a product that is counted exactly stay by way of the product: two arcs from there to the hub tell
what stays beyond the target's reach, and below it.

Costs fold three objectives, or four, into one whole number: 元 below the products' targets, 元 in all, 元 × score, and
元 on former proposals. See `fold`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, FlowProblem
from services.matching.engine.raise_rate.market import Ints, Market, highest, limited, summed

HUB = 0

_NARROW = 2**60
"""No potential may pass this: nodes × dearest arc stays below."""


class Counting(Enum):
    """How a product's 元 count toward its target: all of them, none, or exactly by two arcs that tie its lines."""

    ALL = "all"
    NONE = "none"
    EXACT = "exact"


@dataclass(frozen=True)
class Terms:
    """What a flow is asked to keep beside the market; what is None asks for nothing.

    `counting` is by product, `capacity` (capabilities,) in 元. A pair carries `minimum` (pairs,) at least, an offer
    `least` and at most `most` (offers,), a line `held` (lines,). `kept` (offers,): former proposals.
    """

    counting: Sequence[Counting]
    capacity: Ints
    minimum: Ints | None = None
    least: Ints | None = None
    most: Ints | None = None
    held: Ints | None = None
    kept: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Weights:
    """What one 元 of each objective is worth in the folded cost."""

    toward: int
    total: int
    score: int
    kept: int


@dataclass(frozen=True)
class Layout:
    """The network, and where in it everything is; -1: not in it. Node 0 is the hub.

    Arc k belongs to the market's offer `offers[k]`, for k below their number; `offer_arc` (offers of the market,) is
    the way back. `stay_arc` and `line_node` are by line, `capability_…` by capability, `supplier_arc` by supplier
    (only limited ones have one), `pair_arc` by pair (only those with several offers here), `product_node` by product
    that is counted exactly; its arcs to the hub are `beyond_arc` (what may stay at no loss to the target) and the next
    one.
    """

    problem: FlowProblem
    weights: Weights
    offers: Ints
    offer_arc: Ints
    line_node: Ints
    stay_arc: Ints
    capability_node: Ints
    capability_arc: Ints
    supplier_arc: Ints
    pair_arc: Ints
    product_node: Ints
    beyond_arc: Ints

    def amounts(self, flow: Ints) -> Ints:
        """元 per offer of the market; 0 where it is not in the network."""
        amounts = np.zeros(len(self.offer_arc), np.int64)
        amounts[self.offers] = flow[: len(self.offers)]
        return amounts


def highest_capacity(market: Market, offers: Ints) -> Ints:
    """Each capability's capacity in 元 (capabilities,), pieces at the offers' highest price: an upper bound."""
    best = highest(market.capability[offers], market.reach[offers], len(market.stock))
    return np.where(limited(market.stock), best, UNLIMITED)


def lay_out(market: Market, offers: Ints, terms: Terms) -> Layout:
    """The network of some offers (positions, ascending), in O(offers + lines + capabilities + suppliers)."""
    nodes = _number(market, offers, terms)
    rows = _Rows(market, offers, terms, nodes)
    weights = fold(rows, nodes.count)
    columns = _columns(rows, weights)
    arcs = np.cumsum([len(block[0]) for block in columns]).tolist()
    tail, head, lower, capacity, cost = (np.concatenate(column) for column in zip(*columns, strict=True))
    supply = np.zeros(nodes.count, np.int64)
    supply[nodes.line[nodes.lines]] = market.movable[nodes.lines]
    supply[HUB] = -int(market.movable[nodes.lines].sum())
    return Layout(
        problem=FlowProblem(tail, head, lower, capacity, cost, supply),
        weights=weights,
        offers=offers,
        offer_arc=_positions(offers, 0, len(market.line)),
        line_node=nodes.line,
        stay_arc=_positions(nodes.lines, arcs[0], len(market.movable)),
        capability_node=nodes.capability,
        capability_arc=_positions(nodes.capabilities, arcs[1], len(market.stock)),
        supplier_arc=_positions(nodes.suppliers, arcs[2], len(market.limit)),
        pair_arc=_positions(nodes.pairs, arcs[3], len(market.minimum)),
        product_node=nodes.product,
        beyond_arc=_positions(nodes.products, arcs[4], len(market.room), step=2),
    )


@dataclass(frozen=True)
class _Nodes:
    """Node numbers by line, capability, supplier, pair and product (-1: none), and who has one, ascending."""

    count: int
    line: Ints
    lines: Ints
    capability: Ints
    capabilities: Ints
    supplier: Ints
    suppliers: Ints
    pair: Ints
    pairs: Ints
    product: Ints
    products: Ints


def _number(market: Market, offers: Ints, terms: Terms) -> _Nodes:
    lines = _present(market.line[offers], len(market.movable))
    capabilities = _present(market.capability[offers], len(market.stock))
    suppliers = _present(market.supplier[offers], len(market.limit))
    suppliers = suppliers[limited(market.limit[suppliers])]
    pairs = np.flatnonzero(np.bincount(market.pair[offers], minlength=len(market.minimum)) > 1).astype(np.int64)
    exact = np.array([how is Counting.EXACT for how in terms.counting], bool)
    products = _present(market.product[lines], len(market.room))
    products = products[exact[products]]
    tables = ((lines, market.movable), (capabilities, market.stock), (suppliers, market.limit))
    numbers, count = [], 1
    for who, table in (*tables, (pairs, market.minimum), (products, market.room)):
        numbers.append(_positions(who, count, len(table)))
        count += len(who)
    line, capability, supplier, pair, product = numbers
    return _Nodes(count, line, lines, capability, capabilities, supplier, suppliers, pair, pairs, product, products)


def _present(who: Ints, size: int) -> Ints:
    return np.flatnonzero(np.bincount(who, minlength=size)).astype(np.int64)


def _positions(who: Ints, first: int, size: int, step: int = 1) -> Ints:
    """Number them from `first`; -1 for the others."""
    found = np.full(size, -1, np.int64)
    found[who] = first + step * np.arange(len(who))
    return found


Block = tuple[Ints, Ints, Ints, Ints, Ints]
"""Arcs of one kind: tail, head, lower, capacity, cost."""


@dataclass(frozen=True)
class _Rows:
    market: Market
    offers: Ints
    terms: Terms
    nodes: _Nodes

    def tails(self) -> Ints:
        """Where the arc of each offer begins: at its line, or at the node of its pair."""
        meeting = self.nodes.pair[self.market.pair[self.offers]]
        return np.where(meeting < 0, self.nodes.line[self.market.line[self.offers]], meeting)


def fold(rows: _Rows, nodes: int) -> Weights:
    """Weights by which the cheapest flow is the lexicographic optimum (see flow/fold.py for the proof).

    A weight must outweigh what the later objectives gain on a simple cycle. What counts for the target and in all lies
    on arcs at the hub: at most 2. A score lies on offers: twice the best scores at all their tails, or at all their
    capabilities. Former proposals are left out where the numbers would grow too large for 64 bits.
    """
    market, offers, kept = rows.market, rows.offers, rows.terms.kept
    for prefer in (kept is not None and bool(kept[offers].any()), False):
        swing = _swing(rows, kept[offers].astype(np.int64)) if prefer and kept is not None else 0
        score = swing + 1
        total = score * _swing(rows, market.score[offers]) + swing + 1
        if nodes * (4 * total) < _NARROW:
            break
    return Weights(3 * total, total, score, int(prefer))


def _swing(rows: _Rows, counts: Ints) -> int:
    """The most that something on the arcs of offers can gain on a simple cycle."""
    best = []
    for ends in (rows.tails(), rows.nodes.capability[rows.market.capability[rows.offers]]):
        best.append(int(highest(ends, counts, rows.nodes.count).sum()))
    return 2 * min(best)


def _columns(rows: _Rows, weights: Weights) -> list[Block]:
    """The arcs, kind by kind, in the order that `Layout` tells."""
    return [
        _offer_arcs(rows, weights),
        _stay_arcs(rows, weights),
        _capability_arcs(rows),
        _supplier_arcs(rows),
        _pair_arcs(rows),
        _product_arcs(rows, weights),
    ]


def _offer_arcs(rows: _Rows, weights: Weights) -> Block:
    market, offers, terms, nodes = rows.market, rows.offers, rows.terms, rows.nodes
    lower, most = _offer_bounds(market, offers, terms, nodes.pair)
    gain = market.score[offers] * weights.score
    if terms.kept is not None:
        gain = gain + terms.kept[offers] * np.int64(weights.kept)
    return rows.tails(), nodes.capability[market.capability[offers]], lower, most, -gain


def _offer_bounds(market: Market, offers: Ints, terms: Terms, pair_node: Ints) -> tuple[Ints, Ints]:
    pair = market.pair[offers]
    lower = np.zeros(len(offers), np.int64) if terms.least is None else terms.least[offers]
    if terms.minimum is not None:
        lower = np.where(pair_node[pair] < 0, np.maximum(lower, terms.minimum[pair]), lower)
    most = market.most[offers] if terms.most is None else np.minimum(market.most[offers], terms.most[offers])
    return lower, np.minimum(most, market.cap[pair])


def _stay_arcs(rows: _Rows, weights: Weights) -> Block:
    market, nodes, lines = rows.market, rows.nodes, rows.nodes.lines
    product = market.product[lines]
    through = nodes.product[product]
    every = np.array([how is Counting.ALL for how in rows.terms.counting], bool)[product]
    cost = np.where(through >= 0, 0, weights.total + every * np.int64(weights.toward))
    most = np.full(len(lines), UNLIMITED) if rows.terms.held is None else market.movable[lines] - rows.terms.held[lines]
    return nodes.line[lines], np.maximum(through, HUB), np.zeros(len(lines), np.int64), most, cost


def _capability_arcs(rows: _Rows) -> Block:
    market, nodes, who = rows.market, rows.nodes, rows.nodes.capabilities
    supplier = np.full(len(market.stock), -1, np.int64)
    supplier[market.capability[rows.offers]] = market.supplier[rows.offers]
    head = np.maximum(nodes.supplier[supplier[who]], HUB)
    asked = summed(market.capability[rows.offers], market.most[rows.offers], len(market.stock))
    return _free(nodes.capability[who], head, np.minimum(rows.terms.capacity[who], asked[who]))


def _supplier_arcs(rows: _Rows) -> Block:
    who = rows.nodes.suppliers
    return _free(rows.nodes.supplier[who], np.zeros(len(who), np.int64), rows.market.limit[who])


def _pair_arcs(rows: _Rows) -> Block:
    market, who = rows.market, rows.nodes.pairs
    line = market.line[market.pair_start[who]]
    lower = np.zeros(len(who), np.int64) if rows.terms.minimum is None else rows.terms.minimum[who]
    return rows.nodes.line[line], rows.nodes.pair[who], lower, market.cap[who], np.zeros(len(who), np.int64)


def _product_arcs(rows: _Rows, weights: Weights) -> Block:
    """Two arcs for each product: what stays beyond what the target needs, and what it lacks then."""
    market, nodes, who = rows.market, rows.nodes, rows.nodes.products
    whole = summed(market.product[nodes.lines], market.movable[nodes.lines], len(market.room))[who]
    lacking = np.minimum(whole, market.room[who])
    capacity = np.ravel(np.column_stack((whole - lacking, np.full(len(who), UNLIMITED))))
    cost = weights.total + weights.toward * np.tile([0, 1], len(who))
    tail = np.repeat(nodes.product[who], 2)
    return tail, np.zeros(len(tail), np.int64), np.zeros(len(tail), np.int64), capacity, cost.astype(np.int64)


def _free(tail: Ints, head: Ints, capacity: Ints) -> Block:
    none = np.zeros(len(tail), np.int64)
    return tail, head, none, capacity, none
