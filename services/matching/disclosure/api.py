"""Routes by which leaders say what others are told of their needs, and the demand at large."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.disclosure import service
from services.matching.disclosure.schemas import DemandBand, DisclosureIn, DisclosureOut
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf, page_of
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1", tags=["公开范围"])

Leader = Annotated[Actor, Depends(require(Role.CHAIN_LEADER))]
_CHANGE = documented(404, 412, 428)


@router.get("/disclosures", response_model=PageOf[DisclosureOut], summary="本企业设置的需求公开范围")
def list_disclosures(session: DbSession, actor: Leader, after: After = None, limit: Limit = 100) -> Response:
    """What the leader has said of its needs."""
    rows = service.list_choices(session, actor, after, limit)
    return json_response(page_of(rows, limit, lambda row: [row.id], DisclosureOut.of))


@router.get("/disclosures/default", response_model=DisclosureOut, summary="未另行设置的需求的公开范围")
def get_default_disclosure(session: DbSession, actor: Leader) -> Response:
    """What is told of needs of which nothing else is said."""
    return _answer(service.get(session, actor, None))


@router.put(
    "/disclosures/default", response_model=DisclosureOut, summary="设置未另行设置的需求的公开范围", responses=_CHANGE
)
def put_default_disclosure(session: DbSession, actor: Leader, version: IfMatch, said: DisclosureIn) -> Response:
    """Say what is told of needs of which nothing else is said; the version is 0 where nothing was said yet."""
    return _answer(service.choose(session, actor, None, version, said.level, said.reason, datetime.now(UTC)))


@router.get(
    "/disclosures/{need_id}", response_model=DisclosureOut, summary="一条需求的公开范围", responses=documented(404)
)
def get_disclosure(session: DbSession, actor: Leader, need_id: UUID) -> Response:
    """What is told of one need."""
    return _answer(service.get(session, actor, need_id))


@router.put("/disclosures/{need_id}", response_model=DisclosureOut, summary="设置一条需求的公开范围", responses=_CHANGE)
def put_disclosure(session: DbSession, actor: Leader, need_id: UUID, version: IfMatch, said: DisclosureIn) -> Response:
    """Say what is told of one need; the version is 0 where nothing was said of it yet."""
    return _answer(service.choose(session, actor, need_id, version, said.level, said.reason, datetime.now(UTC)))


@router.delete("/disclosures/{need_id}", status_code=204, summary="一条需求不再另行设置公开范围", responses=_CHANGE)
def delete_disclosure(session: DbSession, actor: Leader, need_id: UUID, version: IfMatch) -> None:
    """Let a need be told as all others."""
    service.forget(session, actor, need_id, version)


@router.get("/demand-bands", response_model=list[DemandBand], summary="总体需求的区间：至少三家链主的才列出")
def list_demand_bands(
    session: DbSession,
    _: CurrentActor,
    class_code: Annotated[str | None, Query(description="行业类别，或其开头", pattern="^[0-9]{2,4}$")] = None,
    city: Annotated[str | None, Query(description="链主所在的市", pattern="^[0-9]{6}$")] = None,
) -> Response:
    """What is wanted by class, city and quarter, where at least three leaders want it; whoever has a token may ask."""
    return json_response([DemandBand.of(crowd) for crowd in service.demand(session, class_code, city)])


def _answer(row: service.NeedDisclosure) -> Response:
    return json_response(DisclosureOut.of(row), headers={"ETag": etag(row.version)})
