"""Use cases of imports: take a file, tell what became of it, and keep both."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, insert, select, true
from sqlmodel import Session, col

from services.catalog.feed import service as feed
from services.catalog.imports.applying import apply_rows
from services.catalog.imports.mapping import parse_mapping
from services.catalog.imports.models import Import, ImportRow
from services.catalog.imports.outcomes import FileProblem, Mode, Outcome, Problem
from services.catalog.imports.ownership import IMPORTERS
from services.catalog.imports.plan import Plan, plan_import
from services.catalog.imports.reading import read_file
from services.catalog.imports.rows import Row
from services.catalog.imports.schemas import ImportCard, ImportReport, ImportRowOut, SheetReport
from services.catalog.imports.templates import ImportKind
from shared.db.copy import copy_columns
from shared.db.ids import new_id
from shared.db.upserts import sql_table
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import FieldError, forbidden, not_found
from shared.http.problems import Problem as HttpProblem
from shared.security.actor import Actor

SHOWN_PROBLEMS = 1000
SHOWN_NOTES = 200

_IMPORTS, _ROWS = sql_table(Import), sql_table(ImportRow)


def import_file(
    session: Session,
    actor: Actor,
    filename: str,
    content: bytes,
    mode: Mode = Mode.VALID_ROWS,
    kind: ImportKind | None = None,
    mapping: bytes | None = None,
) -> ImportReport:
    """Import a file: write its valid rows (or nothing, as the mode says), keep the file's record, commit, report.

    One transaction writes the rows, their outbox events and the record; a second import of the same file finds
    everything as it is. Raises a Problem (422) for a file or mapping that cannot be read at all.
    """
    if actor.role not in IMPORTERS:
        raise forbidden("只有审核员、链主企业和供应商可以导入。")
    plan = _plan(filename, content, kind, mapping)
    feed.take_turn(session)
    apply_rows(session, actor, plan.rows)
    applied = mode is Mode.VALID_ROWS or not _is_refused(plan)
    if not applied:
        session.rollback()
        plan.notes.insert(0, "有行被拒绝，按“全部或不导入”没有写入任何数据；各表的计数是试算的结果")
    report = _report(plan, filename, hashlib.sha256(content).hexdigest(), mode, applied)
    kept = _keep(session, actor, report, plan)
    session.commit()
    return kept


def page(session: Session, actor: Actor, after: str | None, limit: int) -> Page:
    """A page of the imports that the actor sees, the newest first."""
    statement = keyset(select(_IMPORTS).where(visible(actor)), [_IMPORTS.c.id], after, limit, descending=True)
    rows = session.execute(statement).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=_card)


def get(session: Session, actor: Actor, id: UUID) -> ImportReport:
    """The report of an import as it was given; 404 where the actor may not see it."""
    row = session.execute(select(_IMPORTS).where(_IMPORTS.c.id == id, visible(actor))).mappings().first()
    if row is None:
        raise not_found("导入", id)
    return ImportReport.model_validate({**row, **row["summary"]})


def page_rows(session: Session, actor: Actor, id: UUID, outcome: Outcome | None, after: str | None, limit: int) -> Page:
    """A page of an import's rows in the order of the file, of one outcome or of all; repeated rows are not kept."""
    get(session, actor, id)
    statement = select(_ROWS).where(_ROWS.c.import_id == id)
    if outcome is not None:
        statement = statement.where(_ROWS.c.outcome == outcome.value)
    rows = session.execute(keyset(statement, [_ROWS.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=ImportRowOut.model_validate)


def visible(actor: Actor) -> ColumnElement[bool]:
    """The imports that an actor may see: all, or those that its enterprise sent in."""
    if actor.sees_everything:
        return true()
    # what a reviewer sent in has no enterprise either: of no enterprise must not match it
    return col(Import.enterprise_id) == actor.enterprise_id if actor.enterprise_id else false()


def unreadable(problem: FileProblem, field: str) -> HttpProblem:
    """The answer to a file that cannot be read: what is wrong and what to do."""
    detail = f"{problem.message}。{problem.remedy}。"
    error = FieldError(pointer=f"/{field}", detail=detail, code=problem.code)
    status = 413 if problem.code == "file_too_large" else 422
    return HttpProblem(status, f"unreadable-{field}", "文件无法导入", detail, [error])


def _plan(filename: str, content: bytes, kind: ImportKind | None, mapping: bytes | None) -> Plan:
    try:
        mapped = parse_mapping(mapping) if mapping is not None else None
    except FileProblem as problem:
        raise unreadable(problem, "mapping") from problem
    try:
        return plan_import(filename, read_file(filename, content), kind, mapped)
    except FileProblem as problem:
        raise unreadable(problem, "file") from problem


def _is_refused(plan: Plan) -> bool:
    return plan.unread or any(row.outcome is Outcome.REFUSED for row in plan.all_rows)


def _report(plan: Plan, filename: str, sha256: str, mode: Mode, applied: bool) -> ImportReport:
    problems = [*plan.problems, *(problem for row in plan.all_rows for problem in row.problems)]
    return ImportReport(
        id=new_id(),
        filename=filename,
        sha256=sha256,
        mode=mode,
        applied=applied,
        sheets=list(_sheets(plan)),
        problems=problems[:SHOWN_PROBLEMS],
        problem_count=len(problems),
        notes=plan.notes[:SHOWN_NOTES],
    )


def _sheets(plan: Plan) -> Iterator[SheetReport]:
    """Count the outcomes of each kind and sheet."""
    for kind, rows in plan.rows.items():
        for sheet in dict.fromkeys(row.sheet for row in rows):
            outcomes = Counter(row.outcome for row in rows if row.sheet == sheet)
            counts = {outcome.value: outcomes[outcome] for outcome in Outcome}
            yield SheetReport(sheet=sheet, kind=kind, rows=sum(counts.values()), **counts)


def _keep(session: Session, actor: Actor, report: ImportReport, plan: Plan) -> ImportReport:
    """Store the report and the rows, and date the report; repeated rows say nothing new and are left out."""
    told = report.model_dump(mode="json")
    record = {name: told[name] for name in ("filename", "sha256", "mode", "applied", "problems")}
    record["summary"] = {name: told[name] for name in ("sheets", "notes", "problem_count")}
    owner = {"actor": actor.subject, "enterprise_id": actor.enterprise_id}
    stored = insert(_IMPORTS).values(id=report.id, **record, **owner).returning(_IMPORTS.c.created_at)
    created_at = session.execute(stored).scalar_one()
    _keep_rows(session, report.id, [row for row in plan.all_rows if row.outcome is not Outcome.REPEATED])
    return report.model_copy(update={"created_at": created_at})


def _keep_rows(session: Session, import_id: UUID, rows: Sequence[Row]) -> None:
    columns: dict[str, list[Any]] = {
        "id": [new_id() for _ in rows],
        "import_id": [import_id] * len(rows),
        "sheet": [row.sheet for row in rows],
        "row": [row.number for row in rows],
        "kind": [row.kind.value for row in rows],
        "outcome": [(row.outcome or Outcome.REFUSED).value for row in rows],
        "raw": [row.raw for row in rows],
        "cleaned": [row.values or None for row in rows],
        "problems": [_told(row.problems) for row in rows],
    }
    copy_columns(session, _ROWS, columns)


def _told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [problem.model_dump(mode="json") for problem in problems]


def _card(row: Any) -> ImportCard:
    return ImportCard.model_validate({**row, **row["summary"]})
