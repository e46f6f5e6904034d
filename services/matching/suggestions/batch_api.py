"""Routes of the review for many suggestions at once, all or none of them, and for who looks after which."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.matching.suggestions import service
from services.matching.suggestions.rules import REVIEWING, VERB_ZH, roles_of
from services.matching.suggestions.said import Assignment, AssignmentBatch, Batch
from services.matching.suggestions.schemas import (
    BatchOut,
    SuggestionOut,
)
from services.matching.suggestions.service import Asked, Item
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.problems import forbidden
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor

router = APIRouter(prefix="/matching/v1/suggestions", tags=["suggestions"])

Reviewer = Annotated[Actor, Depends(require(*sorted(REVIEWING)))]


@router.post("/batches", response_model=BatchOut, summary="整批处理：全部执行，或一条也不执行")
def decide_suggestions(session: DbSession, actor: CurrentActor, batch: Batch) -> Response:
    """Use one verb on all of these suggestions, each as it was read; a 409 names every one that stands against it."""
    if actor.role not in roles_of(batch.verb):
        raise forbidden(f"您的角色不能{VERB_ZH[batch.verb]}配套建议。")
    asked = Asked(batch.verb, batch.reason, until=batch.until)
    rows = service.decide_all(session, actor, batch.read(), asked, datetime.now(UTC))
    return json_response(BatchOut.of(rows, actor))


@router.post("/assignments", response_model=BatchOut, summary="整批指派给一位审核人，或取消指派")
def assign_suggestions(session: DbSession, actor: Reviewer, batch: AssignmentBatch) -> Response:
    """Give all of these suggestions to a reviewer, or to nobody; all or none."""
    rows = service.assign_all(session, actor, batch.read(), batch.assignee, datetime.now(UTC))
    return json_response(BatchOut.of(rows, actor))


@router.put("/{suggestion_id}/assignee", response_model=SuggestionOut, summary="指派给一位审核人")
def assign_suggestion(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, assignment: Assignment
) -> Response:
    """Give a suggestion to a reviewer, who finds it by `mine=true`."""
    return _give(session, actor, Item(suggestion_id, version), assignment.assignee)


@router.delete("/{suggestion_id}/assignee", response_model=SuggestionOut, summary="取消指派")
def unassign_suggestion(session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch) -> Response:
    """Give it to nobody."""
    return _give(session, actor, Item(suggestion_id, version), None)


def _give(session: DbSession, actor: Actor, item: Item, assignee: str | None) -> Response:
    row = service.assign(session, actor, item, assignee, datetime.now(UTC))
    return json_response(SuggestionOut.of(row, actor), headers={"ETag": etag(row.version)})
