"""Use cases of clusters and their members: write in bulk, review, find, list.

Only reviewers write them: who belongs to a cluster decides what its promotion organisation sees, so that no
organisation may add a firm to its own, and no leader put itself into one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, MetaData, Select, Table, any_, false, func, literal, select, true, update
from sqlmodel import Session

from services.catalog.clusters.models import Cluster, ClusterMember
from services.catalog.clusters.rules import PLACES, TIER_NAMES, Tier, next_review
from services.catalog.clusters.schemas import ClusterFilters, ClusterLabel, ClusterMemberWrite, ClusterWrite, Review
from services.catalog.feed import service as feed
from services.catalog.history import service as history
from shared.codes.regions import short_name
from shared.contracts.v1 import ClusterV1
from shared.db.acting import beyond
from shared.db.upserts import Outcome, Row, among, sql_table, upsert, write
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import forbidden, not_found, precondition_failed
from shared.security.actor import Actor, Role

_TABLE = sql_table(Cluster)
_MEMBERS = sql_table(ClusterMember)
_NAMES = Table("cluster_names", MetaData(), *(Column(name, _TABLE.c[name].type) for name in ("id", "code", "name")))
"""The view of what clusters are called, for whoever sees a row that refers to one (migration 0013)."""


def visible(actor: Actor) -> ColumnElement[bool]:
    """The clusters that an actor may see: all, its own, or those that its enterprise belongs to."""
    if actor.sees_everything:
        return true()
    if actor.role is Role.CLUSTER_ORGANISATION:
        return among(_TABLE.c.id, actor.cluster_ids)
    if actor.enterprise_id is None:
        return false()
    own = select(_MEMBERS.c.cluster_id).where(_MEMBERS.c.enterprise_id == actor.enterprise_id)
    return _TABLE.c.id.in_(own)


def visible_members(actor: Actor) -> ColumnElement[bool]:
    """The memberships that an actor may see: all of the clusters that it sees, and an enterprise only its own."""
    if actor.enterprise_id is not None:
        return _MEMBERS.c.enterprise_id == actor.enterprise_id
    return _MEMBERS.c.cluster_id.in_(select(_TABLE.c.id).where(visible(actor)))


def members_of(cluster_ids: Iterable[UUID]) -> Select[tuple[UUID]]:
    """The ids of the enterprises that belong to any of the clusters, as a subquery."""
    return select(_MEMBERS.c.enterprise_id).where(among(_MEMBERS.c.cluster_id, cluster_ids))


def by_codes(session: Session, codes: Collection[str]) -> dict[str, UUID]:
    """The ids of clusters by code; a code of none is absent. One query."""
    rows = session.execute(select(_TABLE.c.code, _TABLE.c.id).where(among(_TABLE.c.code, codes)))
    return {row.code: row.id for row in rows}


def name_of(id: ColumnElement[Any]) -> ColumnElement[str]:
    """The name of the cluster that a row refers to; NULL where it refers to none."""
    return select(_NAMES.c.name).where(_NAMES.c.id == id).scalar_subquery()


def labels(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, ClusterLabel]:
    """Codes and names by id, for the lists of other features; one query."""
    wanted = {each for each in ids if each is not None}
    rows = session.execute(select(_NAMES).where(among(_NAMES.c.id, wanted)))
    return {row.id: ClusterLabel(code=row.code, name=row.name) for row in rows}


def upsert_clusters(session: Session, actor: Actor, rows: Sequence[ClusterWrite]) -> list[Outcome]:
    """Create or change clusters by code; the caller commits."""
    _require_reviewer(actor)
    feed.take_turn(session)
    history.sign(session, actor)
    written = upsert(session, Cluster, ("code",), [row.model_dump(exclude_unset=True) for row in rows])
    publish(session, written.rows)
    return written.outcomes


def upsert_cluster_members(session: Session, actor: Actor, rows: Sequence[ClusterMemberWrite]) -> list[Outcome]:
    """Add members to clusters; each outcome has the membership's id. The caller commits."""
    _require_reviewer(actor)
    feed.take_turn(session)
    history.sign(session, actor)
    written = upsert(session, ClusterMember, ("cluster_id", "enterprise_id"), [row.model_dump() for row in rows])
    retell(session, written.rows)
    return written.outcomes


def retell(session: Session, memberships: Sequence[Row]) -> None:
    """Tell the feed of the clusters of memberships that came or went, each as a new version with all its members."""
    if not memberships:
        return
    changed = update(_TABLE).where(among(_TABLE.c.id, {row["cluster_id"] for row in memberships}))
    changed = changed.values(version=_TABLE.c.version + 1, updated_at=func.now())
    publish(session, [dict(row) for row in session.execute(changed.returning(_TABLE)).mappings()])


def review(session: Session, actor: Actor, id: UUID, version: int, found: Review) -> Row:
    """Note a review of a cluster as it was at `version`: its tier from now on, and when it is due again. Commits.

    404 where there is no such cluster, 412 when somebody changed it since.
    """
    _require_reviewer(actor)
    feed.take_turn(session)
    history.sign(session, actor, reason=found.reason)
    before = session.execute(select(_TABLE).where(_TABLE.c.id == id)).mappings().first()
    if before is None:
        raise not_found("集群", id)
    if before["version"] != version:
        raise precondition_failed()
    values = {"tier": found.tier.value, "next_review": next_review(found.on)}
    publish(session, write(session, Cluster, [values], [dict(before)]).rows)
    reviewed = get(session, actor, id)
    session.commit()
    return reviewed


def tiers(session: Session, actor: Actor) -> list[Row]:
    """The tiers of the gradient: how many clusters each has room for, and how many that the actor sees are in it."""
    counted = select(_TABLE.c.tier, func.count().label("clusters")).where(visible(actor)).group_by(_TABLE.c.tier)
    found = {row.tier: row.clusters for row in session.execute(counted)}
    return [
        {"tier": tier.value, "name": TIER_NAMES[tier], "places": PLACES[tier], "clusters": found.get(tier.value, 0)}
        for tier in Tier
    ]


def joined(session: Session, enterprise_id: UUID) -> set[UUID]:
    """The ids of the clusters that an enterprise belongs to; one query."""
    wanted = select(_MEMBERS.c.cluster_id).where(_MEMBERS.c.enterprise_id == enterprise_id)
    return set(session.execute(wanted).scalars())


def page(session: Session, actor: Actor, filters: ClusterFilters, after: str | None, limit: int) -> Page:
    """A page of the clusters that the actor sees, by code."""
    seen = select(_TABLE).where(visible(actor), *_conditions(filters))
    statement = keyset(seen, [_TABLE.c.code], after, limit)
    rows = session.execute(statement).mappings().all()
    shown = _shown(session, actor, rows)
    return page_of(shown, limit, key=lambda row: [row["code"]], item=dict)


def get(session: Session, actor: Actor, id: UUID) -> Row:
    """One cluster; 404 where the actor may not see it."""
    rows = session.execute(select(_TABLE).where(visible(actor), _TABLE.c.id == id)).mappings().all()
    if not rows:
        raise not_found("集群", id)
    return _shown(session, actor, rows)[0]


def _require_reviewer(actor: Actor) -> None:
    if actor.role is not Role.REVIEWER:
        raise forbidden("只有审核员可以登记或修改集群。")


def _conditions(filters: ClusterFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.tier is not None:
        found.append(_TABLE.c.tier == filters.tier.value)
    if filters.city is not None:
        found.append(literal(filters.city) == any_(_TABLE.c.cities))
    if filters.due_by is not None:
        found.append(_TABLE.c.next_review <= filters.due_by)
    return found


def publish(session: Session, rows: Sequence[Row]) -> None:
    """Tell the feed of clusters as they are now, with all of their members."""
    members = _members(session, [row["id"] for row in rows])
    feed.record(session, [ClusterV1.model_validate({**row, "member_ids": members[row["id"]]}) for row in rows])


def _members(session: Session, cluster_ids: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """The members of each cluster, in order of their ids; one query."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    columns = (_MEMBERS.c.cluster_id, _MEMBERS.c.enterprise_id)
    wanted = select(*columns).where(among(_MEMBERS.c.cluster_id, cluster_ids)).order_by(*columns)
    for cluster, enterprise in session.execute(wanted):
        found[cluster].append(enterprise)
    return found


def _shown(session: Session, actor: Actor, rows: Sequence[Any]) -> list[Row]:
    """Clusters with their members: an enterprise finds itself there, and how many there are."""
    with beyond(session):
        members = _members(session, [row["id"] for row in rows])
    return [
        {
            **row,
            "member_ids": [each for each in members[row["id"]] if _may_see(actor, each)],
            "members": len(members[row["id"]]),
            "city_names": [short_name(city) for city in row["cities"]],
        }
        for row in rows
    ]


def _may_see(actor: Actor, member: UUID) -> bool:
    return actor.enterprise_id is None or actor.enterprise_id == member
