"""Forgetting what is over: drafts that nobody touched any more with their documents, and proofs that were spent.

It may be interrupted anywhere: the next time goes on. What a killed process left in the store goes, too.
"""

import asyncio
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from sqlalchemy import delete, select
from sqlmodel import Session

from services.catalog.registration import documents
from services.catalog.registration.models import Registration, SpentProof
from services.catalog.registration.rules import State
from services.catalog.registration.store import Store
from shared.clock import utc_now
from shared.db.database import Database
from shared.db.upserts import among, sql_table

_TABLE, _SPENT = sql_table(Registration), sql_table(SpentProof)
PAUSE = 3600.0
"""Seconds between two sweeps."""
SOON = 60.0
"""Seconds till the first one: a process that has just begun has better things to do."""
#: Drafts, or contents, that are looked at in one transaction.
_CHUNK = 500
_HALVES_KEPT = timedelta(days=1)


async def sweep_for_ever(database: Database, store: Store | None) -> NoReturn:
    """Sweep soon, and then every hour; what the database does is raised."""
    await asyncio.sleep(SOON)
    while True:
        await asyncio.to_thread(sweep, database, store, utc_now())
        await asyncio.sleep(PAUSE)


def sweep(database: Database, store: Store | None, now: datetime) -> int:
    """Forget what was over at a moment; how many drafts. Any number may sweep at the same time.

    The store is that of this database: what no document of it names is removed.
    """
    forgotten = 0
    with database.session() as session:
        session.execute(delete(_SPENT).where(_SPENT.c.expires_at <= now))
        session.commit()
        while found := _forget_drafts(session, now):
            forgotten += found
        if store is not None:
            _tidy(session, store, now)
    structlog.get_logger("registration").info("drafts forgotten", drafts=forgotten)
    return forgotten


def _tidy(session: Session, store: Store, now: datetime) -> None:
    """Remove contents of no document, and halves of contents. Commits."""
    names = list(store.names())
    for start in range(0, len(names), _CHUNK):
        documents.drop_unused(session, store, names[start : start + _CHUNK])
    store.forget_halves(now - _HALVES_KEPT)


def _forget_drafts(session: Session, now: datetime) -> int:
    """Delete some drafts that are over; how many. Commits."""
    over = select(_TABLE.c.id).where(_TABLE.c.state == State.DRAFT.value, _TABLE.c.expires_at <= now)
    ids = session.execute(over.limit(_CHUNK).with_for_update(skip_locked=True)).scalars().all()
    documents.forget(session, ids)
    session.execute(delete(_TABLE).where(among(_TABLE.c.id, ids)))
    session.commit()
    return len(ids)
