"""Where each line's purchases come from, as a scope sees it: by row of the net purchases, and by line. Arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.locality import Anchor, Locality, current_region, locality
from services.matching.engine.policy import Basis, Scope
from services.matching.rates.book import NONE, Book, Place, Product
from services.matching.rates.netting import Kept
from services.matching.rates.rules import Origin
from services.matching.rates.sharing import Ints, share_out_columns
from shared.codes.regions import city_of

Codes = NDArray[np.int8]

ORIGINS = list(Origin)
OUTSIDE, UNKNOWN, EXCLUDED, LOCAL = (ORIGINS.index(each) for each in Origin)
_CODES = {Locality.OUTSIDE: OUTSIDE, Locality.UNKNOWN: UNKNOWN, Locality.LOCAL: LOCAL}
OF_CITIES = frozenset({Scope.CITY, Scope.CIRCLE, Scope.CLUSTER})
"""Scopes that look no closer than at cities."""


@dataclass(frozen=True)
class Viewpoint:
    """From where local is seen: the scope, its radius, and the home province."""

    scope: Scope
    home_province: str
    radius_km: int | None = None

    def anchor(self, product: Product) -> Anchor:
        """What the scope sees of a product: few anchors for many products."""
        cluster = product.cluster
        if self.scope is Scope.PROVINCE:
            return Anchor(None, home_province=self.home_province)
        if self.scope is Scope.CLUSTER:
            cities, key = (tuple(cluster.cities), cluster.code) if cluster else ((), None)
            return Anchor(None, cities, key, self.home_province)
        return Anchor(self.region(product.leader_region), (), None, self.home_province, self.radius_km)

    def place(self, place: Place) -> Place:
        """What the scope sees of a supplier's place."""
        return Place(self.region(place.region), place.clusters if self.scope is Scope.CLUSTER else ())

    def region(self, region: str | None) -> str | None:
        """A region as closely as the scope looks at it."""
        return _city_or_wider(region) if self.scope in OF_CITIES else region


@cache
def _city_or_wider(region: str | None) -> str | None:
    known = current_region(region)
    return known if known is None else city_of(known) or known


def origins_of(book: Book, kept: Kept, places: Sequence[Place], viewpoint: Viewpoint) -> Codes:
    """The origin (a position in ORIGINS) of each row; each anchor and place that meet are compared once."""
    anchors: dict[Anchor, int] = {}
    seen: dict[Place, int] = {}
    anchor_of = np.array([anchors.setdefault(viewpoint.anchor(row), len(anchors)) for row in book.products], np.int64)
    place_of = np.array([seen.setdefault(viewpoint.place(row), len(seen)) for row in places], np.int64)
    if not len(kept):
        return np.zeros(0, np.int8)
    pair = anchor_of[book.lines.product[kept.line]] * len(seen) + place_of[kept.place]
    met, row_of = np.unique(pair, return_inverse=True)
    from_here, there = list(anchors), list(seen)
    said = [_code(from_here[at // len(seen)], there[at % len(seen)], viewpoint.scope) for at in met.tolist()]
    found = np.array(said, np.int8)[row_of]
    found[kept.excluded] = EXCLUDED
    return found


def _code(anchor: Anchor, place: Place, scope: Scope) -> int:
    return _CODES[locality(scope, place.region, place.clusters, anchor)]


def by_line(kept: Kept, origins: Codes, lines: int) -> Ints:
    """分 by line and origin: lines × 4."""
    table = np.zeros(lines * len(ORIGINS), np.int64)
    np.add.at(table, kept.line * len(ORIGINS) + origins, kept.amount)
    return table.reshape(lines, len(ORIGINS))


def projected(bought: Ints, spend: Ints, basis: Basis) -> Ints:
    """What a need's line counts, by origin: by value its spend in whole 元 by the shares of what was bought, else those
    shares themselves; where nothing was bought all is unknown. A line without spend counts nothing by value.
    """
    table = bought.copy()
    table[~bought.any(axis=1), UNKNOWN] = 1
    return share_out_columns(np.where(spend == NONE, 0, spend), table) if basis is Basis.VALUE else table
