"""Routes of the gaps: diagnosis, lines, near misses, levers, cures, capacity and products of a run."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from services.matching.engine.plan import Rule
from services.matching.gaps import service
from services.matching.gaps.remedy_schemas import CapacityValuesOut, CureSetsOut
from services.matching.gaps.rules import By
from services.matching.gaps.schemas import DiagnosisOut, LeversOut, LineOut, NearMissOut, ProductsOut
from services.matching.gaps.service import NearMissFilter
from shared.http.auth import require
from shared.http.paging import After, Limit, PageOf
from shared.http.problems import documented
from shared.http.responses import json_bytes
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/runs/{run_id}", tags=["gaps"], responses=documented(409))

OVERSEERS = (Role.REVIEWER, Role.SERVICE, Role.CLUSTER_ORGANISATION)
Overseer = Annotated[Actor, Depends(require(*OVERSEERS))]
Reader = Annotated[Actor, Depends(require(*OVERSEERS, Role.CHAIN_LEADER))]


class TotalsBy(StrEnum):
    """What a row of the products' table is about."""

    PRODUCT = "product"
    CLUSTER = "cluster"


async def read_filter(
    rule: Annotated[Rule | None, Query(description="差哪一条")] = None,
    product: Annotated[UUID | None, Query(description="主导产品的编号")] = None,
    supplier: Annotated[UUID | None, Query(description="供应商的编号")] = None,
    city: Annotated[str | None, Query(description="供应商所在市，六位代码")] = None,
) -> NearMissFilter:
    """Which near misses are asked for; the conditions combine as AND."""
    return NearMissFilter(rule, product, supplier, city)


@router.get("/diagnosis", response_model=DiagnosisOut, summary="诊断：每一元在哪里，各类相加等于总额")
def get_diagnosis(
    session: DbSession, actor: Reader, run_id: UUID, by: By = By.CLUSTER, after: After = None, limit: Limit = 200
) -> Response:
    """Every 元 of the spend in exactly one class, by cluster, product, leader, city, industry class or line."""
    return _json(service.diagnosis(session, actor, run_id, by, after, limit))


@router.get("/lines/{need_id}", response_model=LineOut, summary="一条需求的漏斗与下一步")
def get_line(session: DbSession, actor: Reader, run_id: UUID, need_id: UUID) -> Response:
    """How many were found, fit and were taken, what removed the others, and the next step."""
    return _json(service.line(session, actor, run_id, need_id))


@router.get("/near-misses", response_model=PageOf[NearMissOut], summary="一步之遥：只差一条的候选")
def get_near_misses(
    session: DbSession,
    actor: Overseer,
    run_id: UUID,
    wanted: Annotated[NearMissFilter, Depends(read_filter)],
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """Pairs that one curable rule alone blocks: those whose cure brings most first, then by their potential."""
    return _json(service.near_misses(session, actor, run_id, wanted, after, limit))


@router.get("/levers", response_model=LeversOut, summary="杠杆：补齐哪一类差距最能提高配套率")
def get_levers(session: DbSession, actor: Overseer, run_id: UUID) -> Response:
    """What curing all near misses of one kind in one city would bring."""
    return _json(service.levers(session, actor, run_id))


@router.get("/cure-sets", response_model=CureSetsOut, summary="最少补齐哪几项，能使主导产品或整个集群达到目标")
def get_cure_sets(session: DbSession, actor: Overseer, run_id: UUID, by: TotalsBy = TotalsBy.CLUSTER) -> Response:
    """The smallest sets of cures that the run found, with a proven lower bound of their number."""
    return _json(service.cure_sets(session, actor, run_id, By(by)))


@router.get("/capacity-values", response_model=CapacityValuesOut, summary="产能的价值：哪些企业扩产最能提高配套")
def get_capacity_values(
    session: DbSession,
    actor: Overseer,
    run_id: UUID,
    supplier: Annotated[UUID | None, Query(description="供应商的编号")] = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """What a little more, and a tenth more, of a capability's capacity brings, exactly; with the dual's bound."""
    return _json(service.capacity_values(session, actor, run_id, supplier, after, limit))


@router.get("/products", response_model=ProductsOut, summary="各主导产品或集群：现状、已批准、建议、可达")
def get_products(session: DbSession, actor: Reader, run_id: UUID, by: TotalsBy = TotalsBy.PRODUCT) -> Response:
    """The rates out of the run's record, from local now to attainable."""
    return _json(service.products(session, actor, run_id, By(by)))


def _json(answer: BaseModel) -> Response:
    """By alias: a part's class is called `class` on the wire."""
    return Response(json_bytes(answer.model_dump(by_alias=True)), media_type="application/json")
