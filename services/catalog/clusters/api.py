"""Routes of clusters."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.catalog.clusters import members, service
from services.catalog.clusters.rules import Tier
from services.catalog.clusters.schemas import CityOut, ClusterFilters, ClusterOut, MemberOut, Review, TierOut
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf, page_response
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.http.times import Day
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["集群"])


Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]


async def read_filters(
    tier: Tier | None = None,
    city: Annotated[str | None, Query(pattern=r"^\d{6}$", description="所含城市的行政区划代码")] = None,
    due_by: Annotated[Day | None, Query(description="在这一天之前（含）须重新评估")] = None,
) -> ClusterFilters:
    """The conditions of the list; all that are given hold together."""
    return ClusterFilters(tier=tier, city=city, due_by=due_by)


@router.get("/clusters", response_model=PageOf[ClusterOut], summary="集群列表")
def list_clusters(
    session: DbSession,
    actor: CurrentActor,
    filters: Annotated[ClusterFilters, Depends(read_filters)],
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """Clusters with their cities and members, by code."""
    return page_response(session, service.page(session, actor, filters, after, limit))


@router.get("/clusters/tiers", response_model=list[TierOut], summary="“3830”各层级的目标数与现有数")
def list_tiers(session: DbSession, actor: CurrentActor) -> Response:
    """The tiers of the gradient, with the clusters that the caller sees."""
    return json_response(service.tiers(session, actor))


@router.get("/clusters/{id}", response_model=ClusterOut, summary="一个集群")
def get_cluster(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One cluster, with its version as ETag."""
    cluster = service.get(session, actor, id)
    return json_response(cluster, headers={"ETag": etag(cluster["version"])})


@router.post(
    "/clusters/{id}/review",
    response_model=ClusterOut,
    summary="记录集群的评估结果",
    responses=documented(404, 412, 428),
)
def review_cluster(session: DbSession, actor: Reviewer, id: UUID, body: Review, version: IfMatch) -> Response:
    """The tier that a review found; the next one is due three years later."""
    cluster = service.review(session, actor, id, version, body)
    return json_response(cluster, headers={"ETag": etag(cluster["version"])})


@router.get("/clusters/{id}/members", response_model=PageOf[MemberOut], summary="集群成员")
def list_cluster_members(
    session: DbSession, actor: CurrentActor, id: UUID, after: After = None, limit: Limit = 100
) -> Response:
    """Who belongs to a cluster, and whether it is in one of the cluster's cities."""
    return page_response(session, members.page(session, actor, id, after, limit))


@router.get("/clusters/{id}/cities", response_model=list[CityOut], summary="集群成员的城市分布")
def list_cities(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """How many members are in each city, the cluster's own cities first."""
    return json_response(members.by_city(session, actor, id))


@router.get("/cluster-members/{id}", response_model=MemberOut, summary="一个集群成员")
def get_cluster_member(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One membership, with its version as ETag."""
    member = members.get(session, actor, id)
    return json_response(member, headers={"ETag": etag(member["version"])})
