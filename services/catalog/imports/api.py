"""Routes of imports: send a file, read what became of it; and the templates to fill in."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Form, Response, UploadFile

from services.catalog.imports import service
from services.catalog.imports.files.reading import MAX_BYTES
from services.catalog.imports.outcomes import Mode, Outcome
from services.catalog.imports.schemas import ImportCard, ImportReport, ImportRowOut, TemplateOut
from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.imports.workbooks import template_workbook
from shared.http.auth import CurrentActor
from shared.http.paging import After, Limit, PageOf, page_response
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1", tags=["导入"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post("/imports", response_model=ImportReport, summary="导入一个文件")
def import_file(
    session: DbSession,
    actor: CurrentActor,
    file: Annotated[UploadFile, File(description=".xlsx 或 .csv（UTF-8、GB18030）")],
    mode: Annotated[Mode, Form(description="有行被拒绝时：导入其余各行，或全部不导入")] = Mode.VALID_ROWS,
    kind: Annotated[ImportKind | None, Form(description="数据种类；工作表或文件名已写明时不必给")] = None,
    mapping: Annotated[UploadFile | None, File(description="外来表头的映射文件（TOML）")] = None,
) -> Response:
    """Import a spreadsheet; the report names every problem with its place and its remedy."""
    report = service.import_file(
        session,
        actor,
        file.filename or "",
        # one byte more than allowed tells that there is more
        file.file.read(MAX_BYTES + 1),
        mode,
        kind,
        mapping.file.read(MAX_BYTES) if mapping is not None else None,
    )
    return json_response(report)


@router.get("/imports", response_model=PageOf[ImportCard], summary="导入记录")
def list_imports(session: DbSession, actor: CurrentActor, after: After = None, limit: Limit = 100) -> Response:
    """The files that were sent in, the newest first."""
    return page_response(session, service.page(session, actor, after, limit))


@router.get("/imports/{id}", response_model=ImportReport, summary="一次导入的报告")
def get_import(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """The report as it was given."""
    return json_response(service.get(session, actor, id))


@router.get("/imports/{id}/rows", response_model=PageOf[ImportRowOut], summary="一次导入的各行")
def list_import_rows(
    session: DbSession,
    actor: CurrentActor,
    id: UUID,
    outcome: Outcome | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The rows as they were sent and understood, of one outcome (such as refused) or of all."""
    return page_response(session, service.page_rows(session, actor, id, outcome, after, limit))


@router.get("/templates", response_model=list[TemplateOut], summary="导入模板")
def list_templates(actor: CurrentActor) -> Response:  # noqa: ARG001  (templates are for whoever signed in)
    """The templates, with their columns and where to download them."""
    return json_response(
        [
            TemplateOut(
                kind=template.kind,
                title=template.title,
                key=list(template.key),
                columns=[vars(column) for column in template.columns],
                href=f"/catalog/v1/templates/{template.kind.value}.xlsx",
            )
            for template in TEMPLATES.values()
        ]
    )


@router.get("/templates/{kind}.xlsx", response_class=Response, summary="下载一个导入模板")
def download_template(actor: CurrentActor, kind: ImportKind) -> Response:  # noqa: ARG001
    """The template of a kind as a workbook."""
    name = quote(f"{TEMPLATES[kind].title}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename=\"{kind.value}.xlsx\"; filename*=UTF-8''{name}"}
    return Response(template_workbook(kind), media_type=XLSX, headers=headers)
