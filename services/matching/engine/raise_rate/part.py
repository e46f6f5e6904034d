"""A part of a market as a market of its own, with numbers of its own: what is small is then solved at its own cost.

Islands are such parts, and so are the offers in use: what others could take is then left out of sight.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble
from shared.compiled import compiled


@dataclass(frozen=True)
class Part:
    """`market` has the offers `offers` of the whole, in their order; `products` are its products there."""

    market: Market
    offers: Ints
    products: Ints


def part_of(market: Market, offers: Ints, room: Ints) -> Part:
    """The part with some offers (positions, ascending); `room` (products,) is what their products may count there.

    Numbers keep their order. O(offers + lines + capabilities + suppliers + products).
    """
    lines, line = _renumbered(market.line[offers], len(market.movable))
    capabilities, capability = _renumbered(market.capability[offers], len(market.stock))
    suppliers, supplier = _renumbered(market.supplier[offers], len(market.limit))
    products, product = _renumbered(market.product[lines], len(market.room))
    pair = market.pair[offers]
    rows = Offers(
        line=line,
        supplier=supplier,
        capability=capability,
        score=market.score[offers],
        most=market.most[offers],
        order=market.least[offers],
        use=market.use[offers],
        reach=market.reach[offers],
        share=market.minimum[pair],
        cap=market.cap[pair],
    )
    part = assemble(
        rows, market.movable[lines], product, room[products], market.stock[capabilities], market.limit[suppliers]
    )
    return Part(part, offers, products)


@compiled
def _renumbered(numbers: Ints, size: int) -> tuple[Ints, Ints]:
    """The numbers (below `size`) that occur, ascending, and the place of each item's number among them."""
    place = np.zeros(size, np.int64)
    for number in numbers:
        place[number] = 1
    found, count = np.empty(size, np.int64), 0
    for number in range(size):
        if place[number] == 1:
            found[count], place[number] = number, count
            count += 1
    items = np.empty(len(numbers), np.int64)
    for item in range(len(numbers)):
        items[item] = place[numbers[item]]
    return found[:count].copy(), items
