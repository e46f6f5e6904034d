"""Routes of records that mean one enterprise: merge two of them, read the names that one went by."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.catalog.enterprises import aliases
from services.catalog.registration.merging import merge
from services.catalog.registration.schemas import AliasOut, MergeRequest, MergeResult
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["企业"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]


@router.post(
    "/enterprises/{id}/mergers",
    response_model=MergeResult,
    summary="把另一条记录并入这家企业",
    responses=documented(404, 409, 412, 428),
)
def merge_enterprise(session: DbSession, actor: Reviewer, id: UUID, body: MergeRequest, version: IfMatch) -> Response:
    """Move what belongs to another record of the same enterprise here; that record is retired, its names are kept."""
    return json_response(merge(session, actor, id, version, body))


@router.get(
    "/enterprises/{id}/aliases",
    response_model=list[AliasOut],
    summary="企业的曾用名与并入的记录",
    responses=documented(404),
)
def list_aliases(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """The names that an enterprise went by, oldest first; for whoever sees all of it."""
    return json_response(aliases.of_enterprise(session, actor, id))
