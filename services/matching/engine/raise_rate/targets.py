"""The exact optimum over all products, without tying the lines of a product together where nothing depends on it.

A product's 元 count toward its target only up to its room. Two parallel arcs say so exactly, but they join all lines
of a product, and with them the components. Mostly one knows better: a product that stays below its target counts ALL
its 元, one that gets beyond counts NONE (its target is reached anyway). Guess, solve, and check.

Why a guess that holds is the optimum: let A, N, E be the products counted ALL, NONE, EXACT, x_p what is moved for p,
r_p its room. For every flow, Σ min(x_p, r_p) ≤ Σ_A x_p + Σ_E min(x_p, r_p) + Σ_N r_p. The solved flow maximises the
first two sums; it has equality if x_p ≤ r_p on A and x_p ≥ r_p on N, which is the check. Then it is best in the first
objective, every flow as good as it there maximises the two sums too, and among those it is best in the later ones.
A product whose guess fails twice is counted EXACT, so that this ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import Basis, FlowSolution
from services.matching.engine.raise_rate.flows import best_amounts, solved
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble, moved_by_product
from services.matching.engine.raise_rate.supply_network import Counting, Layout, Terms, highest_capacity, lay_out


@dataclass(frozen=True)
class Optimum:
    """The optimal 元 per offer of the market (0 where an offer was left out), and how the products were counted."""

    amounts: Ints
    moved: Ints
    counting: list[Counting]
    layout: Layout
    solution: FlowSolution


def optimum(market: Market, offers: Ints, guess: Sequence[Counting], kept: NDArray[np.bool_] | None = None) -> Optimum:
    """The lexicographic optimum over some offers, without minimum, pieces at their highest price: an upper bound.

    Among equally good flows that with most 元 on the `kept` offers. Each solve starts from the tree of the one before,
    while only costs change.
    """
    counting, failed = list(guess), np.zeros(len(market.room), bool)
    capacity = highest_capacity(market, offers)
    basis: Basis | None = None
    while True:
        layout = lay_out(market, offers, Terms(counting, capacity, kept=kept))
        fits = basis is not None and Counting.EXACT not in counting
        solution = solved(layout, basis if fits else None)
        basis, amounts = solution.basis, layout.amounts(solution.flow)
        moved = moved_by_product(market, amounts)
        wrong = misjudged(market, counting, moved)
        if not len(wrong):
            return Optimum(amounts, moved, counting, layout, solution)
        for product in wrong:
            counting[product] = _other(counting[product], bool(failed[product]))
        failed[wrong] = True


def alone(market: Market, offers: Ints) -> Ints:
    """The most that each product could get if it had all capacity for itself: one solve of all side by side."""
    apart = _apart(market, offers)
    everything = np.arange(len(apart.line))
    none = [Counting.NONE] * len(market.room)
    return moved_by_product(apart, best_amounts(apart, everything, Terms(none, highest_capacity(apart, everything))))


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
