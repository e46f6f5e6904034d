"""What the worker does for suggestions and cooperations beside the runs: all that days and the mirror move.

It looks after each change of the mirror and otherwise twice a minute; a second look changes nothing.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import NoReturn

import structlog

from services.matching.cooperation import service as cooperation
from services.matching.mirror import service as mirror
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import Waiting
from shared.db.database import Database
from shared.http.problems import Problem

LOOK = 1.0
"""Seconds between two looks at how far the mirror is."""
PAUSE = 30.0
"""Seconds after which it tends even where the mirror tells nothing new: contracts are registered, days pass."""


async def tend_for_ever(database: Database, waiting: Waiting) -> NoReturn:
    """Tend after each change of the mirror, and every half minute. What the database does is raised."""
    seen: str | None = None
    due = 0.0
    while True:
        cursor = await asyncio.to_thread(_caught_up_at, database)
        if cursor is not None and (cursor != seen or time.monotonic() >= due):
            await asyncio.to_thread(tend, database, datetime.now(UTC), waiting)
            seen, due = cursor, time.monotonic() + PAUSE
        await asyncio.sleep(LOOK)


def tend(database: Database, now: datetime, waiting: Waiting) -> None:
    """Once: reopen, restore, expire; count purchases to contracts and end those that are over."""
    for use_case in (suggestions.tend, cooperation.tend):
        with database.session() as session:
            try:
                counts = use_case(session, now, waiting)
            except Problem as problem:
                structlog.get_logger("tending").error("could not tend", reason=str(problem))
                continue
        moved = {verb.value: count for verb, count in counts.items() if count}
        if moved:
            structlog.get_logger("tending").info("moved by themselves", **moved)


def _caught_up_at(database: Database) -> str | None:
    """How far the mirror is; None while it is being built, or behind, and would tell but half."""
    with database.session() as session:
        position = mirror.position(session)
    behind = position.caught_up_at is None or (position.last_change_at or position.caught_up_at) > position.caught_up_at
    return None if position.rebuilding or behind else position.cursor
