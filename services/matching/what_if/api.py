"""Routes of the what-if."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.matching.gaps.api import Overseer
from services.matching.what_if import service
from services.matching.what_if.engine_process import ResidentEngine
from services.matching.what_if.schemas import AskedCureSet, WhatIfOut, WhatIfRequest
from shared.http.auth import READING
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/matching/v1/runs/{run_id}", tags=["what-if"], responses=documented(404, 409, 503))


def resident_engine(request: Request) -> ResidentEngine:
    """The engine that this process keeps."""
    engine: ResidentEngine = request.app.state.resident_engine
    return engine


Engine = Annotated[ResidentEngine, Depends(resident_engine)]


@router.post(
    "/what-if",
    response_model=WhatIfOut,
    summary="推演：如果补齐、停供、扩产……可达的配套率会怎样",
    openapi_extra=READING,
)
def post_what_if(session: DbSession, engine: Engine, actor: Overseer, run_id: UUID, asked: WhatIfRequest) -> Response:
    """An exact re-solve of what is attainable (without the minimum share), with these changes made together."""
    return json_response(service.what_if(session, engine, actor, run_id, asked))


@router.get("/cures", response_model=AskedCureSet, summary="最少补齐哪几项，能使一个主导产品或集群达到目标")
def get_cures(
    session: DbSession,
    engine: Engine,
    actor: Overseer,
    run_id: UUID,
    product: Annotated[UUID | None, Query(description="主导产品的编号；与 cluster 写一个")] = None,
    cluster: Annotated[UUID | None, Query(description="集群的编号；与 product 写一个")] = None,
) -> Response:
    """A small set of cures with a proven lower bound of their number."""
    return json_response(service.cures(session, engine, actor, run_id, product, cluster))
