"""Routes of the search, and of enterprises with names alike."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.catalog.search import service, similar
from services.catalog.search.schemas import Group, Newcomer, Similar, SimilarPairs
from shared.http.auth import CurrentActor, require
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["查找"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
Words = Annotated[str, Query(max_length=100, description="一个或几个词，须同时出现；或名称的拼音首字母，如 qdjx")]
Kinds = Annotated[list[Literal["enterprise", "product", "capability", "need"]], Query(description="只查这些种类")]


@router.get("/search", response_model=list[Group], summary="按文字或拼音首字母查找企业、产品、能力与需求")
def search_catalog(
    session: DbSession,
    actor: CurrentActor,
    q: Words,
    kind: Kinds = [],  # noqa: B006 - FastAPI copies defaults
    limit: Annotated[int, Query(ge=1, le=100, description="每个种类的条数")] = 20,
) -> Response:
    """What the caller may know of and has all words, by kind (of all, if none is named); names come before texts."""
    return json_response(service.search(session, actor, q, kind or service.SEARCHED, limit))


@router.get("/similar-enterprises", response_model=SimilarPairs, summary="名称相近而统一社会信用代码不同的企业")
def list_similar(
    session: DbSession, _: Reviewer, limit: Annotated[int, Query(ge=1, le=1000, description="对数")] = 100
) -> Response:
    """Pairs of enterprises to be told apart, or to be found one and the same; the most alike first."""
    pairs, more = similar.pairs(session, limit)
    return json_response(SimilarPairs(pairs=pairs, more=more))


@router.get("/enterprises/{id}/similar", response_model=list[Similar], summary="与一家企业名称相近的其他企业")
def get_similar(session: DbSession, actor: Reviewer, id: UUID) -> Response:
    """The other enterprises with a name like this one's."""
    return json_response(similar.similar_to(session, actor, id))


@router.get("/imports/{id}/similar", response_model=list[Newcomer], summary="一次导入新增的企业中与他家名称相近的")
def get_newcomers(session: DbSession, actor: Reviewer, id: UUID) -> Response:
    """The enterprises that an import created and whose names are like others'."""
    return json_response(similar.newcomers(session, actor, id))
