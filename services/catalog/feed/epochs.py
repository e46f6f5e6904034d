"""The epoch of the feed: one life of the database, in which the numbers of transactions have one meaning.

A dump that is restored has the outbox's old numbers and a counter of transactions that knows nothing of them, and it
lacks what followers have read since it was made. They must read it from the beginning, so that it gets a new epoch. No
operator need say so: the cluster, its timeline, the database and the very table are other ones after a restore, a
point-in-time recovery or a copy, and the feed notices when it is next read.
"""

from uuid import UUID, uuid4

import structlog
from sqlalchemy import cast, literal, select, text
from sqlmodel import Session

from services.catalog.feed import compaction
from services.catalog.feed.models import FeedEpoch, OutboxEvent
from services.catalog.feed.turns import take_turn
from shared.db.upserts import sql_table
from shared.db.xids import Xid8

_OUTBOX = sql_table(OutboxEvent)
_EPOCH = sql_table(FeedEpoch)
_LIFE = text(
    """
    SELECT concat_ws('/', system.system_identifier, checkpoint.timeline_id, own.oid, 'outbox'::regclass::oid)
    FROM pg_control_system() AS system, pg_control_checkpoint() AS checkpoint, pg_database AS own
    WHERE own.datname = current_database()
    """
)


def present(session: Session) -> UUID:
    """The epoch of the database as it is; begun now, and committed, where it is not the one that wrote it down."""
    life = str(session.execute(_LIFE).scalar_one())
    known = session.execute(select(_EPOCH)).one()
    if known.life == life:
        return UUID(str(known.epoch))
    return _settle(session, life)


def begin_epoch(session: Session, epoch: UUID) -> None:
    """Start a new epoch at an operator's wish, for what `present` cannot see: old files put back under a server."""
    take_turn(session)
    _begin(session, epoch, str(session.execute(_LIFE).scalar_one()))
    session.commit()


def _settle(session: Session, life: str) -> UUID:
    """Write down the life of a new database, or begin a new epoch in one that was restored or copied."""
    session.rollback()
    take_turn(session)
    known = session.execute(select(_EPOCH)).one()
    if known.life is None:
        session.execute(_EPOCH.update().values(life=life))
    elif known.life != life:
        structlog.get_logger("feed").warning("the database was restored or copied: a new epoch", life=life)
        _begin(session, uuid4(), life)
    session.commit()
    return UUID(str(session.execute(select(_EPOCH.c.epoch)).scalar_one()))


def _begin(session: Session, epoch: UUID, life: str) -> None:
    """Numbers of transactions begin anew: all that is there comes first, in the order in which it was written."""
    session.execute(_EPOCH.update().values(epoch=epoch, life=life))
    session.execute(_OUTBOX.update().values(xid=cast(literal("0"), Xid8)))
    compaction.reset(session)
