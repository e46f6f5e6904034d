"""Routes of an import step by step, of rows that wait for a decision, and of sources whose mappings are kept."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Header, Response, UploadFile
from sqlmodel import Session

from services.catalog.imports.files.reading import MAX_BYTES
from services.catalog.imports.headings import sources
from services.catalog.imports.headings.mapping import Mapping
from services.catalog.imports.schemas import (
    ApplyIn,
    ImportDraft,
    ImportReport,
    ImportRowOut,
    Reason,
    SourceOut,
    WaitingRow,
)
from services.catalog.imports.states import Step
from services.catalog.imports.stepwise import inbox, jobs, steps, undoing
from services.catalog.imports.templates import ImportKind
from shared.http.auth import CurrentActor, require
from shared.http.paging import After, Limit, PageOf
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["导入"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
_STEP = documented(404, 409)

RESPOND_ASYNC = "respond-async"
LATER = "请求头带 `Prefer: respond-async` 时，{}交给工作进程处理：先答 202，随后由 `GET /imports/{{id}}` 看进度。"
_STEP_OR_JOB = {**_STEP, 202: {"model": ImportReport, "description": "已交给工作进程；`Location` 指向这次导入"}}

Prefer = Annotated[str | None, Header(description="`respond-async`：耗时的一步交给工作进程，不等它完成")]


@router.post(
    "/imports/uploads",
    response_model=ImportDraft,
    status_code=201,
    summary="上传一个文件，先不导入",
    responses=documented(404, 413),
)
def upload_import(
    session: DbSession,
    actor: CurrentActor,
    file: Annotated[UploadFile, File(description=".xlsx 或 .csv（UTF-8、GB18030）")],
    kind: Annotated[ImportKind | None, Form(description="数据种类；工作表或文件名已写明时不必给")] = None,
    source: Annotated[str | None, Form(description="来源名称：按保存过的映射读取；不给则自动识别")] = None,
) -> Response:
    """Keep a file for the next steps; the answer guesses which column fills which field."""
    draft = steps.upload(session, actor, file.filename or "", file.file.read(MAX_BYTES + 1), kind, source)
    return json_response(draft, 201)


@router.put("/imports/{id}/mapping", response_model=ImportDraft, summary="确认或改正一次导入的列映射", responses=_STEP)
def map_import_columns(session: DbSession, actor: CurrentActor, id: UUID, mapping: Mapping) -> Response:
    """Say which columns fill which fields; a preview must follow."""
    return json_response(steps.map_columns(session, actor, id, mapping))


@router.post(
    "/imports/{id}/preview",
    response_model=ImportReport,
    summary="预览：逐行试算，不写入",
    description=LATER.format(f"{jobs.BIG_FILE // 2**20} MB 以上的文件"),
    responses=_STEP_OR_JOB,
)
def preview_import(session: DbSession, actor: CurrentActor, id: UUID, prefer: Prefer = None) -> Response:
    """What would become of each row; changed ones tell field by field from what to what."""
    if _later(session, id, Step.PREVIEW, prefer):
        return _accepted(jobs.ask(session, actor, id, Step.PREVIEW))
    return json_response(steps.preview(session, actor, id))


@router.post(
    "/imports/{id}/apply",
    response_model=ImportReport,
    summary="按预览写入",
    description=LATER.format(f"{jobs.BIG} 行以上的文件"),
    responses=_STEP_OR_JOB,
)
def apply_import(session: DbSession, actor: CurrentActor, id: UUID, asked: ApplyIn, prefer: Prefer = None) -> Response:
    """Write what the preview said; 409 with a fresh preview where the data have moved on."""
    if _later(session, id, Step.APPLY, prefer):
        return _accepted(jobs.ask(session, actor, id, Step.APPLY, mode=asked.mode.value))
    return json_response(steps.apply(session, actor, id, asked.mode))


@router.post("/imports/{id}/cancel", response_model=ImportReport, summary="取消一次未写入的导入", responses=_STEP)
def cancel_import(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """Give an import up, also while a step of it runs."""
    return json_response(steps.cancel(session, actor, id))


@router.post(
    "/imports/{id}/undo",
    response_model=ImportReport,
    summary="整体撤销一次导入",
    description=LATER.format(f"{jobs.BIG} 行以上的文件"),
    responses=_STEP_OR_JOB,
)
def undo_import(session: DbSession, actor: CurrentActor, id: UUID, asked: Reason, prefer: Prefer = None) -> Response:
    """Take back all that an import wrote; 409 naming the rows that were changed since."""
    if _later(session, id, Step.UNDO, prefer):
        return _accepted(jobs.ask(session, actor, id, Step.UNDO, reason=asked.reason))
    return json_response(undoing.undo(session, actor, id, asked.reason))


def _later(session: Session, id: UUID, step: Step, prefer: str | None) -> bool:
    return RESPOND_ASYNC in (prefer or "").lower() and jobs.is_big(session, id, step)


def _accepted(report: ImportReport) -> Response:
    headers = {"Location": f"/catalog/v1/imports/{report.id}", "Preference-Applied": RESPOND_ASYNC}
    return json_response(report, 202, headers)


@router.get("/import-rows/waiting", response_model=PageOf[WaitingRow], summary="待查看的导入行")
def list_waiting(
    session: DbSession,
    actor: Reviewer,  # noqa: ARG001  (it is enough to be one)
    kind: ImportKind | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """Rows that no rule could decide on, the oldest first."""
    return json_response(inbox.page(session, kind, after, limit))


@router.post("/import-rows/{id}/take", response_model=ImportRowOut, summary="照原样导入一个待查看的行", responses=_STEP)
def take_import_row(session: DbSession, actor: Reviewer, id: UUID, asked: Reason) -> Response:
    """Write a row as it was understood."""
    return json_response(inbox.take(session, actor, id, asked.reason))


@router.post("/import-rows/{id}/refuse", response_model=ImportRowOut, summary="拒绝一个待查看的行", responses=_STEP)
def refuse_import_row(session: DbSession, actor: Reviewer, id: UUID, asked: Reason) -> Response:
    """Refuse a row for good."""
    return json_response(inbox.refuse(session, actor, id, asked.reason))


@router.get("/import-sources", response_model=list[SourceOut], summary="保存过的映射")
def list_import_sources(session: DbSession, actor: CurrentActor) -> Response:
    """The sources whose mappings are kept."""
    return json_response(sources.listed(session, actor))


@router.get("/import-sources/{source}", response_model=SourceOut, summary="一个来源的映射", responses=documented(404))
def get_import_source(session: DbSession, actor: CurrentActor, source: str) -> Response:
    """The mapping of a source."""
    return json_response(sources.read(session, actor, source))


@router.put("/import-sources/{source}", response_model=SourceOut, summary="保存一个来源的映射")
def put_import_source(session: DbSession, actor: CurrentActor, source: str, mapping: Mapping) -> Response:
    """Keep how the files of a source are read."""
    return json_response(sources.keep(session, actor, source, mapping))


@router.delete(
    "/import-sources/{source}",
    status_code=204,
    response_class=Response,
    summary="删除一个来源的映射",
    responses=documented(404),
)
def delete_import_source(session: DbSession, actor: CurrentActor, source: str) -> Response:
    """Forget a source's mapping."""
    sources.forget(session, actor, source)
    return Response(status_code=204)
