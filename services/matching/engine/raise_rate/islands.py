"""Islands: offers that hang together by a line, a capability or a limited supplier. What happens on one stays there."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from services.matching.engine.raise_rate.market import Ints, Market, limited


def island_of(market: Market, offers: Ints, tied: Sequence[int] = ()) -> tuple[Ints, int]:
    """The number of each offer's island, in the order of their first offers, and how many islands there are.

    The lines of a tied product are on one island. O(offers).
    """
    if not len(offers):
        return np.zeros(0, np.int64), 0
    lines, capabilities, suppliers = len(market.movable), len(market.stock), len(market.limit)
    by_supplier = limited(market.limit)[market.supplier[offers]]
    supply = np.where(by_supplier, capabilities + market.supplier[offers], market.capability[offers])
    tail, head = market.line[offers], lines + supply
    ties = np.flatnonzero(np.isin(market.product, np.asarray(tied, np.int64)))
    tail = np.append(tail, ties)
    head = np.append(head, lines + capabilities + suppliers + market.product[ties])
    size = lines + capabilities + suppliers + len(market.room)
    links = coo_matrix((np.ones(len(tail), bool), (tail, head)), (size, size))
    label = connected_components(links, directed=False)[1][market.line[offers]]
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number], len(first)
