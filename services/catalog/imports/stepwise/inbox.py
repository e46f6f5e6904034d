"""The rows that no rule could decide on: a reviewer takes each as it was understood, or refuses it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.history.service import sign
from services.catalog.imports.checking.applying import apply_rows
from services.catalog.imports.outcomes import Outcome
from services.catalog.imports.schemas import ImportRowOut, WaitingRow
from services.catalog.imports.states import State
from services.catalog.imports.stepwise import keeping, packs
from services.catalog.imports.stepwise.keeping import IMPORTS, ROWS
from services.catalog.imports.stepwise.progress import untold
from services.catalog.imports.templates import ImportKind
from shared.db.upserts import watching
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import Problem, conflict, not_found
from shared.security.actor import Actor


def page(session: Session, kind: ImportKind | None, after: str | None, limit: int) -> Page:
    """A page of the rows that wait for a decision, the oldest first: those of imports that were applied."""
    columns = [ROWS.c[name] for name in ImportRowOut.model_fields if name in ROWS.c]
    waiting = select(*columns, ROWS.c.import_id, IMPORTS.c.filename).join(IMPORTS, IMPORTS.c.id == ROWS.c.import_id)
    waiting = waiting.where(ROWS.c.outcome == Outcome.TO_BE_LOOKED_AT.value, IMPORTS.c.state == State.APPLIED.value)
    if kind is not None:
        waiting = waiting.where(ROWS.c.kind == kind.value)
    rows = session.execute(keyset(waiting, [ROWS.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=WaitingRow.model_validate)


def take(session: Session, actor: Actor, id: UUID, reason: str) -> ImportRowOut:
    """Write a row as it was understood; it counts as one of its import, also when that is undone. Commits.

    409 where somebody decided on it before; 422 with the row's problem where it cannot be written as things are now.
    """
    # first, as whoever undoes the import does: else the row could be written behind its import's undoing
    feed.take_turn(session)
    found = _waiting(session, id)
    sign(session, actor, reason=reason, import_id=found["import_id"])
    row = keeping.row_again(found)
    with watching(session) as watch:
        apply_rows(session, actor, {row.kind: [row]}, watch, untold)
    if row.problems:
        told = row.problems[0]
        raise Problem(422, "row-refused", "这一行不能导入", f"{told.message}。{told.remedy}。")
    return _decided(session, actor, found, reason, outcome=row.outcome, changes=keeping.as_stored(row.changes))


def refuse(session: Session, actor: Actor, id: UUID, reason: str) -> ImportRowOut:
    """Refuse a row for good; 409 where somebody decided on it before. Commits."""
    return _decided(session, actor, _waiting(session, id), reason, outcome=Outcome.REFUSED)


def _waiting(session: Session, id: UUID) -> Any:
    """The row, and nobody else decides on it meanwhile."""
    found = session.execute(select(ROWS).where(ROWS.c.id == id).with_for_update()).mappings().first()
    if found is None:
        raise _not_waiting() if packs.holds(session, id) else not_found("导入行", id)
    state = session.execute(select(IMPORTS.c.state).where(IMPORTS.c.id == found["import_id"])).scalar_one()
    if found["outcome"] != Outcome.TO_BE_LOOKED_AT or state != State.APPLIED:
        raise _not_waiting()
    return found


def _not_waiting() -> Problem:
    return conflict("这一行不在待查看之列", "可能已有人处理，或这次导入没有写入。", "wrong-state")


def _decided(session: Session, actor: Actor, found: Any, reason: str, **fields: Any) -> ImportRowOut:
    """Keep the decision, and count the row anew in its import's report."""
    said = {"decided_by": actor.subject, "decided_at": func.now(), "reason": reason}
    change = update(ROWS).where(ROWS.c.id == found["id"]).values(**fields, **said).returning(ROWS)
    row = session.execute(change).mappings().one()
    of_import = IMPORTS.c.id == found["import_id"]
    record = session.execute(select(IMPORTS).where(of_import).with_for_update()).mappings().one()
    counted = keeping.counted(session, record)
    session.execute(update(IMPORTS).where(of_import).values(summary=counted, version=record["version"] + 1))
    session.commit()
    return ImportRowOut.model_validate(dict(row))
