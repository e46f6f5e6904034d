"""Routes of clusters."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.catalog.clusters import service
from services.catalog.clusters.schemas import ClusterOut
from shared.http.auth import CurrentActor
from shared.http.etag import etag
from shared.http.paging import After, Limit, PageOf
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1/clusters", tags=["集群"])


@router.get("", response_model=PageOf[ClusterOut], summary="集群列表")
def list_clusters(session: DbSession, actor: CurrentActor, after: After = None, limit: Limit = 100) -> Response:
    """Clusters with their cities and members, by code."""
    return json_response(service.page(session, actor, after, limit))


@router.get("/{id}", response_model=ClusterOut, summary="一个集群")
def get_cluster(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One cluster, with its version as ETag."""
    cluster = service.get(session, actor, id)
    return json_response(cluster, headers={"ETag": etag(cluster["version"])})
