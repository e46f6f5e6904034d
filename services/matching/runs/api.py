"""Routes of the runs."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.matching.runs import service
from services.matching.runs.schemas import RunAccepted, RunOut, RunRequest
from shared.http.auth import CurrentActor, require
from shared.http.paging import After, Limit, PageOf, page_of
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/runs", tags=["runs"])

Requester = Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE))]


@router.post("", status_code=202, response_model=RunAccepted, summary="请求一次匹配")
def request_run(session: DbSession, actor: Requester, request: RunRequest | None = None) -> Response:
    """Queue a run; look at `Location` for how it goes."""
    asked = request or RunRequest()
    run = service.request_run(session, actor, asked.policy.given(), asked.note, datetime.now(UTC))
    location = {"Location": f"{router.prefix}/{run.id}"}
    return json_response({"id": run.id, "status": run.status}, 202, location)


@router.post(
    "/{run_id}/cancellation", response_model=RunOut, summary="取消一次还没有结束的匹配", responses=documented(409)
)
def end_run(session: DbSession, actor: Requester, run_id: UUID) -> Response:
    """Stop it; it keeps its snapshot, if it has one, and has no result."""
    service.cancel_run(session, actor, run_id, datetime.now(UTC))
    return json_response(RunOut.of(service.get_run(session, actor, run_id), actor))


@router.get("", response_model=PageOf[RunOut], summary="匹配任务的列表，最新的在前")
def list_runs(session: DbSession, actor: CurrentActor, after: After = None, limit: Limit = 50) -> Response:
    """The runs that the actor may see."""
    views = service.list_runs(session, actor, after, limit)
    return json_response(page_of(views, limit, lambda view: [view.run.id], lambda view: RunOut.of(view, actor)))


@router.get("/{run_id}", response_model=RunOut, summary="一次匹配：进度、口径、结果与上界")
def get_run(session: DbSession, actor: CurrentActor, run_id: UUID) -> Response:
    """One run."""
    return json_response(RunOut.of(service.get_run(session, actor, run_id), actor))


@router.get(
    "/{run_id}/snapshot", response_model=dict, summary="一次匹配的冻结输入（列式 JSON）", responses=documented(409)
)
def get_snapshot(session: DbSession, actor: CurrentActor, run_id: UUID) -> Response:
    """The frozen input, as it was hashed and handed to the engine."""
    return Response(service.snapshot_json(session, actor, run_id), media_type="application/json")
