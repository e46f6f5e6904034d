"""The best flow beside amounts that are set aside.

A flow that must keep minimums, where some amounts keep them already, is those amounts and a flow without minimums in
what they leave of lines, caps, stocks and suppliers. Such a flow has a greedy start, as lower bounds have not: a solve
takes a tenth of the time.
"""

from collections.abc import Sequence

import numpy as np

from services.matching.engine.raise_rate.flows import best_amounts
from services.matching.engine.raise_rate.market import Ints, Market, limited, moved_by_line, moved_by_product, summed
from services.matching.engine.raise_rate.supply_network import Counting, Terms, highest_capacity


def best_beside(market: Market, reserved: Ints, offers: Ints, most: Ints, counting: Sequence[Counting]) -> Ints:
    """The optimal 元 per offer of the market of at least `reserved`, and at most `most` (both (offers,)).

    Only these `offers` (positions, ascending) carry more than is reserved. Pieces count at their highest price.
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
    able = offers[rest.most[offers] > 0]
    if not len(able):
        return reserved
    terms = Terms(counting, np.where(limited(capacity), np.maximum(capacity - taken, 0), capacity))
    return reserved + best_amounts(rest, able, terms)
