"""An import step by step: upload, map, preview, apply, cancel. Nothing is in the catalog before it is applied."""

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.history.service import sign
from services.catalog.imports.checking.applying import apply_rows
from services.catalog.imports.checking.ownership import require_importer
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.files.apart import read_apart
from services.catalog.imports.headings import sources
from services.catalog.imports.headings.guessing import describe, proposal
from services.catalog.imports.headings.mapping import Mapping, check_mapping
from services.catalog.imports.outcomes import FileProblem, Mode
from services.catalog.imports.plan import Plan, plan_import
from services.catalog.imports.schemas import ImportDraft, ImportReport, SheetGuess
from services.catalog.imports.service import unreadable, visible
from services.catalog.imports.states import STEPS, State, Step, wrong_state
from services.catalog.imports.stepwise import keeping, parcels, progress
from services.catalog.imports.stepwise.keeping import FILES, IMPORTS, WRITTEN
from services.catalog.imports.templates import ImportKind
from shared.db.copy import Parcel, packing
from shared.db.upserts import watching
from shared.http.problems import Problem, conflict, not_found
from shared.processes.collector import collector_held
from shared.security.actor import Actor

SHOWN_DIFFERENCES = 20

CANCELLED = ("import-cancelled", "undo-cancelled")
"""The problems that tell who waited for a step that somebody cancelled it."""


def upload(
    session: Session,
    actor: Actor,
    filename: str,
    content: bytes,
    kind: ImportKind | None = None,
    source: str | None = None,
) -> ImportDraft:
    """Take a file, tell how its sheets would be read, and keep it for the next steps. Commits.

    By the mapping that is kept for `source` (404 without one), else by a kept one that fits the file where our own
    headings do not. Raises a Problem (422, 413) for a file that cannot be read at all.
    """
    require_importer(actor)
    sheets = _read(filename, content)
    mapping = sources.anywhere(sources.read(session, actor, source).mapping) if source else None
    guesses = describe(filename, sheets, kind, mapping)
    if mapping is None and not all(guess.sure for guess in guesses):
        mapping = sources.fitting(session, actor, filename, sheets)
        guesses = describe(filename, sheets, kind, mapping) if mapping else guesses
    told = mapping.model_dump(mode="json", by_alias=True) if mapping else None
    id = keeping.start(session, actor, filename, hashlib.sha256(content).hexdigest(), kind=kind, mapping=told)
    session.execute(insert(FILES).values(import_id=id, content=content))
    session.commit()
    return _draft(id, filename, guesses)


def map_columns(session: Session, actor: Actor, id: UUID, mapping: Mapping) -> ImportDraft:
    """Say which columns fill which fields; how the sheets would be read then. Commits. A preview must follow.

    Raises a Problem (422) for fields that their kind does not have.
    """
    found = held(session, actor, id, Step.MAP)
    try:
        check_mapping(mapping)
    except FileProblem as problem:
        raise unreadable(problem, "mapping") from problem
    guesses = describe(found["filename"], _read(found["filename"], _content(session, id)), None, mapping)
    told = mapping.model_dump(mode="json", by_alias=True)
    keeping.change(session, id, found["version"], state=State.UPLOADED.value, mapping=told, kind=None, basis=None)
    parcels.forget(session, id)
    session.commit()
    return _draft(id, found["filename"], guesses)


def draft(session: Session, actor: Actor, id: UUID) -> ImportDraft:
    """How the sheets of an uploaded file would be read, by the mapping that it has so far; 404, and 409 without it."""
    found = _record(session, actor, id)
    _allow(Step.MAP, found)
    mapping = Mapping.model_validate(found["mapping"]) if found["mapping"] else None
    kind = ImportKind(found["kind"]) if found["kind"] else None
    return _draft(
        id,
        found["filename"],
        describe(found["filename"], _read(found["filename"], _content(session, id)), kind, mapping),
    )


def _draft(id: UUID, filename: str, guesses: list[SheetGuess]) -> ImportDraft:
    proposed = proposal(filename, guesses)
    return ImportDraft(id=id, state=State.UPLOADED, filename=filename, sheets=guesses, proposed=proposed)


@collector_held()
def preview(session: Session, actor: Actor, id: UUID) -> ImportReport:
    """Tell what would become of every row, and write none: its outcome, and for changed ones each field. Commits."""
    found = held(session, actor, id, Step.PREVIEW)
    tick = progress.Progress(session.connection().engine, id)
    try:
        tick("正在读取文件", 0, 0)
        plan = _plan(found, _content(session, id))
        basis, packed = _tried(session, actor, plan, tick)
    except progress.Cancelled as cancelled:
        raise _end(session, id) from cancelled
    session.rollback()
    keeping.keep_rows(session, id, plan)
    parcels.keep(session, id, packed)
    told = {"state": State.PREVIEWED.value, "basis": basis, **keeping.summary(plan)}
    if not keeping.change(session, id, found["version"], **told):
        raise moved_on()
    session.commit()
    return keeping.read_report(session, id)


def _tried(
    session: Session, actor: Actor, plan: Plan, tick: progress.Progress
) -> tuple[dict[str, Any] | None, list[Parcel]]:
    """Decide on every row of a plan; on what that stands, and what there is to be sent, where that is packed.

    Rows of one kind are only compared; where one sheet brings what another refers to, it is tried and taken back.
    """
    if not plan.rows.keys() <= parcels.LOOKED_AT.keys():
        with watching(session, only_compare=len(plan.rows) == 1) as watch:
            apply_rows(session, actor, plan.rows, watch, tick)
        return None, []
    with watching(session, only_compare=True) as watch, packing(session) as packed:
        apply_rows(session, actor, plan.rows, watch, tick)
    return parcels.basis(session, actor, plan.rows), packed


@collector_held()
def apply(session: Session, actor: Actor, id: UUID, mode: Mode) -> ImportReport:
    """Write the rows of a preview that nothing speaks against; the report. Commits.

    Everything is decided again on the data as they are now. Where any row would become something else than the
    preview said, nothing is written: the preview is brought up to date, and 409 says so. In mode `all_or_nothing` a
    refused row keeps all others out: 409.
    """
    found = held(session, actor, id, Step.APPLY)
    if mode is Mode.ALL_OR_NOTHING and any(sheet["refused"] for sheet in found["summary"]["sheets"]):
        raise conflict("有行被拒绝，没有写入", "请改正后重新上传，或选择只导入其余各行。", "rows-refused")
    sign(session, actor, import_id=id)
    tick = progress.Progress(session.connection().engine, id)
    try:
        different = {} if _sent(session, actor, found, tick) else _decided_anew(session, actor, id, tick)
    except progress.Cancelled as cancelled:
        raise _end(session, id) from cancelled
    if different:
        session.rollback()
        raise _outdated(session, found, different)
    done = {"state": State.APPLIED.value, "applied": True, "mode": mode.value, "basis": None}
    if not keeping.change(session, id, found["version"], **done):
        raise moved_on()
    keeping.forget_file(session, id)
    parcels.forget(session, id)
    session.commit()
    return keeping.read_report(session, id)


def _sent(session: Session, actor: Actor, found: RowMapping, tick: progress.Progress) -> bool:
    """Write what the preview packed, if all that it stood on still holds; whether it did."""
    feed.take_turn(session)
    rows = sum(sheet[outcome] for sheet in found["summary"]["sheets"] for outcome in ("created", "changed"))
    count = parcels.count(session, found["id"])
    if not (count or not rows) or not found["basis"] or not parcels.still_holds(session, actor, found["basis"]):
        return False
    for number, parcel in enumerate(parcels.kept(session, found["id"])):
        tick("正在写入", rows * number // count, rows)
        parcels.write(session, parcel)
    return True


def _decided_anew(session: Session, actor: Actor, id: UUID, tick: progress.Progress) -> dict[UUID, Row]:
    """Decide on the rows of a preview as things are now, and write them; those that became something else, by id."""
    decided = [(kept, keeping.row_again(kept)) for kept in keeping.kept_rows(session, id, WRITTEN)]
    with watching(session) as watch:
        apply_rows(session, actor, keeping.by_kind([row for _, row in decided]), watch, tick)
    return {
        kept["id"]: row
        for kept, row in decided
        if row.outcome != kept["outcome"] or keeping.as_stored(row.changes) != kept["changes"]
    }


def cancel(session: Session, actor: Actor, id: UUID) -> ImportReport:
    """Give an import up; a step that runs is asked to end, which it does before it writes anything. Commits.

    Of an applied one only an undoing that waits or runs is given up.
    """
    found = _record(session, actor, id)
    if progress.is_running(session, id):
        session.execute(update(IMPORTS).where(IMPORTS.c.id == id).values(cancelling=True))
    elif is_waiting(found) and State(found["state"]) is State.APPLIED:
        keeping.change(session, id, found["version"])
    else:
        _allow(Step.CANCEL, found)
        keeping.change(session, id, found["version"], state=State.CANCELLED.value, basis=None)
        keeping.forget_file(session, id)
        parcels.forget(session, id)
    session.commit()
    return keeping.read_report(session, id)


def is_waiting(found: RowMapping) -> bool:
    """Tell whether a step is asked of a worker that has not been taken."""
    return bool(found["job"]) and found["job"]["state"] == "waiting"


def _record(session: Session, actor: Actor, id: UUID) -> RowMapping:
    require_importer(actor)
    row = session.execute(select(IMPORTS).where(IMPORTS.c.id == id, visible(actor))).mappings().first()
    if row is None:
        raise not_found("导入", id)
    return row


def held(session: Session, actor: Actor, id: UUID, step: Step) -> RowMapping:
    """The record of an import that a step may be taken of, and nobody else takes one of meanwhile."""
    _record(session, actor, id)
    progress.hold(session, id)
    found = _record(session, actor, id)
    _allow(step, found)
    return found


def _allow(step: Step, found: RowMapping) -> None:
    if State(found["state"]) not in STEPS[step][0]:
        raise wrong_state(step, State(found["state"]))


def _content(session: Session, id: UUID) -> bytes:
    content: bytes | None = session.execute(select(FILES.c.content).where(FILES.c.import_id == id)).scalar()
    if content is None:
        raise conflict("文件已不再保存", "请重新上传文件。", "file-gone")
    return content


def _read(filename: str, content: bytes) -> Any:
    try:
        return read_apart(filename, content)
    except FileProblem as problem:
        raise unreadable(problem, "file") from problem


def _plan(found: RowMapping, content: bytes) -> Plan:
    kind = ImportKind(found["kind"]) if found["kind"] else None
    mapping = Mapping.model_validate(found["mapping"]) if found["mapping"] else None
    try:
        return plan_import(found["filename"], _read(found["filename"], content), kind, mapping)
    except FileProblem as problem:
        raise unreadable(problem, "file") from problem


def _outdated(session: Session, found: RowMapping, different: dict[UUID, Row]) -> Problem:
    """Bring a preview up to date, and build the answer that says so."""
    keeping.update_rows(session, found["id"], different)
    counts = keeping.counted(session, found)
    keeping.change(session, found["id"], found["version"], summary=counts, basis=None)
    parcels.forget(session, found["id"])
    session.commit()
    where = "、".join(_place(row) for row in list(different.values())[:SHOWN_DIFFERENCES])
    detail = f"{len(different)} 行的结果与预览不同（{where}{'…' if len(different) > SHOWN_DIFFERENCES else ''}）；"
    return conflict("预览之后数据有变动，没有写入", f"{detail}预览已更新，请再看一遍后确认。", "preview-outdated")


def _place(row: Row) -> str:
    return f"“{row.sheet}”第 {row.number} 行"


def _end(session: Session, id: UUID) -> Problem:
    """Give up what was begun, and build the answer to who waited for it."""
    session.rollback()
    cancelled = {"state": State.CANCELLED.value, "cancelling": False, "progress": None, "basis": None, "job": None}
    session.execute(update(IMPORTS).where(IMPORTS.c.id == id).values(**cancelled, version=IMPORTS.c.version + 1))
    keeping.forget_file(session, id)
    parcels.forget(session, id)
    session.commit()
    return conflict("导入已取消", "没有写入任何数据。", "import-cancelled")


def moved_on() -> Problem:
    return conflict("这次导入刚被别人处理过", "请重新打开它，看现在的状态。")
