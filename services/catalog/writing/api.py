"""Routes by which rows of every kind are created and changed, one at a time or in bulk."""

import tempfile
from collections.abc import Callable
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from services.catalog.imports.outcomes import Mode
from services.catalog.kinds import KINDS, EntityKind
from services.catalog.writing import bulk, service
from services.catalog.writing.checks import strict
from shared.db.database import Database
from shared.http.auth import CurrentActor
from shared.http.etag import IfMatch, etag
from shared.http.problems import Problem, documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor

router = APIRouter(prefix="/catalog/v1", tags=["登记与修改"])

LINES = "application/x-ndjson"
_EACH_LINE: dict[str, Any] = {LINES: {"schema": {"type": "string", "description": "每行一个 JSON 对象"}}}
LARGEST = 64 * 2**20
_IN_MEMORY = 4 * 2**20

HowMuch = Annotated[Mode, Query(description="有行被拒绝时：写入其余各行，或全部不写入")]
Because = Annotated[str, Query(max_length=1000, description="原因，记入历史")]
Fields = Annotated[dict[str, Any], Body(description="只给要修改的字段；没有给的保持不变")]


def _creation_of(kind: EntityKind) -> None:
    """Add the route by which one row of a kind is created."""

    def create(session: DbSession, actor: CurrentActor, row: BaseModel) -> Response:
        created = service.create(session, actor, kind, row)
        place = {"ETag": etag(created["version"]), "Location": f"/catalog/v1/{kind.segment}/{created['id']}"}
        return json_response(created, 201, place)

    create.__annotations__["row"] = strict(kind.write)
    options: dict[str, Any] = {"status_code": 201, "response_model": dict[str, Any], "responses": documented(409)}
    router.post(f"/{kind.segment}", summary=f"登记{kind.label}", name=f"create_{kind.name}", **options)(create)


def _change_of(kind: EntityKind) -> None:
    """Add the route by which one row of a kind is changed."""

    @router.patch(
        f"/{kind.segment}/{{id}}",
        response_model=dict[str, Any],
        summary=f"修改{kind.label}",
        name=f"change_{kind.name}",
        responses=documented(404, 409, 412, 428),
    )
    def change(
        session: DbSession, actor: CurrentActor, id: UUID, version: IfMatch, fields: Fields, reason: Because = ""
    ) -> Response:
        row = service.change(session, actor, kind, id, version, fields, reason)
        return json_response(row, headers={"ETag": etag(row["version"])})


def _problems() -> dict[int | str, dict[str, Any]]:
    """What bulk writing is refused with; 422 is also the answer that says, line by line, why nothing was written."""
    found = documented(413, 415, 422)
    found[422]["content"] = {**found[422]["content"], **_EACH_LINE}
    return found


def _bulk_of(kind: EntityKind) -> None:
    """Add the route by which many rows of a kind are written."""
    body = {"required": True, "content": _EACH_LINE}

    @router.post(
        f"/{kind.segment}/bulk",
        response_class=StreamingResponse,
        summary=f"批量登记或修改{kind.label}：每行一个 JSON 对象（NDJSON）",
        name=f"write_{kind.name}_in_bulk",
        openapi_extra={"requestBody": body},
        responses={200: {"content": _EACH_LINE, "description": "每行一个结果"}, **_problems()},
    )
    async def write(
        request: Request, actor: CurrentActor, mode: HowMuch = Mode.VALID_ROWS, reason: Because = ""
    ) -> Response:
        with await _received(request) as content:
            answer = await run_in_threadpool(_write, request.app.state.database, actor, kind, content, mode, reason)
        return StreamingResponse(answer.told(), 200 if answer.written else 422, media_type=LINES)


def _write(
    database: Database, actor: Actor, kind: EntityKind, content: IO[bytes], mode: Mode, reason: str
) -> bulk.Answer:
    with database.session() as session:
        return bulk.write_lines(session, actor, kind, content, mode, reason)


async def _received(request: Request) -> IO[bytes]:
    """The body in a temporary file, so that a slow sender holds neither memory nor a lock."""
    if request.headers.get("content-type", "").partition(";")[0].strip() not in (LINES, "application/jsonl"):
        raise Problem(415, "unsupported-media-type", "不支持这种内容格式", f"请以 Content-Type: {LINES} 提交。")
    content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > LARGEST:
            content.close()
            raise Problem(413, "too-large", "提交的内容过大", f"一次最多 {LARGEST // 2**20} MB，请分几次提交。")
        content.write(chunk)
    content.seek(0)
    return content


_ROUTES: tuple[Callable[[EntityKind], None], ...] = (_creation_of, _change_of, _bulk_of)

for _kind in KINDS.values():
    for _add in _ROUTES:
        _add(_kind)
