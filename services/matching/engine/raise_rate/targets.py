"""The exact optimum over all products, without tying the lines of a product together where nothing depends on it.

A product's 元 count toward its target only up to its room. Two parallel arcs say so exactly, but they join all lines
of a product, and with them the components. Mostly one knows better: a product that stays below its target counts ALL
its 元, one that gets beyond counts NONE (its target is reached anyway). Guess, solve, and check.

Why a guess that holds is the optimum: let A, N, E be the products counted ALL, NONE, EXACT, x_p what is moved for p,
r_p its room. For every flow, Σ min(x_p, r_p) ≤ Σ_A x_p + Σ_E min(x_p, r_p) + Σ_N r_p. The solved flow maximises the
first two sums; it has equality if x_p ≤ r_p on A and x_p ≥ r_p on N, which is the check. Then it is best in the first
objective, every flow as good as it there maximises the two sums too, and among those it is best in the later ones.
A product whose guess fails twice is counted EXACT, so that this ends. Where so many guesses fail that most products end
at their target, all are counted EXACT at once, from a new start: by steps the tree grows into chains of products, in
which every pivot is dear.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, Basis, FlowSolution
from services.matching.engine.raise_rate.flows import best_amounts, solved
from services.matching.engine.raise_rate.market import (
    Ints,
    Market,
    Offers,
    assemble,
    by_group,
    moved_by_product,
    starts,
    summed,
)
from services.matching.engine.raise_rate.supply_network import HUB, Counting, Layout, Terms, highest_capacity, lay_out
from shared.compiled import compiled

Bools = NDArray[np.bool_]

HOPELESS = 100
"""So many wrong guesses, and a tenth of the products, are no exceptions any more."""


@dataclass(frozen=True)
class Optimum:
    """The optimal 元 per offer of the market (0 where an offer was left out), and how the products were counted."""

    amounts: Ints
    moved: Ints
    counting: list[Counting]
    layout: Layout
    solution: FlowSolution


def optimum(
    market: Market, offers: Ints, guess: Sequence[Counting], kept: Bools | None = None, capacity: Ints | None = None
) -> Optimum:
    """The lexicographic optimum over some offers, without minimum, pieces at their highest price: an upper bound.

    Among equally good flows that with most 元 on the `kept` offers; `capacity` (capabilities,) 元 where there is less
    than that price would make of the stock. Each solve but a last resort starts from the tree of the one before.
    """
    counting, failed = list(guess), np.zeros(len(market.room), bool)
    capacity = highest_capacity(market, offers) if capacity is None else capacity
    layout = lay_out(market, offers, Terms(counting, capacity, kept=kept))
    solution = solved(layout)
    while True:
        amounts = layout.amounts(solution.flow)
        moved = moved_by_product(market, amounts)
        wrong = misjudged(market, counting, moved)
        if not len(wrong):
            return Optimum(amounts, moved, counting, layout, solution)
        if len(wrong) > max(HOPELESS, len(counting) // 10):
            counting = [Counting.EXACT] * len(counting)
            layout = lay_out(market, offers, Terms(counting, capacity, kept=kept))
            solution = solved(layout)
            continue
        for product in wrong:
            counting[product] = _other(counting[product], bool(failed[product]))
        failed[wrong] = True
        before, layout = layout, lay_out(market, offers, Terms(counting, capacity, kept=kept))
        solution = solved(layout, _carried_over(market, before, solution, layout))


def _carried_over(market: Market, before: Layout, solution: FlowSolution, layout: Layout) -> Basis | None:
    """The basis where more products are counted exactly: their lines' ways to the hub now lead over them.

    Nodes and arcs of products come last in a network.
    """
    if solution.basis is None:
        return None
    was, now = np.flatnonzero(before.product_node >= 0), np.flatnonzero(layout.product_node >= 0)
    nodes, arcs = len(before.problem.supply) - len(was), len(before.problem.tail) - 2 * len(was)
    parent_arc, flow = np.full(len(layout.problem.supply), -1), np.zeros(len(layout.problem.tail), np.int64)
    parent_arc[:nodes], flow[:arcs] = _hung_from_hub(before, solution.basis)[:nodes], solution.basis.flow[:arcs]
    there = np.flatnonzero(layout.stay_arc >= 0)
    stays = summed(market.product[there], flow[layout.stay_arc[there]], len(market.room))
    over = layout.beyond_arc[now]
    flow[over] = np.minimum(stays[now], layout.problem.capacity[over])
    flow[over + 1] = stays[now] - flow[over]
    parent_arc[layout.product_node[now]] = np.where(stays[now] < layout.problem.capacity[over], over, over + 1)
    return Basis(parent_arc, flow)


def _hung_from_hub(layout: Layout, basis: Basis) -> Ints:
    """The parent arcs with the hub on top: what it hung from hangs from it."""
    parent_arc, node = basis.parent_arc.copy(), HUB
    arc, parent_arc[HUB] = int(parent_arc[HUB]), -1
    while arc >= 0:
        node = int(layout.problem.tail[arc] + layout.problem.head[arc]) - node
        arc, parent_arc[node] = int(parent_arc[node]), arc
    return parent_arc


def alone(market: Market, offers: Ints) -> Ints:
    """The most that each product could get if it had all capacity for itself.

    Where a product's lines, one after the other, each get all that their suppliers' caps let through, that is it; the
    other products are solved, all side by side in one flow.
    """
    able = np.zeros(len(market.line), np.bool_)
    able[offers] = True
    begin = starts(market.product, len(market.room))
    moved, short = _one_by_one(market, able, begin, by_group(market.product, begin))
    rest = offers[short[market.product[market.line[offers]]]]
    if len(rest):
        apart = _apart(market, rest)
        everything = np.arange(len(apart.line))
        none = [Counting.NONE] * len(market.room)
        terms = Terms(none, highest_capacity(apart, everything))
        moved[short] = moved_by_product(apart, best_amounts(apart, everything, terms))[short]
    return moved


@compiled
def _one_by_one(market: Market, able: Bools, begin: Ints, lines: Ints) -> tuple[Ints, Bools]:
    """Serve each product's lines in turn: what it gets, and whether one of them got less than it could.

    `lines` are in the order of their products, as `begin` cuts them. A product has capacities, at its highest price,
    and limits for itself. O(offers).
    """
    moved, short = np.zeros(len(market.room), np.int64), np.zeros(len(market.room), np.bool_)
    stock, limit = np.zeros(len(market.stock), np.int64), np.zeros(len(market.limit), np.int64)
    for product in range(len(moved)):
        mine = lines[begin[product] : begin[product + 1]]
        _open_shops(market, able, mine, stock, limit)
        for line in mine:
            got, could = _serve_line(market, able, line, stock, limit)
            moved[product] += got
            short[product] |= got < min(market.movable[line], could)
    return moved, short


@compiled
def _open_shops(market: Market, able: Bools, lines: Ints, stock: Ints, limit: Ints) -> None:
    """Set what the capabilities and suppliers of some lines' offers have, whatever others took of it."""
    for fresh in (True, False):
        for line in lines:
            for offer in range(market.line_start[line], market.line_start[line + 1]):
                if able[offer]:
                    capability = market.capability[offer]
                    free = market.stock[capability] >= UNLIMITED
                    most = UNLIMITED if free else market.reach[offer]
                    stock[capability] = 0 if fresh else max(stock[capability], most)
                    limit[market.supplier[offer]] = market.limit[market.supplier[offer]]


@compiled
def _serve_line(market: Market, able: Bools, line: int, stock: Ints, limit: Ints) -> tuple[int, int]:
    """Let a line's offers take what they can, in turn; how much that is, and how much the caps let through at best."""
    got, could, pair, room, most = 0, 0, -1, 0, 0
    for offer in range(market.line_start[line], market.line_start[line + 1]):
        if not able[offer]:
            continue
        capability, supplier = market.capability[offer], market.supplier[offer]
        if market.pair[offer] != pair:
            pair = market.pair[offer]
            room = most = market.cap[pair]
        could += min(most, market.most[offer])
        most -= min(most, market.most[offer])
        amount = min(min(market.movable[line] - got, room), market.most[offer])
        amount = max(0, min(amount, min(stock[capability], limit[supplier])))
        stock[capability] -= amount
        limit[supplier] -= amount
        room -= amount
        got += amount
    return got, could


def first_guess(market: Market, most: Ints) -> list[Counting]:
    """Count ALL where even `most` stays within the room, NONE elsewhere."""
    return [Counting.ALL if within else Counting.NONE for within in (most <= market.room).tolist()]


def _apart(market: Market, offers: Ints) -> Market:
    """The market in which every product has all capabilities and suppliers for itself, and scores do not count."""
    product, pair = market.product[market.line[offers]], market.pair[offers]
    capability, capability_of = _copies(product, market.capability[offers], len(market.stock))
    supplier, supplier_of = _copies(product, market.supplier[offers], len(market.limit))
    none = np.zeros(len(offers), np.int64)
    rows = Offers(
        line=market.line[offers],
        supplier=supplier,
        capability=capability,
        score=none,
        most=market.most[offers],
        order=none,
        use=market.use[offers],
        reach=market.reach[offers],
        share=none,
        cap=market.cap[pair],
    )
    stock, limit = market.stock[capability_of], market.limit[supplier_of]
    return assemble(rows, market.movable, market.product, market.room, stock, limit)


def _copies(product: Ints, who: Ints, size: int) -> tuple[Ints, Ints]:
    """A number for each of these with each product that it meets, and whose copy each number is."""
    keys, copy = np.unique(product * size + who, return_inverse=True)
    return copy.astype(np.int64), keys % size


def misjudged(market: Market, counting: Sequence[Counting], moved: Ints) -> Ints:
    """The products that do not move what they were counted for: all beyond their room, or none below it."""
    every = np.array([how is Counting.ALL for how in counting], bool)
    none = np.array([how is Counting.NONE for how in counting], bool)
    return np.flatnonzero((every & (moved > market.room)) | (none & (moved < market.room)))


def _other(how: Counting, again: bool) -> Counting:
    if again:
        return Counting.EXACT
    return Counting.ALL if how is Counting.NONE else Counting.NONE
