"""How far each follower has come, and what the feed keeps from it: what its lag is told by."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from services.catalog.feed.models import FeedFollower
from shared.db.database import Database
from shared.db.upserts import sql_table

_FOLLOWER = sql_table(FeedFollower)
#: How old a follower's line may be before it is written again though its cursor is where it was.
_FRESH = text("interval '5 seconds'")
_BEHIND = text(
    """
    SELECT follower.name, follower.cursor, follower.read_at, count(event.id) AS behind, min(event.at) AS oldest
    FROM feed_follower AS follower
    LEFT JOIN outbox AS event ON (event.xid, event.id)
        > (split_part(follower.cursor, ':', 1)::xid8, split_part(follower.cursor, ':', 2)::bigint)
    GROUP BY follower.name
    ORDER BY follower.name
    """
)


@dataclass(frozen=True)
class Follower:
    """A follower: its last cursor, when it asked, how many events lie after it, and the time of the oldest of them."""

    name: str
    cursor: str
    read_at: datetime
    behind: int
    oldest: datetime | None


def note(database: Database, name: str, cursor: str) -> None:
    """Write down that a follower asked for what comes after `cursor`, in a transaction of its own."""
    statement = insert(_FOLLOWER).values(name=name, cursor=cursor)
    stale = _FOLLOWER.c.read_at < func.now() - _FRESH
    statement = statement.on_conflict_do_update(
        index_elements=[_FOLLOWER.c.name],
        set_={"cursor": statement.excluded.cursor, "read_at": func.now()},
        where=or_(_FOLLOWER.c.cursor != statement.excluded.cursor, stale),
    )
    with database.session() as session:
        # nothing is lost with the last line of it in a crash: it is not worth waiting for the disk
        session.execute(select(func.set_config("synchronous_commit", literal("off"), True)))
        session.execute(statement)
        session.commit()


def all_followers(session: Session) -> list[Follower]:
    """Every follower that has ever asked, in the order of their names."""
    return [Follower(**row) for row in session.execute(_BEHIND).mappings()]
