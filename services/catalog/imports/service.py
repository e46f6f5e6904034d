"""Use cases of imports: take a file, tell what became of it, and keep both."""

import hashlib
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true
from sqlmodel import Session, col

from services.catalog.history.service import sign
from services.catalog.imports.checking.applying import apply_rows
from services.catalog.imports.checking.ownership import require_importer
from services.catalog.imports.files.apart import read_apart
from services.catalog.imports.headings.mapping import parse_mapping
from services.catalog.imports.likeness import similar
from services.catalog.imports.models import Import, ImportRow
from services.catalog.imports.outcomes import FileProblem, Mode, Outcome
from services.catalog.imports.plan import Plan, plan_import
from services.catalog.imports.schemas import ImportCard, ImportReport, ImportRowOut, JobState
from services.catalog.imports.states import State
from services.catalog.imports.stepwise import keeping
from services.catalog.imports.stepwise.progress import is_running, untold
from services.catalog.imports.templates import ImportKind
from shared.db.ids import new_id
from shared.db.upserts import sql_table, watching
from shared.http.paging import Page, keyset, page_of, position
from shared.http.problems import FieldError, not_found
from shared.http.problems import Problem as HttpProblem
from shared.processes.collector import collector_held
from shared.security.actor import Actor

_IMPORTS, _ROWS = sql_table(Import), sql_table(ImportRow)


@collector_held()
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
    require_importer(actor)
    plan = _plan(filename, content, kind, mapping)
    id = new_id()
    sign(session, actor, import_id=id)
    with watching(session) as watch:
        apply_rows(session, actor, plan.rows, watch, untold)
    applied = mode is Mode.VALID_ROWS or not keeping.is_refused(plan)
    if not applied:
        session.rollback()
        plan.notes.insert(0, "有行被拒绝，按“全部或不导入”没有写入任何数据；各表的计数是试算的结果")
    state = State.APPLIED if applied else State.PREVIEWED
    told = {"mode": mode.value, "applied": applied, "state": state.value, **keeping.summary(plan)}
    keeping.start(session, actor, filename, hashlib.sha256(content).hexdigest(), id=id, **told)
    keeping.keep_rows(session, id, plan)
    session.commit()
    return keeping.read_report(session, id)


def page(session: Session, actor: Actor, after: str | None, limit: int) -> Page:
    """A page of the imports that the actor sees, the newest first."""
    statement = keyset(select(_IMPORTS).where(visible(actor)), [_IMPORTS.c.id], after, limit, descending=True)
    rows = session.execute(statement).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=_card)


def get(session: Session, actor: Actor, id: UUID) -> ImportReport:
    """The report of an import, and where a step of it is that runs now; 404 where the actor may not see it."""
    row = session.execute(select(_IMPORTS).where(_IMPORTS.c.id == id, visible(actor))).mappings().first()
    if row is None:
        raise not_found("导入", id)
    running = is_running(session, id)
    told = {"progress": row["progress"] if running else None}
    if running and row["job"]:
        told["job"] = {**row["job"], "state": JobState.RUNNING}
    return ImportReport.model_validate({**row, **row["summary"], **told})


def page_rows(session: Session, actor: Actor, id: UUID, outcome: Outcome | None, after: str | None, limit: int) -> Page:
    """A page of an import's rows in the order of the file, of one outcome or of all; repeated rows are not kept.

    Rows of new enterprises say which registered ones have names like theirs.
    """
    get(session, actor, id)
    [last] = position([_ROWS.c.id], after) if after else [None]
    outcomes = [outcome] if outcome else tuple(Outcome)
    rows = list(islice(keeping.kept_rows(session, id, outcomes, last, limit + 1), limit + 1))
    alike = similar(session, actor, rows)
    told = [{**row, "similar": alike.get(row["id"], [])} for row in rows]
    return page_of(told, limit, key=lambda row: [row["id"]], item=ImportRowOut.model_validate)


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
        return plan_import(filename, read_apart(filename, content), kind, mapped)
    except FileProblem as problem:
        raise unreadable(problem, "file") from problem


def _card(row: Any) -> ImportCard:
    return ImportCard.model_validate({**row, **row["summary"]})
