"""What counts as local: a supplier seen from a product's anchor, in one of the scopes, three-valued.

Unknown is an answer of its own: a supplier known only by its province is local to the province, and unknown to
anything narrower. It is never silently outside, and never local.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import product

from services.matching.engine.policy import Scope
from shared.codes.regions import (
    COUNTY,
    all_regions,
    circle_of,
    city_of,
    distance_km,
    find_region,
    province_of,
    retired_regions,
)


class Locality(StrEnum):
    """Whether a supplier is local."""

    LOCAL = "local"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Anchor:
    """Where local is measured from: the leader's region, the cluster of its product, and the home province.

    `radius_km` is how far local reaches in scope radius.
    """

    leader_region: str | None
    cluster_cities: tuple[str, ...] = ()
    cluster_key: str | None = None
    home_province: str = "370000"
    radius_km: int | None = None


def is_local(scope: Scope, region: str | None, clusters: tuple[str, ...], anchor: Anchor) -> bool:
    """Whether a supplier counts as local: what is not known is not local."""
    return locality(scope, region, clusters, anchor) is Locality.LOCAL


def locality(scope: Scope, supplier_region: str | None, supplier_clusters: tuple[str, ...], anchor: Anchor) -> Locality:
    """Say whether a supplier in `supplier_region`, a member of `supplier_clusters` (keys), is local.

    Another province is outside for every scope but radius, which knows no borders. A product without a cluster has
    nothing local in scope cluster.
    A retired region counts as its successor: what was 莱芜市 is in 济南市 since 2019.
    """
    supplier_region = current_region(supplier_region)
    if scope is Scope.RADIUS:
        return _within_reach(supplier_region, current_region(anchor.leader_region), anchor.radius_km)
    if supplier_region is not None and province_of(supplier_region) != anchor.home_province:
        return Locality.OUTSIDE
    if scope is Scope.PROVINCE:
        return Locality.UNKNOWN if supplier_region is None else Locality.LOCAL
    if scope is Scope.CLUSTER:
        return _in_cluster(supplier_region, supplier_clusters, anchor)
    return _same_place(scope, supplier_region, current_region(anchor.leader_region))


@cache
def current_region(region: str | None) -> str | None:
    """The region itself, or the successor of a retired one."""
    return find_region(region).code if region in retired_regions() else region


def _in_cluster(region: str | None, clusters: tuple[str, ...], anchor: Anchor) -> Locality:
    if anchor.cluster_key is not None and anchor.cluster_key in clusters:
        return Locality.LOCAL
    city = _city(region)
    if region is None or (city is None and anchor.cluster_key is not None):
        return Locality.UNKNOWN
    return Locality.LOCAL if city in anchor.cluster_cities else Locality.OUTSIDE


def _same_place(scope: Scope, supplier: str | None, leader: str | None) -> Locality:
    here, there = _city(supplier), _city(leader)
    if here is None or there is None:
        return Locality.UNKNOWN
    if here == there:
        return _same_county(supplier, leader, here) if scope is Scope.COUNTY else Locality.LOCAL
    circle = circle_of(here) if scope is Scope.CIRCLE else None
    return Locality.LOCAL if circle is not None and circle == circle_of(there) else Locality.OUTSIDE


def _same_county(supplier: str | None, leader: str | None, city: str) -> Locality:
    if supplier == leader and supplier != city:
        return Locality.LOCAL
    return Locality.UNKNOWN if city in (supplier, leader) else Locality.OUTSIDE


def _within_reach(supplier: str | None, leader: str | None, radius_km: int | None) -> Locality:
    """By the nearest and the farthest counties that the two may be in: local only if all of them are near enough."""
    if radius_km is None:
        raise ValueError("scope radius needs the kilometres")
    reach = None if supplier is None or leader is None else _reach(supplier, leader)
    if reach is None or reach[0] <= radius_km < reach[1]:
        return Locality.UNKNOWN
    return Locality.LOCAL if reach[1] <= radius_km else Locality.OUTSIDE


@lru_cache(maxsize=1 << 17)
def _reach(here: str, there: str) -> tuple[float, float] | None:
    """Kilometres between the nearest and between the farthest counties of two regions; None where none is known."""
    pairs = (distance_km(one, other) for one, other in product(_counties(here), _counties(there)))
    known = [kilometres for kilometres in pairs if kilometres is not None]
    return (min(known), max(known)) if known else None


def _counties(region: str) -> tuple[str, ...]:
    """The counties inside a region; the region itself where it is one, or has none."""
    return _counties_by_region().get(region, (region,))


@cache
def _counties_by_region() -> dict[str, tuple[str, ...]]:
    """By the codes of provinces and cities."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, row in all_regions().items():
        if row.level == COUNTY:
            for above in {province_of(code), city_of(code) or code} - {code}:
                found[above].append(code)
    return {region: tuple(counties) for region, counties in found.items()}


def _city(region: str | None) -> str | None:
    return None if region is None else city_of(region)
