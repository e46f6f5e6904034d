"""Compaction of the outbox: of each entity only the newest of the older changes is kept, and of a deleted one nothing.

What a newer change has overtaken may go at any time: no follower needs it, wherever it is. A deletion may go only when
nothing else is told of its entity, and then whoever has not read it yet has to begin anew; that is what the horizon
says: up to where, and the how manyth time, deletions were taken away.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import structlog
from sqlalchemy import func, select, text
from sqlmodel import Session

from services.catalog.feed.horizon import UNSETTLED
from services.catalog.feed.models import FeedEpoch
from services.catalog.feed.rules import START, Cursor
from shared.db.database import Database
from shared.db.upserts import sql_table

_EPOCH = sql_table(FeedEpoch)
#: Any constant will do: two workers do not compact at the same time.
_COMPACTION = 7_420_231_113
#: Rows that are removed in one transaction: while it runs, it holds back what others write meanwhile.
_CHUNK = 5_000
PAUSE = 3600.0
"""Seconds between two compactions."""
_OLDEST_KEPT = text(
    f"""
    SELECT xid::text AS transaction, id FROM outbox WHERE at < :before AND xid < {UNSETTLED}
    ORDER BY xid DESC, id DESC LIMIT 1
    """
)
_OVERTAKEN = text(
    """
    SELECT xid::text AS transaction, id FROM (
        SELECT xid, id, row_number() OVER (PARTITION BY entity_id ORDER BY version DESC, xid DESC, id DESC) AS age
        FROM outbox WHERE (xid, id) <= (CAST(:xid AS xid8), :id)
    ) AS told WHERE age > 1
    """
)
_REMOVE = text(
    """
    DELETE FROM outbox USING unnest(CAST(:xids AS xid8[]), CAST(:ids AS bigint[])) AS gone(xid, id)
    WHERE outbox.xid = gone.xid AND outbox.id = gone.id
    """
)
_FORGET_DELETED = text(
    """
    DELETE FROM outbox AS gone WHERE op = 'delete' AND (xid, id) <= (CAST(:xid AS xid8), :id) AND NOT EXISTS (
        SELECT FROM outbox AS other WHERE other.entity_id = gone.entity_id AND other.id <> gone.id
    )
    """
)


async def compact_for_ever(database: Database, keep: timedelta) -> NoReturn:
    """Compact what is older than `keep`, every hour; what the database does is raised."""
    while True:
        await asyncio.to_thread(compact, database, datetime.now(UTC) - keep)
        await asyncio.sleep(PAUSE)


def compact(database: Database, before: datetime) -> int:
    """Compact what was written before a moment; how many changes were removed. A second time removes nothing.

    It may be interrupted anywhere. While another process compacts, it leaves the outbox alone.
    """
    with database.session() as session:
        # the transaction holds the lock and reads; it writes nothing, so that it holds nobody back
        if not session.execute(select(func.pg_try_advisory_xact_lock(_COMPACTION))).scalar_one():
            return 0
        found = session.execute(_OLDEST_KEPT, {"before": before}).one_or_none()
        if found is None:
            return 0
        end = Cursor(int(found[0]), found[1])
        removed = _remove_overtaken(session, database, end) + _forget_deleted(database, end)
    structlog.get_logger("feed").info("outbox compacted", removed=removed, until=str(end))
    return removed


def horizon(session: Session) -> Cursor:
    """Up to where deletions were taken away, and how often by now; START where none ever was."""
    return _horizon(session.execute(select(_EPOCH.c.horizon)).scalar_one())


def reset(session: Session) -> None:
    """Begin anew with a new epoch, in the caller's transaction: positions mean nothing any more, nor does it."""
    session.execute(_EPOCH.update().values(horizon=None))


def _remove_overtaken(session: Session, database: Database, end: Cursor) -> int:
    """Remove what is overtaken, as it is read in a transaction that writes nothing and holds nobody back."""
    removed = 0
    found = session.execute(_OVERTAKEN, {"xid": str(end.xid), "id": end.id}, execution_options={"yield_per": _CHUNK})
    for rows in found.partitions():
        xids, ids = zip(*rows, strict=True)
        with database.session() as removing:
            removing.execute(_REMOVE, {"xids": list(xids), "ids": list(ids)})
            removing.commit()
        removed += len(rows)
    return removed


def _forget_deleted(database: Database, end: Cursor) -> int:
    """Take the deletions away of which nothing else is left, and say so in the same transaction."""
    with database.session() as session:
        forgotten = session.execute(_FORGET_DELETED, {"xid": str(end.xid), "id": end.id}).rowcount  # type: ignore[attr-defined]
        if forgotten:
            now = Cursor(end.xid, end.id, horizon(session).compaction + 1)
            session.execute(_EPOCH.update().values(horizon=str(now)))
        session.commit()
    return int(forgotten)


def _horizon(said: str | None) -> Cursor:
    return START if said is None else Cursor.parse(said)
