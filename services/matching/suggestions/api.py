"""Routes of the review: lists, and the steps of one suggestion. Batches and assignments have routes of their own."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.suggestions import service
from services.matching.suggestions.rules import State, Verb, roles_of
from services.matching.suggestions.said import Acceptance, Decision, Deferral
from services.matching.suggestions.schemas import (
    CapabilityTold,
    CapacityOut,
    InvitationOut,
    PartnershipOut,
    SuggestionDetail,
    SuggestionOut,
    shown,
    shown_with_history,
)
from services.matching.suggestions.service import Asked, Item, Order
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf, page_of
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/suggestions", tags=["suggestions"])


def _who(verb: Verb) -> object:
    """The people that may use a verb, as a dependency; the state and the row say the rest."""
    return Depends(require(*sorted(roles_of(verb) - {Role.SERVICE})))


Reviewer = Annotated[Actor, _who(Verb.APPROVE)]
Leader = Annotated[Actor, _who(Verb.ACCEPT)]
Supplier = Annotated[Actor, _who(Verb.CONSENT)]
Firm = Annotated[Actor, _who(Verb.DECLINE)]
Withdrawing = Annotated[Actor, _who(Verb.WITHDRAW)]
Ending = Annotated[Actor, _who(Verb.END)]
Detail = SuggestionDetail | InvitationOut


def read_query(
    actor: CurrentActor,
    run: Annotated[UUID | None, Query(description="只看这个匹配任务的")] = None,
    state: Annotated[list[State] | None, Query(description="只看这些状态的，可重复")] = None,
    product: Annotated[UUID | None, Query(description="只看这个主导产品的")] = None,
    supplier: Annotated[UUID | None, Query(description="只看这家供应商的")] = None,
    leader: Annotated[UUID | None, Query(description="只看这家链主的")] = None,
    cluster: Annotated[UUID | None, Query(description="只看这个集群的")] = None,
    assignee: Annotated[str | None, Query(description="只看指派给此人的", max_length=200)] = None,
    mine: Annotated[bool, Query(description="只看指派给我的")] = False,
    assigned: Annotated[bool | None, Query(description="只看已指派的，或未指派的")] = None,
    by_hand: Annotated[bool | None, Query(description="只看人工提出的，或匹配任务提出的")] = None,
    city: Annotated[str | None, Query(description="只看这个市的供应商的，六位代码", pattern=r"^\d{4}00$")] = None,
    class_code: Annotated[
        str | None, Query(description="只看这个行业类别（含下级）的零部件的", pattern=r"^\d{2,4}$")
    ] = None,
    least_score: Annotated[int | None, Query(description="评分不低于", ge=0, le=1000)] = None,
    most_score: Annotated[int | None, Query(description="评分不高于", ge=0, le=1000)] = None,
    order: Annotated[Order, Query(description="最好的在前、最新的在前，或按金额、评分（- 为从大到小）")] = Order.NEWEST,
) -> service.Query:
    """The restrictions out of the query string; they combine as AND.

    A supplier's list is by time: what orders the best, and stands in the cursor, is made of amounts.
    """
    order = Order.NEWEST if actor.role is Role.SUPPLIER else order
    who = actor.subject if mine else assignee
    found = service.Query(run, tuple(state or ()), product, supplier, leader, cluster, who, assigned, by_hand)
    return replace(found, city=city, class_code=class_code, least_score=least_score, most_score=most_score, order=order)


@router.get("", response_model=PageOf[SuggestionOut | PartnershipOut], summary="配套建议的列表")
def list_suggestions(
    session: DbSession,
    actor: CurrentActor,
    query: Annotated[service.Query, Depends(read_query)],
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """The suggestions that the actor may see."""
    rows = service.list_suggestions(session, actor, query, after, limit)
    return json_response(page_of(rows, limit, query.order.key, lambda row: shown(row, actor)))


@router.get("/{suggestion_id}", response_model=Detail, summary="一条配套建议，连同依据和经过")
def get_suggestion(session: DbSession, actor: CurrentActor, suggestion_id: UUID) -> Response:
    """One suggestion; its version is the ETag."""
    return _answer(session, actor, service.get(session, actor, suggestion_id))


@router.get("/{suggestion_id}/capacity", response_model=CapacityOut, summary="该供给能力还有多少可以预留")
def get_capacity(session: DbSession, actor: CurrentActor, suggestion_id: UUID) -> Response:
    """What the capability has to spare, what is reserved of it, and what is left; some see what is left alone."""
    row = service.get(session, actor, suggestion_id)
    return json_response(CapacityOut.of(row, service.stock_of(session, row), actor))


@router.get("/{suggestion_id}/capability", response_model=CapabilityTold, summary="供应商让人知道的供给能力")
def get_capability(session: DbSession, actor: CurrentActor, suggestion_id: UUID) -> Response:
    """What the supplier offers today, as far as it lets the reader know; all of it once both have accepted."""
    row = service.get(session, actor, suggestion_id)
    offer = service.offers_of(session, [row]).get(row.capability_id)
    return json_response(CapabilityTold.of(row, offer, actor))


@router.post("/{suggestion_id}/approval", response_model=Detail, summary="通过一条配套建议")
def approve_suggestion(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """Approve it; the next run keeps its amount in place, and its leader and supplier may see it."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.APPROVE, _reason(said)))


@router.post("/{suggestion_id}/rejection", response_model=Detail, summary="否决一条配套建议，须说明理由")
def reject_suggestion(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """Reject it; the pair does not come back within the cool-off."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.REJECT, _reason(said)))


@router.post("/{suggestion_id}/deferral", response_model=Detail, summary="暂缓到某一天，须说明理由")
def defer_suggestion(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, said: Deferral
) -> Response:
    """Put it aside until a day, on which it comes back by itself; runs leave the pair out meanwhile."""
    asked = Asked(Verb.DEFER, said.reason, until=said.until)
    return _decide(session, actor, Item(suggestion_id, version), asked)


@router.post("/{suggestion_id}/restoration", response_model=Detail, summary="恢复为待审核，须说明理由")
def restore_suggestion(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """Undo a rejection, a deferral, a refusal, a withdrawal or an expiry."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.RESTORE, _reason(said)))


@router.post("/{suggestion_id}/reopening", response_model=Detail, summary="重新审核已通过、未签合同的建议，须说明理由")
def reopen_suggestion(
    session: DbSession, actor: Reviewer, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """Review it anew; what it reserved is free again."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.REOPEN, _reason(said)))


@router.post("/{suggestion_id}/acceptance", response_model=Detail, summary="链主接受全部或一部分，并预留产能")
def accept_suggestion(
    session: DbSession, actor: Leader, suggestion_id: UUID, version: IfMatch, said: Acceptance | None = None
) -> Response:
    """Accept it whole, or a part by 元 or by pieces; the capacity is reserved from now on, the rest is free again."""
    part = said or Acceptance(reason="")
    asked = Asked(Verb.ACCEPT, part.reason, part.amount, part.quantity)
    return _decide(session, actor, Item(suggestion_id, version), asked)


@router.post("/{suggestion_id}/consent", response_model=Detail, summary="供应商同意；双方从此相互可见")
def consent_to_suggestion(
    session: DbSession, actor: Supplier, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """Consent to what the leader accepted; from now on both see each other."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.CONSENT, _reason(said)))


@router.post("/{suggestion_id}/refusal", response_model=Detail, summary="链主或供应商婉拒，须说明理由")
def decline_suggestion(
    session: DbSession, actor: Firm, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """Decline it: the leader once it is approved, the supplier once the leader has accepted."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.DECLINE, _reason(said)))


@router.post("/{suggestion_id}/withdrawal", response_model=Detail, summary="签合同前撤回，须说明理由")
def withdraw_suggestion(
    session: DbSession, actor: Withdrawing, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """Take it back before a contract; what it reserved is free again."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.WITHDRAW, _reason(said)))


@router.post("/{suggestion_id}/ending", response_model=Detail, summary="终止合作，须说明理由")
def end_suggestion(
    session: DbSession, actor: Ending, suggestion_id: UUID, version: IfMatch, said: Decision | None = None
) -> Response:
    """End a cooperation; no more purchases count, and what it reserved is free again."""
    return _decide(session, actor, Item(suggestion_id, version), Asked(Verb.END, _reason(said)))


def _reason(said: Decision | None) -> str:
    return said.reason if said else ""


def _decide(session: DbSession, actor: Actor, item: Item, asked: Asked) -> Response:
    row = service.move(session, actor, item, asked, datetime.now(UTC))
    return _answer(session, actor, row)


def _answer(session: DbSession, actor: Actor, row: service.Suggestion) -> Response:
    detail = shown_with_history(row, service.history(session, row.id), actor)
    return json_response(detail, headers={"ETag": etag(row.version)})
