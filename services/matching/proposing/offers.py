"""Offers that somebody may propose for a need: found by words, those of the need's own trade first."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlmodel import Session

from services.matching.engine.judgement.sayings import say_place
from services.matching.mirror.service import MirrorCapability, MirrorCluster, MirrorEnterprise, MirrorNeed
from shared.db.acting import beyond
from shared.db.upserts import among, sql_table
from shared.security.actor import Actor, Role

MOST = 20
"""More are not to be chosen from: more words find fewer."""
BLOCK = 3
"""Digits of a class within which trades are near."""

FIRM, OFFER, CLUSTER = (sql_table(model).c for model in (MirrorEnterprise, MirrorCapability, MirrorCluster))


@dataclass(frozen=True)
class OfferFound:
    """A capability that may be proposed, and whose it is."""

    id: UUID
    name: str
    supplier_name: str
    place: str


def offers(session: Session, actor: Actor, need: MirrorNeed, words: str) -> list[OfferFound]:
    """Offers of verified firms whose name, or that of their firm, has the words; without words those of near trades.

    An organisation finds firms in its clusters' cities, and their members.
    """
    block = (need.class_code or "")[:BLOCK]
    near = OFFER.class_code.startswith(block, autoescape=True) if block else true()
    told = or_(*(each.icontains(words, autoescape=True) for each in (FIRM.name, OFFER.name, OFFER.text)))
    statement = (
        select(OFFER.id, OFFER.name, FIRM.name.label("supplier_name"), FIRM.region)
        .join(MirrorEnterprise, FIRM.id == OFFER.supplier_id)
        .where(FIRM.status == "verified", told if words else near)
        .order_by(near.desc(), FIRM.name, OFFER.code, OFFER.id)
        .limit(MOST)
    )
    with beyond(session):
        if actor.role is Role.CLUSTER_ORGANISATION:
            statement = statement.where(_of_clusters(session, actor))
        rows = session.execute(statement).all()
    return [OfferFound(row.id, row.name, row.supplier_name, say_place(row.region)) for row in rows]


def _of_clusters(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Firms that lie in a city of the actor's clusters, or are their members."""
    own = select(CLUSTER.cities, CLUSTER.member_ids).where(CLUSTER.id.in_(actor.cluster_ids))
    rows = session.execute(own).all()
    members = {UUID(member) for row in rows for member in row.member_ids}
    cities = {city[:4] for row in rows for city in row.cities}
    return or_(among(FIRM.id, members), *(FIRM.region.startswith(city) for city in sorted(cities)))
