"""Routes of the rates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.engine.policy import Basis, Scope
from services.matching.rates import service
from services.matching.rates.definition import Stage
from services.matching.rates.schemas import By, RatesOut
from services.matching.rates.service import Question
from shared.http.auth import require
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/rates", tags=["rates"])

Reader = Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE, Role.CHAIN_LEADER, Role.CLUSTER_ORGANISATION))]


def read_question(
    basis: Annotated[Basis, Query(description="按金额、零部件或供应商家数")] = Basis.VALUE,
    scope: Annotated[Scope, Query(description="什么算本地")] = Scope.CLUSTER,
    stage: Annotated[Stage, Query(description="实际，或以需求推算的各阶段")] = Stage.ACTUAL,
    by: Annotated[By, Query(description="每一行是什么")] = By.CLUSTER,
    period: Annotated[str | None, Query(description="2025 或 2025Q3；默认为有采购的最近一年")] = None,
    run: Annotated[UUID | None, Query(description="“建议”“可达”出自哪个匹配任务；默认为最近的")] = None,
) -> Question:
    """The question out of the query string."""
    return Question(basis, scope, stage, by, period, run)


@router.get("", response_model=RatesOut, summary="本地配套率，连同其定义")
def get_rates(session: DbSession, actor: Reader, question: Annotated[Question, Depends(read_question)]) -> Response:
    """The supporting rates that the actor may see, always with the definition that they have."""
    return json_response(service.rates(session, actor, question))
