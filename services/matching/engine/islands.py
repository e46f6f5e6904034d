"""Islands: offers that hang together by a line, a capability or a limited supplier. What happens on one stays there."""

from collections.abc import Collection, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from services.matching.engine.market import Market

End = tuple[str, int]


def islands(market: Market, offers: Sequence[int], tied: Collection[int] = ()) -> list[list[int]]:
    """The offers by island, in the order of their first offer; the lines of a tied product are on one island."""
    if not offers:
        return []
    links = [link for offer in offers for link in _links(market, offer, tied)]
    numbers = {end: number for number, end in enumerate(dict.fromkeys(end for link in links for end in link))}
    tail, head = [numbers[left] for left, _ in links], [numbers[right] for _, right in links]
    graph = coo_matrix((np.ones(len(links), bool), (tail, head)), (len(numbers), len(numbers)))
    label = connected_components(graph, directed=False)[1]
    found: dict[int, list[int]] = {}
    for offer in offers:
        found.setdefault(int(label[numbers["line", market.offers[offer].line]]), []).append(offer)
    return list(found.values())


def _links(market: Market, offer: int, tied: Collection[int]) -> list[tuple[End, End]]:
    row = market.offers[offer]
    limited = market.supplier_limit[row.supplier] is not None
    line: End = ("line", row.line)
    links: list[tuple[End, End]] = [(line, ("supplier", row.supplier) if limited else ("capability", row.capability))]
    if market.product[row.line] in tied:
        links.append((line, ("product", market.product[row.line])))
    return links
