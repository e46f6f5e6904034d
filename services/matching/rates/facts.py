"""What a rate is computed from, read out of the mirror for one actor: ledger, groups, and what is left out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, func, inspect, or_, select, true
from sqlmodel import Session

from services.matching.engine.locality import Anchor
from services.matching.mirror.service import (
    MirrorCluster,
    MirrorEnterprise,
    MirrorNeed,
    MirrorProduct,
    MirrorPurchase,
)
from services.matching.rates.definition import Period
from services.matching.rates.ledger import Ledger, Need, PartKey, Product
from services.matching.rates.rules import Bought
from services.matching.runs.freeze.keys import line_key, party_key
from shared.codes.regions import city_of, short_name
from shared.security.actor import Actor, Role
from shared.text.normalise import normalise

PRODUCT = inspect(MirrorProduct).columns
NEED = inspect(MirrorNeed).columns
PURCHASE = inspect(MirrorPurchase).columns
ENTERPRISE = inspect(MirrorEnterprise).columns


@dataclass(frozen=True)
class Group:
    """What a row of rates is about. `id` is the entity's where it is one; `target` a fraction of 1."""

    key: str | None
    name: str
    id: UUID | None = None
    target: Decimal | None = None


@dataclass(frozen=True)
class Groups:
    """The groups of one product."""

    product: Group
    cluster: Group
    leader: Group
    city: Group


@dataclass(frozen=True)
class Facts:
    """The ledger of the leaders concerned, and the groups of the products (by code) that the actor may see.

    `memberships` are enterprises' clusters (codes); `coarse` is 元 booked for a year only, which a quarter cannot
    count; `unnamed` counts purchases without supplier.
    """

    ledger: Ledger
    groups: Mapping[str, Groups] = field(default_factory=dict)
    memberships: Mapping[UUID, tuple[str, ...]] = field(default_factory=dict)
    coarse: Decimal = Decimal(0)
    unnamed: int = 0


def visible(actor: Actor) -> ColumnElement[bool]:
    """The products whose rates `actor` may read: a leader its own, an organisation its clusters', a supplier none."""
    if actor.sees_everything:
        return true()
    if actor.role is Role.CHAIN_LEADER and actor.enterprise_id is not None:
        return PRODUCT.leader_id == actor.enterprise_id
    if actor.role is Role.CLUSTER_ORGANISATION:
        return PRODUCT.cluster_id.in_(actor.cluster_ids)
    return false()


def read_facts(session: Session, actor: Actor, period: Period, home_province: str) -> Facts:
    """Read what the actor's rates of `period` need; purchases come summed by part, supplier and exclusion."""
    clusters = {row.id: row for row in session.execute(select(MirrorCluster)).scalars()}
    rows = _products(session, actor)
    products = {row.code: _product(row, clusters, home_province) for row in rows}
    memberships = _memberships(clusters)
    bought = _purchases(session, actor, period, memberships)
    return Facts(
        ledger=Ledger(products, _needs(session, actor), bought),
        groups={row.code: _groups(row, clusters) for row in rows if row.seen},
        memberships=memberships,
        coarse=_coarse(session, actor, period),
        unnamed=sum(1 for part in bought.values() for one in part if one.supplier is None),
    )


def newest_year(session: Session) -> Period | None:
    """The newest year with purchases; None without any."""
    newest = session.execute(select(func.max(func.left(PURCHASE.period, 4)))).scalar_one()
    return None if newest is None else Period(int(newest))


def _leaders(actor: Actor) -> Any:
    """The leaders of the visible products: a part is shared by all products of its leader, seen or not."""
    return select(PRODUCT.leader_id).where(visible(actor), PRODUCT.leader_id.is_not(None)).correlate(None)


def _concerned(actor: Actor) -> ColumnElement[bool]:
    return or_(visible(actor), PRODUCT.leader_id.in_(_leaders(actor)))


def _products(session: Session, actor: Actor) -> list[Row[Any]]:
    statement = (
        select(
            PRODUCT.id,
            PRODUCT.code,
            PRODUCT.name,
            PRODUCT.leader_id,
            PRODUCT.cluster_id,
            visible(actor).label("seen"),
            ENTERPRISE.name.label("leader_name"),
            ENTERPRISE.region.label("leader_region"),
        )
        .outerjoin(MirrorEnterprise, ENTERPRISE.id == PRODUCT.leader_id)
        .where(_concerned(actor))
        .order_by(PRODUCT.code)
    )
    return list(session.execute(statement))


def _product(row: Row[Any], clusters: Mapping[UUID, MirrorCluster], home_province: str) -> Product:
    cluster = clusters.get(row.cluster_id)
    leader = None if row.leader_id is None else str(row.leader_id)
    if cluster is None:
        return Product(row.code, Anchor(row.leader_region, home_province=home_province), leader)
    anchor = Anchor(row.leader_region, tuple(cluster.cities), cluster.code, home_province)
    return Product(row.code, anchor, leader)


def _groups(row: Row[Any], clusters: Mapping[UUID, MirrorCluster]) -> Groups:
    cluster, region = clusters.get(row.cluster_id), row.leader_region
    city = None if region is None else city_of(region)
    target = None if cluster is None else cluster.target
    return Groups(
        product=Group(row.code, row.name, row.id, target),
        cluster=Group(None, "未归入集群") if cluster is None else Group(cluster.code, cluster.name, cluster.id, target),
        leader=Group(None, "未指明链主")
        if row.leader_id is None
        else Group(str(row.leader_id), row.leader_name or "名称不明", row.leader_id),
        city=Group(None, "所在城市不明") if city is None else Group(city, short_name(city)),
    )


def _needs(session: Session, actor: Actor) -> list[Need]:
    statement = (
        select(
            PRODUCT.code,
            NEED.part_code,
            NEED.annual_quantity,
            NEED.unit,
            NEED.unit_price,
        )
        .join(MirrorProduct, PRODUCT.id == NEED.product_id)
        .where(_concerned(actor))
        .order_by(PRODUCT.code, NEED.part_code)
    )
    return [
        Need(line_key(row.code, row.part_code), row.code, row.part_code, row.annual_quantity, row.unit, row.unit_price)
        for row in session.execute(statement)
    ]


def _memberships(clusters: Mapping[UUID, MirrorCluster]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for cluster in sorted(clusters.values(), key=lambda row: row.code):
        for member in cluster.member_ids:
            found[UUID(member)].append(cluster.code)
    return {member: tuple(codes) for member, codes in found.items()}


def _purchases(
    session: Session, actor: Actor, period: Period, memberships: Mapping[UUID, tuple[str, ...]]
) -> dict[PartKey, list[Bought]]:
    excluded = or_(PURCHASE.related_party, PURCHASE.toll_processing, PURCHASE.energy_water)
    by = (
        PURCHASE.leader_id,
        PURCHASE.part_code,
        PURCHASE.supplier_id,
        PURCHASE.supplier_name,
        PURCHASE.supplier_region,
        excluded.label("excluded"),
    )
    statement = (
        select(*by, func.sum(PURCHASE.amount).label("amount"))
        .where(PURCHASE.period.in_(period.spellings), PURCHASE.leader_id.in_(_leaders(actor)))
        .group_by(*by)
        .order_by(*by)
    )
    suppliers = _suppliers(session)
    found: dict[PartKey, list[Bought]] = defaultdict(list)
    for row in session.execute(statement):
        found[str(row.leader_id), row.part_code].append(_bought(row, suppliers.get(row.supplier_id), memberships))
    return dict(found)


def _suppliers(session: Session) -> dict[UUID, MirrorEnterprise]:
    named = select(PURCHASE.supplier_id).where(PURCHASE.supplier_id.is_not(None))
    statement = select(MirrorEnterprise).where(ENTERPRISE.id.in_(named))
    return {row.id: row for row in session.execute(statement).scalars()}


def _bought(row: Row[Any], supplier: MirrorEnterprise | None, memberships: Mapping[UUID, tuple[str, ...]]) -> Bought:
    """A registered supplier has its own region, whatever the ledger says; another the one that the ledger names."""
    if supplier is None:
        name = None if row.supplier_name is None else f"name:{normalise(row.supplier_name)}"
        return Bought(name, row.amount, row.supplier_region, (), row.excluded)
    clusters = memberships.get(supplier.id, ())
    return Bought(party_key(supplier), row.amount, supplier.region, clusters, row.excluded)


def _coarse(session: Session, actor: Actor, period: Period) -> Decimal:
    if period.quarter is None:
        return Decimal(0)
    statement = select(func.coalesce(func.sum(PURCHASE.amount), 0)).where(
        PURCHASE.period == str(period.year), PURCHASE.leader_id.in_(_leaders(actor))
    )
    return Decimal(session.execute(statement).scalar_one())
