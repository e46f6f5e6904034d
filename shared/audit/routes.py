"""The routes of a service's audit, for auditors and reviewers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from shared.audit import reading
from shared.audit.reading import Trail
from shared.audit.schemas import ChangeOut, EntryOut
from shared.http.auth import require
from shared.http.paging import After, PageOf
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.http.times import Moment
from shared.security.actor import Actor, Role

Eyes = Annotated[Actor, Depends(require(Role.REVIEWER))]
Told = Annotated[str | None, Query(max_length=200)]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


def audit_router(service: str, trail: Trail) -> APIRouter:
    """The routes under /`service`/v1/audit."""
    router = APIRouter(prefix=f"/{service}/v1", tags=["审计"])

    @router.get("/audit", response_model=PageOf[EntryOut], summary="审计记录", name="list_audit")
    def list_audit(
        session: DbSession,
        actor: Eyes,  # noqa: ARG001
        who: Annotated[str | None, Query(max_length=200, description="谁：account:…、client:…")] = None,
        verb: Annotated[str | None, Query(max_length=200, description="操作")] = None,
        kind: Annotated[str | None, Query(max_length=200, description="种类")] = None,
        entity: Annotated[str | None, Query(max_length=200, description="所涉对象的编号")] = None,
        on_behalf_of: Annotated[UUID | None, Query(description="所代表的企业")] = None,
        since: Annotated[Moment | None, Query(description="自何时起（含）")] = None,
        until: Annotated[Moment | None, Query(description="至何时止（不含）")] = None,
        after: After = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="每页行数")] = 50,
    ) -> Response:
        """Who did what, why and from where, the newest first."""
        query = reading.Query(who, verb, kind, entity, on_behalf_of, _zoned(since), _zoned(until))
        return json_response(reading.page(session, trail, query, after, limit))

    @router.get(
        "/audit/{id}/changes",
        response_model=PageOf[ChangeOut],
        summary="一条审计记录的全部变更",
        name="list_audit_changes",
        responses=documented(404),
    )
    def list_changes(
        session: DbSession,
        actor: Eyes,  # noqa: ARG001
        id: Number,
        after: After = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="每页行数")] = 100,
    ) -> Response:
        """What became of each row."""
        return json_response(reading.changes(session, trail, id, after, limit))

    return router


def _zoned(moment: datetime | None) -> datetime | None:
    """A time without zone is meant as the machine tells it."""
    return moment.astimezone() if moment is not None and moment.tzinfo is None else moment
