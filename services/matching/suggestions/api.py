"""Routes of the review."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.suggestions import service
from services.matching.suggestions.rules import State, Verb
from services.matching.suggestions.schemas import (
    Decision,
    InvitationOut,
    SuggestionDetail,
    shown,
    shown_with_history,
)
from services.matching.suggestions.service import Order
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, Page, page_of
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/suggestions", tags=["suggestions"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]


def read_query(
    run: Annotated[UUID | None, Query(description="只看这个匹配任务的")] = None,
    state: Annotated[State | None, Query(description="只看这个状态的")] = None,
    product: Annotated[UUID | None, Query(description="只看这个主导产品的")] = None,
    supplier: Annotated[UUID | None, Query(description="只看这家供应商的")] = None,
    order: Annotated[Order, Query(description="最好的在前，或最新的在前")] = Order.NEWEST,
) -> service.Query:
    """The restrictions out of the query string; they combine as AND."""
    return service.Query(run, state, product, supplier, order)


@router.get("", response_model=Page, summary="配套建议的列表")
def list_suggestions(
    session: DbSession,
    actor: CurrentActor,
    query: Annotated[service.Query, Depends(read_query)],
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """The suggestions that the actor may see."""
    rows = service.list_suggestions(session, actor, query, after, limit)
    best = query.order is Order.BEST
    page = page_of(rows, limit, lambda row: [row.merit, row.id] if best else [row.id], lambda row: shown(row, actor))
    return json_response(page)


@router.get("/{suggestion_id}", response_model=SuggestionDetail | InvitationOut, summary="一条配套建议，连同依据和经过")
def get_suggestion(session: DbSession, actor: CurrentActor, suggestion_id: UUID) -> Response:
    """One suggestion; its version is the ETag."""
    return _answer(session, actor, service.get(session, actor, suggestion_id))


@router.post("/{suggestion_id}/approval", response_model=SuggestionDetail, summary="通过一条配套建议")
def approve(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, decision: Decision | None = None
) -> Response:
    """Approve it; the next run keeps its amount in place."""
    return _decide(session, actor, suggestion_id, Verb.APPROVE, version, decision)


@router.post("/{suggestion_id}/rejection", response_model=SuggestionDetail, summary="否决一条配套建议，须说明理由")
def reject(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, decision: Decision | None = None
) -> Response:
    """Reject it; the pair does not come back within the cool-off."""
    return _decide(session, actor, suggestion_id, Verb.REJECT, version, decision)


def _decide(
    session: DbSession, actor: Actor, suggestion_id: UUID, verb: Verb, version: int, decision: Decision | None
) -> Response:
    reason = decision.reason if decision else ""
    row = service.decide(session, actor, suggestion_id, verb, version, reason, datetime.now(UTC))
    return _answer(session, actor, row)


def _answer(session: DbSession, actor: Actor, row: service.Suggestion) -> Response:
    detail = shown_with_history(row, service.history(session, row.id), actor)
    return json_response(detail, headers={"ETag": etag(row.version)})
