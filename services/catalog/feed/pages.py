"""Reading the outbox as a feed that has no gaps however many write at the same time.

A transaction's number is given at its first write, its events become visible at its commit: read by number alone, an
event that commits late would be passed over. So the feed shows only what lies behind the oldest transaction of this
database that still runs (`horizon`), in the order of (transaction, row); nothing can appear before that any more.

PostgreSQL puts each event into words, with the data as it was written: nothing of it is read here. Kinds and verbs
are words of the contract, and ids are ids, so that none of them needs to be escaped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from sqlalchemy import text
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from services.catalog.feed import compaction, epochs, followers
from services.catalog.feed.horizon import UNSETTLED
from services.catalog.feed.rules import START, Cursor, InvalidCursor
from shared.db.database import Database
from shared.http.problems import FieldError, Problem, conflict

#: Seconds between two looks of a long poll. Looking is right where NOTIFY is not: an event may become readable long
#: after its commit, when the last older transaction ends.
_POLL = 0.2
_PAGE = text(
    """
    SELECT xid::text AS transaction, id,
        concat('{"position":"', xid, ':', id, '","kind":"', kind, '","id":"', entity_id, '","version":', version,
            ',"op":"', op, '","at":', to_json(at), ',"data":', coalesce(data::text, 'null'), '}') AS told
    FROM outbox
    WHERE (xid, id) > (CAST(:xid AS xid8), :id) AND xid < """
    + UNSETTLED
    + " ORDER BY xid, id LIMIT :most"
)


@dataclass(frozen=True)
class FeedPage:
    """A page as it goes out (FeedPageV1 as JSON), and how many events it has."""

    body: bytes
    events: int


def page(session: Session, after: str | None, limit: int, epoch: str | None = None) -> FeedPage:
    """The page after a cursor; 400 for a cursor that is none, 409 for one of another epoch, 410 for one before which
    the feed was compacted.

    A follower that does not name its `epoch` sees the present one in the page, and has to compare.
    """
    now = str(epochs.present(session))
    if epoch is not None and epoch != now:
        detail = "数据库已恢复或重建，变更编号重新开始；请清空游标，从头读取。"
        raise conflict("变更流的纪元已改变", detail, "feed-epoch")
    place = read_cursor(after)
    rows = session.execute(_PAGE, {"xid": str(place.xid), "id": place.id, "most": limit + 1}).all()
    # asked for behind the rows: where it has not moved by then, all of them were there
    place = _whole(place, compaction.horizon(session))
    told = [row.told for row in rows[:limit]]
    if told:
        place = Cursor(int(rows[len(told) - 1].transaction), rows[len(told) - 1].id, place.compaction)
    head = orjson.dumps({"epoch": now, "cursor": str(place), "caught_up": len(rows) <= limit})
    return FeedPage(b'%b,"events":[%b]}' % (head[:-1], ",".join(told).encode()), len(told))


async def follow(
    database: Database,
    follower: str,
    after: str | None,
    limit: int,
    wait: float,
    epoch: str | None,
    has_left: Callable[[], Awaitable[bool]],
) -> FeedPage:
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
        if found.events or left <= 0 or await has_left():
            return found
        await asyncio.sleep(min(_POLL, left))


def read_cursor(text: str | None) -> Cursor:
    """The cursor that a follower sent; none at all is the beginning."""
    try:
        return Cursor.parse(text) if text else START
    except InvalidCursor as error:
        fault = FieldError(pointer="/after", detail=str(error), code="cursor", location="query")
        raise Problem(400, "bad-cursor", "游标无效", errors=[fault]) from error


def _whole(place: Cursor, horizon: Cursor) -> Cursor:
    """The place of a follower that has missed nothing; a 410 Problem for one that may have."""
    found = place.within(horizon)
    if found is None:
        detail = "此后的变更已被整理，其中的删除不再逐条提供；请清空游标，从头读取，并丢弃没有再读到的行。"
        raise Problem(410, "feed-compacted", "变更流已整理", detail)
    return found


def _look(database: Database, after: str | None, limit: int, epoch: str | None) -> FeedPage:
    with database.session() as session:
        return page(session, after, limit, epoch)
