"""Writing the outbox, and reading it as a feed that has no gaps however many write at the same time.

A transaction's number is given at its first write, its events become visible at its commit: read by number alone, an
event that commits late would be passed over. So the feed shows only what lies behind the oldest transaction that still
runs, in the order of (transaction, row); nothing can appear before that any more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Text, cast, func, literal, select, tuple_
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from services.catalog.feed import epochs, followers
from services.catalog.feed.models import OutboxEvent, Xid8
from services.catalog.feed.rules import START, Cursor, InvalidCursor
from services.catalog.feed.turns import take_turn
from shared.contracts.v1 import ENTITIES, Entity, Kind
from shared.db.copy import copy_columns
from shared.db.database import Database
from shared.db.upserts import sql_table
from shared.http.problems import FieldError, Problem, conflict

__all__ = ["follow", "page", "read_cursor", "record", "record_rows", "retract", "take_turn"]

_KINDS = {model: kind for kind, model in ENTITIES.items()}
_OUTBOX = sql_table(OutboxEvent)
_COPY = "COPY outbox (kind, entity_id, version, op, data) FROM STDIN"
#: Seconds between two looks of a long poll. Looking is right where NOTIFY is not: an event may become readable long
#: after its commit, when the last older transaction ends.
_POLL = 0.2

Event = tuple[str, str, int, str, str | None]


def record(session: Session, entities: Iterable[Entity]) -> None:
    """Write the entities, whole as they now are, to the outbox; in the transaction that changed them."""
    _write(session, (_told(entity) for entity in entities))


def record_rows(session: Session, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows whose columns are the contract's fields, as the table keeps them: checked when they were written.

    For imports of many rows: what a checked row holds need not be read into a model to be told.
    """
    if not rows:
        return
    names = tuple(name for name in ENTITIES[kind].model_fields if name in rows[0])
    values = itemgetter(*names)
    data = [dict(zip(names, values(row), strict=True)) for row in rows]
    told: dict[str, list[Any]] = {"kind": [kind.value] * len(rows), "op": ["upsert"] * len(rows), "data": data}
    own = {"entity_id": [row["id"] for row in rows], "version": [row["version"] for row in rows]}
    copy_columns(session, _OUTBOX, told | own)


def retract(session: Session, kind: Kind, gone: Iterable[tuple[UUID, int]]) -> None:
    """Tell the followers that entities (id, version) of a kind are no more; in the transaction that deleted them.

    The version is that of the deletion: one more than the last that was told, so that it counts as the newer.
    """
    _write(session, ((kind.value, str(id_), version, "delete", None) for id_, version in gone))


def page(session: Session, after: str | None, limit: int, epoch: str | None = None) -> dict[str, Any]:
    """A page of the feed as FeedPageV1, each `data` as ready JSON; 400 for a cursor that is none, 409 for a cursor of
    another epoch.

    A follower that does not name its `epoch` sees the present one in the page, and has to compare.
    """
    now = str(epochs.present(session))
    if epoch is not None and epoch != now:
        detail = "数据库已恢复或重建，变更编号重新开始；请清空游标，从头读取。"
        raise conflict("变更流的纪元已改变", detail, "feed-epoch")
    rows = _rows(session, read_cursor(after), limit + 1)
    events = [_event(row) for row in rows[:limit]]
    cursor = events[-1]["position"] if events else after or str(START)
    return {"epoch": now, "cursor": cursor, "caught_up": len(rows) <= limit, "events": events}


async def follow(
    database: Database,
    follower: str,
    after: str | None,
    limit: int,
    wait: float,
    epoch: str | None,
    has_left: Callable[[], Awaitable[bool]],
) -> dict[str, Any]:
    """A page as soon as it has events, or an empty one after `wait` seconds or when the follower `has_left`.

    No connection and no transaction is held between two looks; the looks run in the thread pool. The catalog keeps
    how far each follower (the subject of its token) has come, which is what its lag is told by.
    """
    clock = asyncio.get_running_loop()
    deadline = clock.time() + wait
    await run_in_threadpool(followers.note, database, follower, str(read_cursor(after)))
    while True:
        found = await run_in_threadpool(_look, database, after, limit, epoch)
        left = deadline - clock.time()
        if found["events"] or left <= 0 or await has_left():
            return found
        await asyncio.sleep(min(_POLL, left))


def read_cursor(text: str | None) -> Cursor:
    """The cursor that a follower sent; none at all is the beginning."""
    try:
        return Cursor.parse(text) if text else START
    except InvalidCursor as error:
        fault = FieldError(pointer="/after", detail=str(error), code="cursor", location="query")
        raise Problem(400, "bad-cursor", "游标无效", errors=[fault]) from error


def _told(entity: Entity) -> Event:
    return _KINDS[type(entity)].value, str(entity.id), entity.version, "upsert", entity.model_dump_json()


def _write(session: Session, events: Iterable[Event]) -> None:
    """COPY them: an import tells of tens of thousands of rows at a time, and a single row costs no more than INSERT."""
    rows = list(events)
    if not rows:
        return
    driver = session.connection().connection.driver_connection
    if driver is None:
        raise RuntimeError("the outbox needs a live connection")
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def _look(database: Database, after: str | None, limit: int, epoch: str | None) -> dict[str, Any]:
    with database.session() as session:
        return page(session, after, limit, epoch)


def _rows(session: Session, after: Cursor, limit: int) -> list[Any]:
    behind_all_writers = _OUTBOX.c.xid < func.pg_snapshot_xmin(func.pg_current_snapshot())
    start = tuple_(cast(literal(str(after.xid)), Xid8), literal(after.id))
    told = (_OUTBOX.c.kind, _OUTBOX.c.entity_id, _OUTBOX.c.version, _OUTBOX.c.op, _OUTBOX.c.at)
    statement = (
        # the data goes out as PostgreSQL writes it: to read and write it anew here took most of a page's time
        select(_OUTBOX.c.xid, _OUTBOX.c.id, *told, cast(_OUTBOX.c.data, Text).label("data"))
        .where(behind_all_writers, tuple_(_OUTBOX.c.xid, _OUTBOX.c.id) > start)
        .order_by(_OUTBOX.c.xid, _OUTBOX.c.id)
        .limit(limit)
    )
    return list(session.execute(statement))


def _event(row: Any) -> dict[str, Any]:
    return {
        "position": f"{row.xid}:{row.id}",
        "kind": row.kind,
        "id": row.entity_id,
        "version": row.version,
        "op": row.op,
        "data": None if row.data is None else orjson.Fragment(row.data),
        "at": row.at,
    }
