"""What of the mirror one pair is judged by: a need, its leader's purchases of the part, and a supplier with its offers.

A snapshot of it tells the pair as a run of today would see it, without reading the whole catalog.
"""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select, true
from sqlmodel import Session

from services.matching.mirror.service import (
    Catalogue,
    MirrorCapability,
    MirrorCertificate,
    MirrorCluster,
    MirrorEnterprise,
    MirrorNeed,
    MirrorPreference,
    MirrorProduct,
    MirrorPurchase,
    MirrorRelation,
    MirrorTitle,
)
from shared.db.upserts import among, sql_table

Row = TypeVar("Row")

CAPABILITY, CERTIFICATE, CLUSTER, ENTERPRISE, PREFERENCE, PRODUCT, PURCHASE, RELATION, TITLE = (
    sql_table(model).c
    for model in (
        MirrorCapability,
        MirrorCertificate,
        MirrorCluster,
        MirrorEnterprise,
        MirrorPreference,
        MirrorProduct,
        MirrorPurchase,
        MirrorRelation,
        MirrorTitle,
    )
)
_PARTY_KEY = func.coalesce(
    ENTERPRISE.credit_code, "key:" + func.coalesce(ENTERPRISE.source_key, cast(ENTERPRISE.id, Text))
)
"""`keys.party_key`, as the database says it."""


def catalogue_around(session: Session, need: MirrorNeed, supplier: UUID, parties: Collection[str]) -> Catalogue:
    """As `mirror.service.catalogue`, with no other need than this one, and the offers of `supplier` and of `parties`.

    `parties` are the natural keys of the firms at which something of the line is approved.
    """
    purchases = _all(session, MirrorPurchase, _telling(need, supplier))
    named = {supplier, need.leader_id, *(row.supplier_id for row in purchases)} - {None}
    approved = set(session.execute(select(ENTERPRISE.id).where(among(_PARTY_KEY, parties))).scalars())
    return Catalogue(
        enterprises=_all(session, MirrorEnterprise, among(ENTERPRISE.id, named | approved)),
        certificates=_all(session, MirrorCertificate, CERTIFICATE.enterprise_id == supplier),
        titles=_all(session, MirrorTitle, TITLE.enterprise_id == supplier),
        relations=_all(session, MirrorRelation, true()),
        preferences=_all(session, MirrorPreference, PREFERENCE.leader_id == need.leader_id),
        clusters=_all(session, MirrorCluster, true()),
        products=_all(session, MirrorProduct, PRODUCT.id == need.product_id),
        needs=[need],
        purchases=purchases,
        capabilities=_all(session, MirrorCapability, among(CAPABILITY.supplier_id, {supplier, *approved})),
    )


def _telling(need: MirrorNeed, supplier: UUID) -> ColumnElement[bool]:
    """The leader's purchases of the part, what the supplier sold, and one that tells which year is the newest."""
    newest = select(PURCHASE.id).order_by(PURCHASE.period.desc()).limit(1).scalar_subquery()
    of_part = and_(PURCHASE.leader_id == need.leader_id, PURCHASE.part_code == need.part_code)
    return or_(of_part, PURCHASE.supplier_id == supplier, PURCHASE.id == newest)


def _all(session: Session, table: type[Row], condition: ColumnElement[bool]) -> list[Row]:
    return list(session.execute(select(table).where(condition)).scalars())
