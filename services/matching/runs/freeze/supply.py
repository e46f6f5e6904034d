"""The supply side of a snapshot: suppliers, their certificates and capabilities, clusters."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from services.matching.engine.snapshot import Capability, Certificate, Cluster, Supplier
from services.matching.mirror.service import (
    Catalogue,
    MirrorCapability,
    MirrorCertificate,
    MirrorCluster,
    MirrorEnterprise,
    MirrorTitle,
)
from services.matching.runs.freeze.keys import PRICE, QUANTITY, capability_key, floored, party_key, scaled
from services.matching.runs.freeze.nodes import offered_nodes, parameters_in

YUAN = {"元": 1, "万元": 10_000}
"""Capacity units that are money."""

Positions = Mapping[UUID, int]


def supplying(catalogue: Catalogue) -> list[MirrorEnterprise]:
    """Whoever may supply, or did: by role, by a capability, or by a purchase. In the order of their keys."""
    named = {row.supplier_id for row in catalogue.capabilities} | {row.supplier_id for row in catalogue.purchases}
    found = [row for row in catalogue.enterprises if row.is_supplier or row.id in named]
    return sorted(found, key=party_key)


def suppliers(catalogue: Catalogue, enterprises: list[MirrorEnterprise], as_of: date) -> list[Supplier]:
    """The suppliers' table. Known to a leader is who appears in any purchase; titles are those held at the day."""
    memberships = cluster_keys(catalogue)
    known = {row.supplier_id for row in catalogue.purchases}
    held = titles(catalogue.titles, as_of)
    return [
        Supplier(
            key=party_key(row),
            id=str(row.id),
            name=row.name,
            region=row.region,
            status=row.status,
            known=row.id in known,
            cluster_keys=memberships.get(row.id, ()),
            titles=held.get(row.id, ()),
        )
        for row in enterprises
    ]


def titles(rows: list[MirrorTitle], as_of: date) -> dict[UUID, tuple[str, ...]]:
    """The titles (codes, sorted) that each enterprise holds at a day; one without a last day is held for good."""
    held: dict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        if (row.issued or as_of) <= as_of <= (row.expires or as_of):
            held[row.enterprise_id].add(row.title)
    return {holder: tuple(sorted(codes)) for holder, codes in held.items()}


def cluster_keys(catalogue: Catalogue) -> dict[UUID, tuple[str, ...]]:
    """The clusters (codes, sorted) of which each enterprise is a member."""
    memberships: dict[UUID, tuple[str, ...]] = {}
    for cluster in sorted(catalogue.clusters, key=lambda row: row.code):
        for member in cluster.member_ids:
            memberships[UUID(member)] = (*memberships.get(UUID(member), ()), cluster.code)
    return memberships


def clusters(rows: list[MirrorCluster]) -> list[Cluster]:
    """The clusters' table, of rows in the order of their codes."""
    return [
        Cluster(
            key=row.code,
            id=str(row.id),
            name=row.name,
            target=floored(row.target * PRICE),
            cities=tuple(sorted(row.cities)),
        )
        for row in rows
    ]


def certificates(rows: list[MirrorCertificate], position: Positions) -> list[Certificate]:
    """The certificates of the suppliers in the snapshot."""
    found = [
        Certificate(
            supplier=position[row.enterprise_id],
            scheme=row.scheme,
            number=row.number,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            trust=row.trust,
            sites=tuple(sorted(row.sites)),
            suspended_on=row.suspended_on,
        )
        for row in rows
        if row.enterprise_id in position
    ]
    return sorted(found, key=lambda row: (row.supplier, row.scheme, row.valid_until, row.number))


def offered(catalogue: Catalogue, position: Positions) -> list[MirrorCapability]:
    """The capabilities in the order of their natural keys; one whose supplier is gone offers nothing."""
    found = [row for row in catalogue.capabilities if row.supplier_id in position]
    return sorted(found, key=lambda row: (position[row.supplier_id], row.code))


def capabilities(rows: list[MirrorCapability], position: Positions, parties: list[Supplier]) -> list[Capability]:
    """The capabilities' table."""
    return [_capability(row, position[row.supplier_id], parties[position[row.supplier_id]].key) for row in rows]


def _capability(row: MirrorCapability, supplier: int, supplier_key: str) -> Capability:
    yuan, units = _capacity(row)
    parameters = parameters_in(row.parameters)
    return Capability(
        key=capability_key(supplier_key, row.code),
        id=str(row.id),
        supplier=supplier,
        name=row.name,
        text=row.text,
        class_code=row.class_code,
        parameters=(*parameters, *offered_nodes(row.processes, row.materials, parameters)),
        capacity_yuan=yuan,
        capacity_units=units,
        unit=None if row.capacity_unit in YUAN else row.capacity_unit,
        unit_price=scaled(row.unit_price, PRICE),
        moq=scaled(row.moq, QUANTITY),
        lead_time_days=row.lead_time_days,
    )


def _capacity(row: MirrorCapability) -> tuple[int | None, int | None]:
    """Spare capacity in 元, or in 1/1000 units, or neither where it is not stated."""
    if row.spare_capacity is None:
        return None, None
    if row.capacity_unit in YUAN:
        return floored(row.spare_capacity * YUAN[row.capacity_unit]), None
    return None, floored(row.spare_capacity * QUANTITY)
