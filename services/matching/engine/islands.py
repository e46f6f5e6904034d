"""Islands: offers that hang together by a line, a capability or a limited supplier. What happens on one stays there."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from services.matching.engine.market import Market


def islands(market: Market, offers: Sequence[int]) -> list[list[int]]:
    """The offers by island, in the order of their first offer."""
    if not offers:
        return []
    ends = [_ends(market, offer) for offer in offers]
    numbers = {end: number for number, end in enumerate(dict.fromkeys(end for pair in ends for end in pair))}
    tail, head = [numbers[left] for left, _ in ends], [numbers[right] for _, right in ends]
    links = coo_matrix((np.ones(len(offers), bool), (tail, head)), (len(numbers), len(numbers)))
    label = connected_components(links, directed=False)[1]
    found: dict[int, list[int]] = {}
    for offer, node in zip(offers, tail, strict=True):
        found.setdefault(int(label[node]), []).append(offer)
    return list(found.values())


def _ends(market: Market, offer: int) -> tuple[tuple[str, int], tuple[str, int]]:
    row = market.offers[offer]
    if market.supplier_limit[row.supplier] is not None:
        return ("line", row.line), ("supplier", row.supplier)
    return ("line", row.line), ("capability", row.capability)
