"""Routes of the cooperations and of the funnel."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.cooperation import service
from services.matching.cooperation.rules import Mode
from services.matching.cooperation.schemas import (
    AmendmentIn,
    ContractIn,
    CooperationDetail,
    CooperationOut,
    FunnelOut,
    FunnelRow,
    ModesIn,
)
from services.matching.cooperation.service import By, Cohort
from services.matching.suggestions.rules import State, Verb, roles_of
from services.matching.suggestions.service import Item
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf, page_of
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1", tags=["cooperations"])

Contracting = Annotated[Actor, Depends(require(*sorted(roles_of(Verb.CONTRACT))))]
Overseer = Annotated[Actor, Depends(require(*(role for role in Role if role is not Role.SUPPLIER)))]
Month = Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="年月，例如 2026-03")]


def read_query(
    state: Annotated[list[State] | None, Query(description="只看这些状态的，可重复")] = None,
    leader: Annotated[UUID | None, Query(description="只看这家链主的")] = None,
    supplier: Annotated[UUID | None, Query(description="只看这家供应商的")] = None,
    cluster: Annotated[UUID | None, Query(description="只看这个集群的")] = None,
    mode: Annotated[Mode | None, Query(description="只看有这种合作方式的")] = None,
) -> service.Query:
    """The restrictions out of the query string; they combine as AND."""
    return service.Query(tuple(state or ()), leader, supplier, cluster, mode)


def read_cohort(
    run: Annotated[UUID | None, Query(description="只看这个匹配任务的")] = None,
    cluster: Annotated[UUID | None, Query(description="只看这个集群的")] = None,
    leader: Annotated[UUID | None, Query(description="只看这家链主的")] = None,
    product: Annotated[UUID | None, Query(description="只看这个主导产品的")] = None,
    first_month: Month = None,
    last_month: Month = None,
) -> Cohort:
    """Which suggestions are counted; the conditions combine as AND."""
    return Cohort(run, cluster, leader, product, first_month, last_month)


@router.get("/cooperations", response_model=PageOf[CooperationOut], summary="携手合作的列表，最新的在前")
def list_cooperations(
    session: DbSession,
    actor: CurrentActor,
    query: Annotated[service.Query, Depends(read_query)],
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """The cooperations that the actor may see: suggestions to which both sides have agreed."""
    views = service.list_cooperations(session, actor, query, after, limit)
    page = page_of(views, limit, lambda view: [view.suggestion.id], lambda view: CooperationOut.of(view, actor))
    return json_response(page)


@router.get("/cooperations/{suggestion_id}", response_model=CooperationDetail, summary="一项合作：合同与计入的采购")
def get_cooperation(session: DbSession, actor: CurrentActor, suggestion_id: UUID) -> Response:
    """One cooperation; it has the id, the version and the ETag of its suggestion."""
    return _answer(service.get(session, actor, suggestion_id), actor)


@router.put("/cooperations/{suggestion_id}/modes", response_model=CooperationDetail, summary="选择合作方式")
def choose_cooperation_modes(
    session: DbSession, actor: Contracting, suggestion_id: UUID, version: IfMatch, modes: ModesIn
) -> Response:
    """Say in which of the five modes the large firm helps the small one."""
    item = Item(suggestion_id, version)
    return _answer(service.choose_modes(session, actor, item, modes.ordered(), datetime.now(UTC)), actor)


@router.post("/cooperations/{suggestion_id}/contract", response_model=CooperationDetail, summary="登记合同")
def conclude_contract(
    session: DbSession, actor: Contracting, suggestion_id: UUID, version: IfMatch, contract: ContractIn
) -> Response:
    """Register number, period and amount; from now on purchases of the pair in its period count to it."""
    item = Item(suggestion_id, version)
    return _answer(service.conclude(session, actor, item, contract.terms(), datetime.now(UTC)), actor)


@router.put("/cooperations/{suggestion_id}/contract", response_model=CooperationDetail, summary="更正合同，须说明理由")
def amend_contract(
    session: DbSession, actor: Contracting, suggestion_id: UUID, version: IfMatch, amendment: AmendmentIn
) -> Response:
    """Replace what was registered; purchases are counted to it anew."""
    item = Item(suggestion_id, version)
    view = service.amend(session, actor, item, amendment.reason, amendment.terms(), datetime.now(UTC))
    return _answer(view, actor)


@router.get("/funnel", response_model=FunnelOut, summary="漏斗：建议、通过、接受、合同、开票，按元计")
def get_funnel(
    session: DbSession,
    actor: Overseer,
    cohort: Annotated[Cohort, Depends(read_cohort)],
    by: Annotated[By, Query(description="每一行是什么")] = By.CLUSTER,
) -> Response:
    """How many 元 of suggestions came how far, and where each stands now."""
    rows = service.funnel(session, actor, by, cohort)
    return json_response(FunnelOut(by=by, rows=[FunnelRow.of(row) for row in rows]))


def _answer(view: service.View, actor: Actor) -> Response:
    detail = CooperationDetail.of(view, actor)
    return json_response(detail, headers={"ETag": etag(view.suggestion.version)})
