"""What the rules and the score look up in a snapshot, prepared once: anchors, certificates, supplies, units."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from services.matching.engine.judgement.proof import passed_over
from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Policy, Weights
from services.matching.engine.snapshot import (
    PIECES_PER_YUAN,
    Capability,
    Certificate,
    Cluster,
    Line,
    Product,
    Snapshot,
    Supplier,
)
from shared.codes.regions import distance_km
from shared.codes.units import UnknownUnit, convertible, find_unit

FULL_SCORE = 1000


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and a capability that is tried for it, with the positions of both and all that hangs on them."""

    line_position: int
    capability_position: int
    line: Line
    product: Product
    cluster: Cluster | None
    capability: Capability
    supplier: Supplier


@dataclass(frozen=True)
class Facts:
    """The snapshot under a policy, with look-ups. Built by `gather`.

    `existing[line, supplier]` is the 元 a year that the supplier already has of the line, bought or approved;
    `points` are the policy's weights, scaled down where they add up to more than 1000. `certificates` are those that
    count, by supplier; `passed_over` the others, each with the reason why it does not.
    """

    snapshot: Snapshot
    policy: Policy
    anchors: list[Anchor]
    certificates: list[list[Certificate]]
    existing: dict[tuple[int, int], int]
    related: frozenset[tuple[str | None, int]]
    rejected: dict[tuple[int, int], str]
    passed_over: list[list[tuple[Certificate, str]]]
    blacklisted: dict[tuple[int, int], str]
    preferred: frozenset[tuple[int, int]]
    points: dict[str, float]

    def pair(self, line: int, capability: int) -> Pair:
        """The pair of the line and the capability at these positions."""
        row, offer = self.snapshot.lines[line], self.snapshot.capabilities[capability]
        product = self.snapshot.products[row.product]
        cluster = None if product.cluster is None else self.snapshot.clusters[product.cluster]
        return Pair(line, capability, row, product, cluster, offer, self.snapshot.suppliers[offer.supplier])

    def existing_amount(self, pair: Pair) -> int:
        """What the pair's supplier already has of the pair's line, in 元."""
        return self.existing.get((pair.line_position, pair.capability.supplier), 0)


def gather(snapshot: Snapshot, policy: Policy) -> Facts:
    """Prepare the look-ups."""
    certificates: list[list[Certificate]] = [[] for _ in snapshot.suppliers]
    aside: list[list[tuple[Certificate, str]]] = [[] for _ in snapshot.suppliers]
    for certificate in snapshot.certificates:
        why = passed_over(certificate, snapshot.suppliers[certificate.supplier], policy)
        if why:
            aside[certificate.supplier].append((certificate, why))
        else:
            certificates[certificate.supplier].append(certificate)
    leader_of_line = [snapshot.products[line.product].leader_key for line in snapshot.lines]
    return Facts(
        snapshot=snapshot,
        policy=policy,
        anchors=[anchor_of(product, snapshot.clusters, policy) for product in snapshot.products],
        certificates=certificates,
        existing=_existing(snapshot),
        related=frozenset((leader_of_line[row.line], row.supplier) for row in snapshot.incumbents if row.related),
        rejected={(row.line, row.supplier): row.reason for row in snapshot.exclusions},
        passed_over=aside,
        blacklisted={(row.line, row.supplier): row.reason for row in snapshot.preferences if row.blacklisted},
        preferred=frozenset((row.line, row.supplier) for row in snapshot.preferences if not row.blacklisted),
        points=points_of(policy.weights),
    )


def anchor_of(product: Product, clusters: list[Cluster], policy: Policy) -> Anchor:
    """Where local is measured from for a product."""
    cluster = None if product.cluster is None else clusters[product.cluster]
    return Anchor(
        leader_region=product.leader_region,
        cluster_cities=cluster.cities if cluster else (),
        cluster_key=cluster.key if cluster else None,
        home_province=policy.home_province,
        radius_km=policy.radius_km,
    )


def points_of(weights: Weights) -> dict[str, float]:
    """The points of each part, scaled down where they add up to more than 1000."""
    total = sum(points for _, points in weights)
    return {name: points * FULL_SCORE / max(FULL_SCORE, total) for name, points in weights}


def _existing(snapshot: Snapshot) -> dict[tuple[int, int], int]:
    bought = (((row.line, row.supplier), row.amount) for row in snapshot.incumbents)
    approved = (
        ((row.line, snapshot.capabilities[row.capability].supplier), row.amount) for row in snapshot.commitments
    )
    return _summed([*bought, *approved])


def _summed(amounts: Iterable[tuple[tuple[int, int], int]]) -> dict[tuple[int, int], int]:
    total: dict[tuple[int, int], int] = defaultdict(int)
    for key, amount in amounts:
        total[key] += amount
    return dict(total)


@cache
def unit_factor(a: str | None, b: str | None) -> Fraction | None:
    """How many `b` one `a` is; 1 where a unit is not told (nothing says that they differ); None: not convertible."""
    if a is None or b is None or a == b:
        return Fraction(1)
    try:
        one, other = find_unit(a), find_unit(b)
    except UnknownUnit:
        return None
    return Fraction(one.factor) / Fraction(other.factor) if convertible(one, other) else None


def pieces_per_yuan(line: Line, capability: Capability) -> Fraction | None:
    """1/1000 units of the capability that 1 元 of the line takes; None: no price is told, or the units do not fit."""
    factor = unit_factor(line.unit, capability.unit)
    return None if not line.unit_price or factor is None else factor * Fraction(PIECES_PER_YUAN, line.unit_price)


def distance(pair: Pair) -> float | None:
    """Kilometres between supplier and leader; None where one of them is not known well enough."""
    here, there = pair.supplier.region, pair.product.leader_region
    return None if here is None or there is None else kilometres(here, there)


@lru_cache(maxsize=1 << 16)
def kilometres(here: str, there: str) -> float | None:
    """`distance_km`, remembered."""
    return distance_km(here, there)
