"""The demand side of a snapshot: products, and lines with their spend split by origin and by supplier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.matching.engine.locality import Anchor, locality
from services.matching.engine.policy import Basis, Policy
from services.matching.engine.snapshot import CertificateAsked, Cluster, Incumbent, Line, Product
from services.matching.mirror.service import MirrorEnterprise, MirrorNeed, MirrorProduct, MirrorPurchase
from services.matching.rates.related import Kinship
from services.matching.rates.rules import Bought, Split, apportion, line_spend, origin_split
from services.matching.runs.freeze.keys import (
    PRICE,
    QUANTITY,
    floored,
    line_key,
    party_key,
    scaled,
)
from services.matching.runs.freeze.nodes import asked_nodes, parameters_in
from shared.contracts.v1 import CertificateRequirement

DEFAULT_TARGET = 5_000
"""50 %, for a product that belongs to no cluster."""


@dataclass(frozen=True)
class Ledger:
    """The purchases of the period by (leader, part), and whom each leader is related to: today, by any purchase, and at
    any time.
    """

    by_part: Mapping[tuple[UUID | None, str], Sequence[MirrorPurchase]]
    related: Mapping[UUID | None, frozenset[UUID]]
    kinship: Kinship

    def of(self, need: MirrorNeed) -> Sequence[MirrorPurchase]:
        """The purchases of the part that is needed, shared by all products of the leader that need it."""
        return self.by_part.get((need.leader_id, need.part_code), ())


@dataclass(frozen=True)
class Parties:
    """Who is who: enterprises by id, their clusters (keys), and the suppliers' positions."""

    enterprises: Mapping[UUID, MirrorEnterprise]
    clusters: Mapping[UUID, tuple[str, ...]]
    position: Mapping[UUID, int]


def products(
    rows: list[MirrorProduct],
    enterprises: Mapping[UUID, MirrorEnterprise],
    cluster_rows: Mapping[UUID, int],
    clusters: list[Cluster],
) -> list[Product]:
    """The products' table; a product's target is its cluster's."""
    found = []
    for row in rows:
        leader = None if row.leader_id is None else enterprises.get(row.leader_id)
        cluster = None if row.cluster_id is None else cluster_rows.get(row.cluster_id)
        found.append(
            Product(
                key=row.code,
                id=str(row.id),
                name=row.name,
                leader_key=None if leader is None else party_key(leader),
                leader_name=None if leader is None else leader.name,
                leader_region=None if leader is None else leader.region,
                cluster=cluster,
                target=DEFAULT_TARGET if cluster is None else clusters[cluster].target,
                leader_id=None if leader is None else str(leader.id),
            )
        )
    return found


def spend_of(need: MirrorNeed, basis: Basis) -> int:
    """A line's spend: quantity × unit price in whole 元, 0 without either; or 1 where lines are counted."""
    if basis is Basis.LINES:
        return 1
    return line_spend(need.annual_quantity, need.unit_price) or 0


def line(need: MirrorNeed, product: int, code: str, spend: int, split: Split, policy: Policy, as_of: date) -> Line:
    """A row of the lines' table, before anybody's decisions."""
    return Line(
        key=line_key(code, need.part_code),
        id=str(need.id),
        product=product,
        part_code=need.part_code,
        part_name=need.part_name,
        text=need.text,
        class_code=need.class_code,
        unit=need.unit,
        quantity=scaled(need.annual_quantity, QUANTITY),
        unit_price=scaled(need.unit_price, PRICE),
        spend=spend,
        excluded=split.excluded,
        local_now=split.local_now,
        committed=0,
        outside=split.outside,
        unknown=split.unknown,
        movable=_released(need.release_share, split.outside + split.unknown, policy.basis),
        certificates=_asked(need, as_of),
        parameters=(
            *parameters_in(need.parameters),
            *asked_nodes(need.processes, need.materials),
        ),
        lead_time_days=_days(need, as_of),
        max_moq=scaled(need.max_moq, QUANTITY),
        price_ceiling=scaled(need.price_ceiling, PRICE),
        distance_limit_km=need.distance_limit_km,
        supplier_cap=None if policy.basis is Basis.LINES else scaled(need.dual_source_cap, PRICE),
        needed_from=_still_to_come(need, as_of),
    )


def commit(row: Line, amount: int) -> Line:
    """`row` with `amount` ≤ outside + unknown moved to committed: outside first, out of what the leader releases."""
    from_outside = min(amount, row.outside)
    return replace(
        row,
        committed=row.committed + amount,
        outside=row.outside - from_outside,
        unknown=row.unknown - (amount - from_outside),
        movable=max(row.movable - amount, 0),
    )


def bought(rows: Iterable[MirrorPurchase], parties: Parties, kinship: Kinship) -> list[Bought]:
    """Purchases as the rates see them: a registered supplier's own region counts, not what the ledger says of it, and
    who was related to the leader then is so whatever the ledger says.
    """
    return [_bought(row, parties, kinship) for row in rows]


def split(spend: int, purchases: Sequence[Bought], anchor: Anchor, policy: Policy) -> Split:
    """A line's spend by origin as the policy's scope sees it.

    A line that counts one goes whole to one origin; it is excluded only where all of its purchases are.
    """
    if policy.basis is Basis.LINES:
        purchases = [item for item in purchases if not item.excluded] or purchases
    return origin_split(spend, purchases, lambda item: locality(policy.scope, item.region, item.clusters, anchor))


def incumbents(at: int, spend: int, need: MirrorNeed, ledger: Ledger, parties: Parties) -> list[Incumbent]:
    """Who supplies the line at position `at` now, by the shares of its purchases; and who is related to its leader,
    whether or not it supplies this line.
    """
    related = ledger.related.get(need.leader_id, frozenset())
    amounts = _shares(spend, ledger.of(need))
    registered = {supplier for supplier in amounts if supplier in parties.position}
    found = [
        Incumbent(at, parties.position[supplier], amounts.get(supplier, 0), supplier in related)
        for supplier in registered | (related & parties.position.keys())
    ]
    return sorted(found, key=lambda row: row.supplier)


def _shares(spend: int, rows: Sequence[MirrorPurchase]) -> dict[UUID, int]:
    """元 of the line by registered supplier, in proportion to what each net sold; unregistered ones share the rest."""
    sold: dict[UUID | None, Fraction] = {}
    for row in rows:
        sold[row.supplier_id] = sold.get(row.supplier_id, Fraction(0)) + Fraction(row.amount)
    positive = sorted(((key, amount) for key, amount in sold.items() if amount > 0), key=lambda item: str(item[0]))
    if not positive:
        return {}
    parts = apportion(spend, [amount for _, amount in positive])
    return {key: part for (key, _), part in zip(positive, parts, strict=True) if key is not None}


def _bought(row: MirrorPurchase, parties: Parties, kinship: Kinship) -> Bought:
    supplier = None if row.supplier_id is None else parties.enterprises.get(row.supplier_id)
    excluded = row.related_party or row.toll_processing or row.energy_water
    if supplier is None:
        return Bought(row.supplier_name, row.amount, row.supplier_region, (), excluded)
    clusters = parties.clusters.get(supplier.id, ())
    related = supplier.id in kinship.during(row.period).related(row.leader_id)
    return Bought(party_key(supplier), row.amount, supplier.region, clusters, excluded or related)


def _released(share: Decimal, amount: int, basis: Basis) -> int:
    """What the leader releases; a line that counts as one cannot be released in part."""
    if basis is Basis.LINES:
        return amount if share > 0 else 0
    return floored(share * amount)


def _asked(need: MirrorNeed, as_of: date) -> tuple[CertificateAsked, ...]:
    asked = [CertificateRequirement.model_validate(item) for item in need.certificates]
    begins = _still_to_come(need, as_of) or as_of
    return tuple(CertificateAsked(item.scheme, item.on_date or begins) for item in asked)


def _still_to_come(need: MirrorNeed, as_of: date) -> date | None:
    """The first day of delivery, where it lies ahead; a need that runs already does not wait for one."""
    begins = need.needed_from
    return begins if begins is not None and begins > as_of else None


def _days(need: MirrorNeed, as_of: date) -> int | None:
    """The longest lead time that serves: what is asked, and what is left until the first day of delivery."""
    begins = _still_to_come(need, as_of)
    limits = (need.lead_time_days, None if begins is None else (begins - as_of).days)
    return min((limit for limit in limits if limit is not None), default=None)
