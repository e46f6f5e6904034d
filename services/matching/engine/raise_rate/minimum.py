"""The minimum rule: an offer worth less than a new supplier's trouble is no offer.

Every pair carries nothing or at least its minimum, and so does an offer with a minimum order of its own, which no flow
can say by itself.
"""

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.raise_rate.market import Ints, Market, summed


def viable(market: Market, among: Ints | None = None) -> Ints:
    """The offers (of those given, or of all) that can reach their own minimum, and whose pair can reach its own.

    Positions, ascending. No plan can use the others: the bound is the flow's optimum without them.
    """
    offers = np.arange(len(market.line)) if among is None else np.sort(among)
    offers = offers[market.most[offers] >= market.least[offers]]
    return offers[_reach(market, offers)[market.pair[offers]] >= market.minimum[market.pair[offers]]]


def broken_pairs(market: Market, amounts: Ints) -> Ints:
    """The pairs that carry something below their minimum, ascending."""
    carried = summed(market.pair, amounts, len(market.minimum))
    return np.flatnonzero((carried > 0) & (carried < market.minimum))


def broken_offers(market: Market, amounts: Ints) -> Ints:
    """The offers that carry something below their own minimum, ascending."""
    return np.flatnonzero((amounts > 0) & (amounts < market.least))


def in_mixed_pieces(market: Market) -> NDArray[np.bool_]:
    """Whether offers of a capability take different amounts of its stock for each 元. (capabilities,)"""
    last = np.zeros(len(market.stock), np.int64)
    last[market.capability] = market.use
    other = market.use != last[market.capability]
    mixed = np.zeros(len(market.stock), np.bool_)
    mixed[market.capability[other]] = True
    return mixed


def _reach(market: Market, offers: Ints) -> Ints:
    """The most that each pair can carry by these offers."""
    first = np.minimum(market.pair_start[:-1], max(0, len(market.line) - 1))
    most = summed(market.pair[offers], market.most[offers], len(market.minimum))
    limit = np.minimum(market.movable[market.line[first]], market.limit[market.supplier[first]])
    return np.minimum(np.minimum(most, market.cap), limit) if len(market.line) else most
