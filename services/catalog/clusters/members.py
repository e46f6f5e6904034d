"""Who belongs to a cluster, and in which cities: members may be outside of the cities that the cluster names."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from services.catalog.clusters import service as clusters
from services.catalog.clusters.models import ClusterMember
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.schemas import Label
from shared.codes.regions import city_of, short_name
from shared.db.upserts import Row, sql_table
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor

_TABLE = sql_table(ClusterMember)


def page(session: Session, actor: Actor, cluster_id: UUID, after: str | None, limit: int) -> Page:
    """A page of a cluster's members that the actor sees, oldest first; 404 where it does not see the cluster."""
    cluster = clusters.get(session, actor, cluster_id)
    statement = select(_TABLE).where(_TABLE.c.cluster_id == cluster_id, clusters.visible_members(actor))
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    shown = _shown(session, rows, {cluster_id: cluster["cities"]})
    return page_of(shown, limit, key=lambda row: [row["id"]], item=dict)


def get(session: Session, actor: Actor, id: UUID) -> Row:
    """One membership; 404 where the actor may not see it."""
    found = session.execute(select(_TABLE).where(_TABLE.c.id == id, clusters.visible_members(actor)))
    rows = found.mappings().all()
    if not rows:
        raise not_found("集群成员", id)
    cluster_id = rows[0]["cluster_id"]
    return _shown(session, rows, {cluster_id: clusters.get(session, actor, cluster_id)["cities"]})[0]


def by_city(session: Session, actor: Actor, cluster_id: UUID) -> list[Row]:
    """How many of a cluster's members that the actor sees are in each city: its own cities first, then the others.

    A member whose city is not known counts under None. 404 where the actor does not see the cluster.
    """
    named = clusters.get(session, actor, cluster_id)["cities"]
    wanted = select(_TABLE.c.enterprise_id).where(_TABLE.c.cluster_id == cluster_id, clusters.visible_members(actor))
    firms = enterprises.labels(session, session.execute(wanted).scalars())
    counts = Counter(_city(firm.region) for firm in firms.values())
    others = sorted(city for city in counts if city and city not in named)
    cities: list[str | None] = [*named, *others, *([None] if None in counts else [])]
    return [
        {"city": city, "city_name": _name(city), "named": city in named, "members": counts[city]} for city in cities
    ]


def _shown(session: Session, rows: Any, cities: dict[UUID, list[str]]) -> list[Row]:
    firms = enterprises.labels(session, (row["enterprise_id"] for row in rows))
    return [{**row, **_of_firm(firms[row["enterprise_id"]], cities[row["cluster_id"]])} for row in rows]


def _of_firm(firm: Label, cities: list[str]) -> Row:
    city = _city(firm.region)
    return {
        "enterprise_name": firm.name,
        "credit_code": firm.credit_code,
        "region": firm.region,
        "city_name": _name(city),
        "in_cities": city in cities,
    }


def _city(region: str | None) -> str | None:
    return city_of(region) if region else None


def _name(city: str | None) -> str | None:
    return short_name(city) if city else None
