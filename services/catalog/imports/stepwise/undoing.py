"""Taking an import back as a whole: what it created goes, what it changed is as it was before; or nothing at all.

The history says which rows an import wrote. A row that somebody changed since stands in the way, and is named.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, select, union_all, update
from sqlalchemy.sql import Subquery
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.history.models import HistoryEntry
from services.catalog.history.reversal import put_back, remove
from services.catalog.history.service import sign
from services.catalog.imports.checking.applying import BATCH
from services.catalog.imports.schemas import ImportReport
from services.catalog.imports.states import State, Step
from services.catalog.imports.stepwise import keeping
from services.catalog.imports.stepwise.progress import Cancelled, Progress
from services.catalog.imports.stepwise.steps import held, moved_on
from services.catalog.kinds import KINDS, EntityKind
from shared.db.upserts import Row, among, sql_table
from shared.http.problems import FieldError, Problem, conflict
from shared.security.actor import Actor

SHOWN = 100

T = TypeVar("T")

_HISTORY = sql_table(HistoryEntry)


@dataclass(frozen=True)
class _Touched:
    """A row that the import wrote: the first entry of it, and whether that created it."""

    id: UUID
    entry: int
    created: bool


def undo(session: Session, actor: Actor, id: UUID, reason: str) -> ImportReport:
    """Take an import back; the report. Commits.

    409 naming the rows that were changed since, or what refers to a row that the import created.
    """
    found = held(session, actor, id, Step.UNDO)
    feed.take_turn(session)
    sign(session, actor, reason=f"撤销导入“{found['filename']}”" + (f"：{reason}" if reason else ""))
    try:
        _take_back(session, id, Progress(session.connection().engine, id))
    except Cancelled as cancelled:
        raise _end(session, id) from cancelled
    if not keeping.change(session, id, found["version"], state=State.UNDONE.value, applied=False):
        raise moved_on()
    session.commit()
    return keeping.read_report(session, id)


def _take_back(session: Session, id: UUID, tick: Progress) -> None:
    """Put back what the import changed, then remove what it created, some thousands at a time. Raises Cancelled."""
    tick("正在核对之后的变动", 0, 0)
    _refuse_changed(session, id)
    touched = _touched(session, id)
    done, total = 0, sum(map(len, touched.values()))
    for kind in KINDS.values():
        for part in _parts([each.entry for each in touched[kind.name] if not each.created]):
            tick(f"正在恢复“{kind.label}”", done, total)
            put_back(session, kind, part)
            done += len(part)
    for kind in reversed(KINDS.values()):
        for gone in _parts([each.id for each in touched[kind.name] if each.created]):
            tick(f"正在移除“{kind.label}”", done, total)
            remove(session, kind, _now(session, kind, gone))
            done += len(gone)
    tick("正在完成", done, total)


def _parts(rows: list[T]) -> Iterator[list[T]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _end(session: Session, id: UUID) -> Problem:
    """Leave the import as it is, and build the answer to who waited for its undoing."""
    session.rollback()
    as_before = {"cancelling": False, "progress": None, "job": None}
    session.execute(update(keeping.IMPORTS).where(keeping.IMPORTS.c.id == id).values(**as_before))
    session.commit()
    return conflict("撤销已取消", "没有改动任何数据。", "undo-cancelled")


def _of_import(id: UUID) -> Subquery:
    """The first and the last entry that an import left of each row."""
    grouped = select(
        _HISTORY.c.kind,
        _HISTORY.c.entity_id,
        func.min(_HISTORY.c.id).label("first"),
        func.max(_HISTORY.c.id).label("last"),
    )
    return grouped.where(_HISTORY.c.import_id == id).group_by(_HISTORY.c.kind, _HISTORY.c.entity_id).subquery()


def _touched(session: Session, id: UUID) -> dict[str, list[_Touched]]:
    own = _of_import(id)
    rows = session.execute(
        select(own.c.kind, own.c.entity_id, own.c.first, _HISTORY.c.op)
        .join(_HISTORY, _HISTORY.c.id == own.c.first)
        .order_by(own.c.first)
    )
    found: dict[str, list[_Touched]] = defaultdict(list)
    for kind, entity, first, op in rows:
        found[kind].append(_Touched(entity, first, op == "insert"))
    return found


def _now(session: Session, kind: EntityKind, ids: Sequence[UUID]) -> list[Row]:
    rows = session.execute(select(kind.table).where(among(kind.table.c.id, ids))).mappings()
    return [dict(row) for row in rows]


def _refuse_changed(session: Session, id: UUID) -> None:
    """409 where somebody wrote to a row of the import after it; a row that follows from others counts as well."""
    own = _of_import(id)
    later = (
        select(_HISTORY.c.kind, _HISTORY.c.entity_id, func.max(_HISTORY.c.id).label("entry"))
        .join(own, (own.c.kind == _HISTORY.c.kind) & (own.c.entity_id == _HISTORY.c.entity_id))
        .where(_HISTORY.c.id > own.c.last)
        .group_by(_HISTORY.c.kind, _HISTORY.c.entity_id)
    ).subquery()
    wanted = select(later.c.kind, later.c.entity_id, _HISTORY.c.op, _HISTORY.c.actor, _HISTORY.c.at)
    rows = session.execute(wanted.join(_HISTORY, _HISTORY.c.id == later.c.entry).order_by(_HISTORY.c.id)).all()
    if not rows:
        return
    names = _names(session, rows)
    errors = [
        FieldError(
            pointer=f"/{KINDS[row.kind].segment}/{row.entity_id}",
            detail=f"{KINDS[row.kind].label}“{names.get(row.entity_id, row.entity_id)}”已由 {row.actor} "
            f"于 {row.at:%Y-%m-%d %H:%M} {'删除' if row.op == 'delete' else '修改'}。",
            code="changed-since",
        )
        for row in rows[:SHOWN]
    ]
    detail = f"有 {len(rows)} 行在导入之后又被改过；请先核对这些行，逐行修改，不能整体撤销。"
    raise Problem(409, "changed-since", "导入之后有变动，不能撤销", detail, errors)


def _names(session: Session, rows: Sequence[Any]) -> dict[UUID, str]:
    """What people call the rows: by their names, else by what tells them apart."""
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for row in rows[:SHOWN]:
        wanted[row.kind].append(row.entity_id)
    selects = [
        select(KINDS[kind].table.c.id, cast(_called(KINDS[kind]), Text)).where(among(KINDS[kind].table.c.id, ids))
        for kind, ids in wanted.items()
    ]
    return {id: name for id, name in session.execute(union_all(*selects)) if name}


def _called(kind: EntityKind) -> Any:
    columns = kind.table.c
    names = [name for name in ("name", "part_name", "number", "document", "title", "part_code") if name in columns]
    return columns[names[0]] if names else literal("")
