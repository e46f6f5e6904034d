"""Routes of a run's supply network: picture, single sources, critical firms, concentration, outages, groups, tiers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.engine.supply_graph.concentration import GroupedBy
from services.matching.engine.supply_graph.supply import Stage
from services.matching.network import service
from services.matching.network.schemas import (
    CommunitiesOut,
    ConcentrationsOut,
    CriticalFirmsOut,
    NetworkOut,
    OutageOut,
    SingleSourcesOut,
    TiersOut,
)
from services.matching.network.service import Wanted
from services.matching.what_if.api import Engine
from shared.http.auth import require
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/runs/{run_id}", tags=["network"], responses=documented(409))

READERS = (Role.REVIEWER, Role.SERVICE, Role.CLUSTER_ORGANISATION, Role.CHAIN_LEADER)
Reader = Annotated[Actor, Depends(require(*READERS))]
Until = Annotated[Stage, Query(description="统计到哪一阶段：当前采购、加上已批准、再加上本次建议")]
Rows = Annotated[int, Query(ge=1, le=1000, description="最多显示多少行")]
City = Annotated[str | None, Query(description="供应商所在市，六位代码", pattern=r"^\d{6}$")]


def read_wanted(
    product: Annotated[UUID | None, Query(description="主导产品的编号")] = None,
    leader: Annotated[UUID | None, Query(description="链主企业的编号")] = None,
    supplier: Annotated[UUID | None, Query(description="供应商的编号")] = None,
    city: City = None,
) -> Wanted:
    """What the picture is about; the conditions combine as AND."""
    return Wanted(product, leader, supplier, city)


@router.get("/network", response_model=NetworkOut, summary="供应网络图：供应商、零部件、主导产品、链主")
def get_network(
    session: DbSession,
    actor: Reader,
    run_id: UUID,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    stage: Until = Stage.CURRENT,
    limit: Annotated[int, Query(ge=4, le=2000, description="最多多少个点")] = 200,
) -> Response:
    """Nodes and links to draw, and how much of what was asked for they show."""
    return json_response(service.network(session, actor, run_id, stage, wanted, limit))


@router.get("/single-sources", response_model=SingleSourcesOut, summary="只有一家供应商的零部件")
def get_single_sources(
    session: DbSession, actor: Reader, run_id: UUID, stage: Until = Stage.CURRENT, limit: Rows = 100
) -> Response:
    """Lines of which one supplier has all, the greatest amount first."""
    return json_response(service.sources(session, actor, run_id, stage, limit))


@router.get("/critical-firms", response_model=CriticalFirmsOut, summary="停供影响最大的企业（逐家重新求解）")
def get_critical_firms(
    session: DbSession,
    engine: Engine,
    actor: Reader,
    run_id: UUID,
    stage: Until = Stage.CURRENT,
    k: Annotated[int, Query(ge=1, le=50, description="多少家")] = 10,
) -> Response:
    """The firms whose loss stops most spend when others take over what they can."""
    return json_response(service.critical(session, engine, actor, run_id, stage, k))


@router.get("/concentration", response_model=ConcentrationsOut, summary="集中度（HHI）：按零部件、链主或地区")
def get_concentration(
    session: DbSession,
    actor: Reader,
    run_id: UUID,
    by: GroupedBy = GroupedBy.PART,
    stage: Until = Stage.CURRENT,
    limit: Rows = 100,
) -> Response:
    """The Herfindahl–Hirschman index of suppliers and of cities."""
    return json_response(service.concentrations(session, actor, run_id, stage, by, limit))


@router.get("/outage", response_model=OutageOut, summary="一个地区的供应商全部停供时的影响")
def get_outage(
    session: DbSession,
    engine: Engine,
    actor: Reader,
    run_id: UUID,
    region: Annotated[str, Query(description="省、市或县，六位代码", pattern=r"^\d{6}$")],
    stage: Until = Stage.CURRENT,
) -> Response:
    """What stops by product and cluster, and what suppliers elsewhere take over."""
    return json_response(service.goes_out(session, engine, actor, run_id, stage, region))


@router.get("/communities", response_model=CommunitiesOut, summary="企业群落：彼此采购往来最密切的各组企业")
def get_communities(
    session: DbSession,
    actor: Reader,
    run_id: UUID,
    stage: Until = Stage.CURRENT,
    limit: Annotated[int, Query(ge=2, le=2000, description="图中最多多少家企业")] = 200,
) -> Response:
    """Groups by Louvain's method, the trades between them, and the greatest firms with their trades to draw."""
    return json_response(service.grouped(session, actor, run_id, stage, limit))


@router.get("/tiers", response_model=TiersOut, summary="供应层级：沿本身也有物料清单的供应商逐级向后")
def get_tiers(
    session: DbSession, actor: Reader, run_id: UUID, stage: Until = Stage.CURRENT, limit: Rows = 1000
) -> Response:
    """How far each firm stands behind the leaders at the end of its chains."""
    return json_response(service.tiered(session, actor, run_id, stage, limit))
