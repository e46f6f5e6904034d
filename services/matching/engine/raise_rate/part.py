"""A part of a market as a market of its own, with numbers of its own: what is small is then solved at its own cost."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble


@dataclass(frozen=True)
class Part:
    """`market` has the offers `offers` of the whole, in their order; `products` are its products there."""

    market: Market
    offers: Ints
    products: Ints


def part_of(market: Market, offers: Ints, room: Ints) -> Part:
    """The part with whole islands of offers (positions, ascending); `room` (products,) is what they may count there.

    Numbers keep their order. O(offers log offers).
    """
    lines, line = np.unique(market.line[offers], return_inverse=True)
    capabilities, capability = np.unique(market.capability[offers], return_inverse=True)
    suppliers, supplier = np.unique(market.supplier[offers], return_inverse=True)
    products, product = np.unique(market.product[lines], return_inverse=True)
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
