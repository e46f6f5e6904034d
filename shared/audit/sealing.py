"""Sealing: a worker chains what was written, in the order of commits, and holds nobody up by it.

It may be killed at any time: an entry has its seal, or gets it from whoever looks next.
"""

import asyncio
from typing import NoReturn

from sqlalchemy import text
from sqlmodel import Session

from shared.db.database import Database

PAUSE = 1.0
"""Seconds between two looks."""
_MOST = 500
"""Entries of one transaction: an import of many rows is one of them."""
START = "0"
"""The transaction before all others: from here on everything is looked at."""
_SEAL = text("SELECT sealed, following::text FROM seal_audit(:most, CAST(:since AS xid8))")


async def seal_for_ever(database: Database) -> NoReturn:
    """Seal what has been committed, every second; what the database does is raised."""
    since = START
    while True:
        since = await asyncio.to_thread(seal, database, since)
        await asyncio.sleep(PAUSE)


def seal(database: Database, since: str = START) -> str:
    """Seal all that is committed and has no seal; from which transaction on to look the next time."""
    with database.session() as session:
        sealed = _MOST
        while sealed == _MOST:
            sealed, since = _once(session, since)
    return since


def _once(session: Session, since: str) -> tuple[int, str]:
    found = session.execute(_SEAL, {"most": _MOST, "since": since}).one()
    session.commit()
    return int(found.sealed), str(found.following)
