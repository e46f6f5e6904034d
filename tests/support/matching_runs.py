"""Runs carried out in a test: requested as a reviewer does, executed as the worker does."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from services.matching.mirror import service as mirror
from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.models import TABLES, FeedCursor
from services.matching.runs import service as runs
from services.matching.runs.matcher import Matcher
from services.matching.runs.service import RunView
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import Verb
from services.matching.suggestions.service import Order, Query
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.support.feed_world import World, page, upsert

REVIEWER = Actor("审核员", Role.REVIEWER)
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there: runs go on with what the mirror has."""


def mirror_world(database: Database, world: World | None = None, cursor: str = "9:9") -> None:
    """Fill an empty mirror, as a follower would."""
    events = [upsert(entity, at) for at, entity in enumerate((world or World()).entities())]
    with database.session() as session:
        mirror.apply_page(session, page(events, cursor), None, datetime.now(UTC))


def empty_mirror(database: Database) -> None:
    """Forget the catalog, as before the first page."""
    with database.session() as session:
        for table in TABLES.values():
            session.execute(delete(table))
        start = {"epoch": None, "cursor": None, "rebuilding": True, "caught_up_at": None, "last_change_at": None}
        session.execute(update(FeedCursor).values(start))
        session.commit()


def request(database: Database, *, now: datetime | None = None, **overrides: Any) -> UUID:
    """Request a run."""
    with database.session() as session:
        return runs.request_run(session, REVIEWER, overrides, "", now or datetime.now(UTC)).id


def execute(
    database: Database, run_id: UUID, url: str = NOWHERE, clock: Callable[[], datetime] | None = None
) -> RunView:
    """Carry a run out, and look at it."""

    async def work() -> None:
        async with CatalogFeed(url, "token") as feed:
            await Matcher(database, feed, clock, patience=0).execute(run_id)

    # in a thread of its own: a browser keeps a loop running in that of the tests
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work())).result()
    return look(database, run_id)


def run(database: Database, **overrides: Any) -> RunView:
    """Request a run and carry it out."""
    return execute(database, request(database, **overrides))


def look(database: Database, run_id: UUID) -> RunView:
    """A run as a reviewer sees it."""
    with database.session() as session:
        return runs.get_run(session, REVIEWER, run_id)


def suggested(database: Database, run_id: UUID) -> list[Suggestion]:
    """The run's suggestions, the best first."""
    with database.session() as session:
        return suggestions.list_suggestions(session, REVIEWER, Query(run=run_id, order=Order.BEST), None, 100)


def decide(
    database: Database, row: Suggestion, verb: Verb, reason: str = "", now: datetime | None = None
) -> Suggestion:
    """Approve or reject a suggestion as its reviewer."""
    with database.session() as session:
        return suggestions.decide(session, REVIEWER, row.id, verb, row.version, reason, now or datetime.now(UTC))
