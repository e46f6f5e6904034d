"""Writing the outbox, and reading it as a feed that has no gaps however many write at the same time.

A transaction's number is given at its first write, its events become visible at its commit: read by number alone, an
event that commits late would be passed over. So the feed shows only what lies behind the oldest transaction that still
runs, in the order of (transaction, row); nothing can appear before that any more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, insert, literal, select, tuple_
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from services.catalog.feed.models import FeedEpoch, OutboxEvent, Xid8
from services.catalog.feed.rules import START, Cursor, InvalidCursor
from shared.contracts.v1 import ENTITIES, Entity
from shared.db.database import Database
from shared.db.upserts import sql_table
from shared.http.problems import FieldError, Problem, conflict

#: Any constant will do.
_WRITERS = 7_420_231_112
#: The longest import takes seconds; a request that waits longer than this for others only piles up.
_PATIENCE = "60s"
_KINDS = {model: kind for kind, model in ENTITIES.items()}
_OUTBOX = sql_table(OutboxEvent)
_EPOCH = sql_table(FeedEpoch)
#: Seconds between two looks of a long poll. Looking is right where NOTIFY is not: an event may become readable long
#: after its commit, when the last older transaction ends.
_POLL = 0.2


def take_turn(session: Session) -> None:
    """Wait until no other writer of the catalog is in its transaction; the first thing that a writing use case does.

    Taken before the first write it gives transactions their numbers in the order of their commits, so that the feed
    never shows a row's older version after its newer one. It also lets an upsert trust what it has just read.
    Who waits too long gets an OperationalError, over HTTP a 503 that says to try again.
    """
    # one statement: the limit is set before the lock is asked for, and both end with the transaction
    limit = func.set_config("lock_timeout", _PATIENCE, True)
    session.execute(select(limit, func.pg_advisory_xact_lock(_WRITERS)))


def record(session: Session, entities: Iterable[Entity]) -> None:
    """Write the entities, whole as they now are, to the outbox; in the transaction that changed them."""
    events = [
        {
            "kind": _KINDS[type(entity)].value,
            "entity_id": entity.id,
            "version": entity.version,
            "op": "upsert",
            "data": entity.model_dump(mode="json"),
        }
        for entity in entities
    ]
    if events:
        session.execute(insert(_OUTBOX), events)


def page(session: Session, after: str | None, limit: int, epoch: str | None = None) -> dict[str, Any]:
    """A page of the feed as FeedPageV1; 400 for a cursor that is none, 409 for a cursor of another epoch.

    A follower that does not name its `epoch` sees the present one in the page, and has to compare.
    """
    now = str(session.execute(select(_EPOCH.c.epoch)).scalar_one())
    if epoch is not None and epoch != now:
        detail = "数据库已恢复或重建，变更编号重新开始；请清空游标，从头读取。"
        raise conflict("变更流的纪元已改变", detail, "feed-epoch")
    rows = _rows(session, read_cursor(after), limit + 1)
    events = [_event(row) for row in rows[:limit]]
    cursor = events[-1]["position"] if events else after or str(START)
    return {"epoch": now, "cursor": cursor, "caught_up": len(rows) <= limit, "events": events}


async def follow(
    database: Database,
    after: str | None,
    limit: int,
    wait: float,
    epoch: str | None,
    has_left: Callable[[], Awaitable[bool]],
) -> dict[str, Any]:
    """A page as soon as it has events, or an empty one after `wait` seconds or when the follower `has_left`.

    No connection and no transaction is held between two looks; the looks run in the thread pool.
    """
    clock = asyncio.get_running_loop()
    deadline = clock.time() + wait
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


def begin_epoch(session: Session, epoch: UUID) -> None:
    """Start a new epoch: what an operator does after restoring a dump, since transaction numbers begin anew."""
    take_turn(session)
    session.execute(_EPOCH.update().values(epoch=epoch))
    session.execute(_OUTBOX.update().values(xid=cast(literal("0"), Xid8)))
    session.commit()


def _look(database: Database, after: str | None, limit: int, epoch: str | None) -> dict[str, Any]:
    with database.session() as session:
        return page(session, after, limit, epoch)


def _rows(session: Session, after: Cursor, limit: int) -> list[Any]:
    behind_all_writers = _OUTBOX.c.xid < func.pg_snapshot_xmin(func.pg_current_snapshot())
    start = tuple_(cast(literal(str(after.xid)), Xid8), literal(after.id))
    statement = (
        select(_OUTBOX)
        .where(behind_all_writers, tuple_(_OUTBOX.c.xid, _OUTBOX.c.id) > start)
        .order_by(_OUTBOX.c.xid, _OUTBOX.c.id)
        .limit(limit)
    )
    return list(session.execute(statement))


def _event(row: Any) -> dict[str, Any]:
    return {
        "position": str(Cursor(int(row.xid), row.id)),
        "kind": row.kind,
        "id": row.entity_id,
        "version": row.version,
        "op": row.op,
        "data": row.data,
        "at": row.at,
    }
