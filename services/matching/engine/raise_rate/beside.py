"""The best flow beside amounts that are set aside.

A flow that must keep minimums, where some amounts keep them already, is those amounts and a flow without minimums in
what they leave of lines, caps, stocks and suppliers. Such a flow has a greedy start, as lower bounds have not: a solve
takes a tenth of the time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.matching.engine.raise_rate.flows import best_amounts
from services.matching.engine.raise_rate.market import Ints, Market, limited, moved_by_line, moved_by_product, summed
from services.matching.engine.raise_rate.supply_network import Counting, Terms, highest_capacity


class Rest(NamedTuple):
    """What is left beside reserved amounts: a market, the offers that may carry more, and capacities in 元."""

    market: Market
    offers: Ints
    capacity: Ints


def rest_beside(market: Market, reserved: Ints, offers: Ints, most: Ints) -> Rest:
    """The rest where only these `offers` (positions, ascending) go beyond what is reserved, none beyond `most`.

    Shapes of `reserved` and `most`: (offers of the market,). Pieces count at their highest price.
    """
    taken = summed(market.capability, reserved, len(market.stock))
    capacity = highest_capacity(market, offers)
    rest = market._replace(
        most=np.maximum(most - reserved, 0),
        cap=market.cap - summed(market.pair, reserved, len(market.cap)),
        movable=market.movable - moved_by_line(market, reserved),
        room=np.maximum(market.room - moved_by_product(market, reserved), 0),
        limit=market.limit - limited(market.limit) * summed(market.supplier, reserved, len(market.limit)),
    )
    left = np.where(limited(capacity), np.maximum(capacity - taken, 0), capacity)
    return Rest(rest, offers[rest.most[offers] > 0], left)


def best_beside(market: Market, reserved: Ints, offers: Ints, most: Ints, counting: Sequence[Counting]) -> Ints:
    """The optimal 元 per offer of the market of at least `reserved`, with products counted so; see `rest_beside`."""
    rest = rest_beside(market, reserved, offers, most)
    if not len(rest.offers):
        return reserved
    return reserved + best_amounts(rest.market, rest.offers, Terms(counting, rest.capacity))
