"""Routes of the mirror."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.mirror import service
from services.matching.mirror.changes import What
from services.matching.mirror.schemas import MirrorStatus, SetAside, Tried
from shared.http.auth import require
from shared.http.paging import After, Limit, PageOf, page_of
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/mirror", tags=["mirror"])

Operator = Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE))]
Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]


@router.get("", response_model=MirrorStatus, summary="镜像：跟到哪里、滞后多久、有多少行、搁置了多少变更")
def get_mirror_status(session: DbSession, _: Operator) -> Response:
    """How far the mirror follows the catalog, and what it holds."""
    counts, aside = service.counts(session), service.set_aside_counts(session)
    return json_response(MirrorStatus.of(service.position(session), counts, aside, datetime.now(UTC)))


@router.get("/set-aside", response_model=PageOf[SetAside], summary="搁置的变更：未能采用的变更及原因")
def list_changes_set_aside(
    session: DbSession,
    _: Operator,
    what: Annotated[What | None, Query(description="只看这一类问题")] = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """The changes that could not be applied, oldest first."""
    rows = service.changes_set_aside(session, what, after, limit)
    return json_response(page_of(rows, limit, lambda row: [row.id], SetAside.of))


@router.post(
    "/set-aside/{change_id}/try", response_model=Tried, summary="再试一次搁置的变更", responses=documented(404)
)
def try_change_again(session: DbSession, _: Reviewer, change_id: UUID) -> Response:
    """Whether it could be applied now, or what is still wrong."""
    return json_response(Tried.of(service.try_again(session, change_id, datetime.now(UTC))))


@router.delete("/set-aside/{change_id}", status_code=204, summary="放弃搁置的变更", responses=documented(404))
def put_change_away(session: DbSession, actor: Reviewer, change_id: UUID) -> None:
    """Give the change up: it ends the alarm, and stays in the log."""
    service.put_away(session, change_id, actor)
