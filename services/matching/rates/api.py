"""Routes of the rates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.engine.policy import Basis, Scope
from services.matching.rates import service
from services.matching.rates.definition import EXCLUSIONS, By, Exclusion, InvalidPeriod, Period, Stage, Terms
from services.matching.rates.schemas import RatesOut
from services.matching.rates.service import Question
from shared.http.auth import require
from shared.http.problems import FieldError, Problem
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/rates", tags=["rates"])

Reader = Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE, Role.CHAIN_LEADER, Role.CLUSTER_ORGANISATION))]


def read_terms(
    basis: Annotated[Basis, Query(description="按金额、零部件或供应商家数")] = Basis.VALUE,
    scope: Annotated[Scope, Query(description="什么算本地")] = Scope.CLUSTER,
    radius_km: Annotated[int | None, Query(ge=1, le=2000, description="范围为 radius 时：距链主多少千米以内")] = None,
    stage: Annotated[Stage, Query(description="实际，或以需求推算的各阶段")] = Stage.ACTUAL,
    period: Annotated[str | None, Query(description="2025 或 2025Q3；默认为有采购的最近一年")] = None,
    exclusions: Annotated[list[Exclusion] | None, Query(description="剔除哪些采购；默认三类都剔除")] = None,
) -> Terms:
    """The terms out of the query string."""
    if (scope is Scope.RADIUS) != (radius_km is not None):
        raise _wrong("radius_km", "scope 为 radius 时须写明 radius_km（千米），其他范围不写。")
    chosen = EXCLUSIONS if exclusions is None else tuple(each for each in EXCLUSIONS if each in exclusions)
    return Terms(basis, scope, stage, radius_km, _period(period), chosen)


def read_question(
    terms: Annotated[Terms, Depends(read_terms)],
    by: Annotated[By, Query(description="每一行是什么")] = By.CLUSTER,
    run: Annotated[UUID | None, Query(description="“建议”“可达”出自哪个匹配任务；默认为最近的")] = None,
) -> Question:
    """The question out of the query string."""
    return Question(terms, by, run)


@router.get("", response_model=RatesOut, summary="本地配套率，连同其定义")
def get_rates(session: DbSession, actor: Reader, question: Annotated[Question, Depends(read_question)]) -> Response:
    """The supporting rates that the actor may see, always with the definition that they have."""
    return json_response(service.rates(session, actor, question))


def _period(text: str | None) -> Period | None:
    try:
        return None if text is None else Period.parse(text)
    except InvalidPeriod as error:
        raise _wrong("period", str(error)) from error


def _wrong(parameter: str, detail: str) -> Problem:
    error = FieldError(pointer=f"/{parameter}", detail=detail, code="combination", location="query")
    return Problem(422, "wrong-combination", "这样的口径组合不成立", detail, [error])
