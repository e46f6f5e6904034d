"""Routes of every kind's history: what became of a row, delete it, bring it back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.catalog.history import retiring
from services.catalog.history.schemas import Step, Why
from services.catalog.kinds import KINDS, EntityKind
from services.catalog.writing import service as writing
from shared.http.auth import CurrentActor
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1", tags=["历史"])

Because = Annotated[str, Query(max_length=1000, description="原因，记入历史")]


def _history_of(kind: EntityKind) -> None:
    """Add the route of a kind's history."""

    @router.get(
        f"/{kind.segment}/{{id}}/history",
        response_model=PageOf[Step],
        summary=f"{kind.label}的变更历史",
        name=f"list_{kind.name}_history",
    )
    def read(session: DbSession, actor: CurrentActor, id: UUID, after: After = None, limit: Limit = 100) -> Response:
        return json_response(retiring.page(session, actor, kind, id, after, limit))


def _deletion_of(kind: EntityKind) -> None:
    """Add the routes by which a kind's rows are deleted and brought back."""

    @router.delete(
        f"/{kind.segment}/{{id}}",
        status_code=204,
        summary=f"删除{kind.label}，历史保留",
        name=f"delete_{kind.name}",
        responses=documented(404, 409, 412, 428),
    )
    def delete(session: DbSession, actor: CurrentActor, id: UUID, version: IfMatch, reason: Because = "") -> None:
        retiring.retire(session, actor, kind, id, version, reason)

    @router.post(
        f"/{kind.segment}/{{id}}/restoration",
        response_model=dict[str, Any],
        summary=f"恢复已删除的{kind.label}",
        name=f"restore_{kind.name}",
        responses=documented(404, 409, 422),
    )
    def restore(session: DbSession, actor: CurrentActor, id: UUID, body: Why) -> Response:
        row = writing.restore(session, actor, kind, id, body.reason)
        return json_response(row, headers={"ETag": etag(row["version"])})


for _kind in KINDS.values():
    _history_of(_kind)
    if _kind.deletable:
        _deletion_of(_kind)
