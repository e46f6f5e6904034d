"""Following the feed: once until caught up, as a run does, or for ever, as the worker does."""

import asyncio
from datetime import UTC, datetime
from typing import NoReturn, Self

import structlog

from services.matching.mirror import service
from services.matching.mirror.changes import Page
from services.matching.mirror.feed import UNREACHABLE, CatalogFeed, Compacted
from services.matching.mirror.service import Position
from shared.db.database import Database

LONG_POLL = 5.0
"""Seconds; after each poll, empty or not, the mirror knows that nothing is missing."""
PAUSE = 1.0
"""Seconds between two attempts while the catalog is not there."""


async def catch_up(database: Database, feed: CatalogFeed) -> Position:
    """Apply all that the feed has now; raises one of UNREACHABLE when the catalog does not answer."""
    async with Reading(feed) as reading:
        while True:
            position, caught_up = await _step(database, reading, wait=0)
            if caught_up and not position.rebuilding:
                return position


async def catch_up_patiently(database: Database, feed: CatalogFeed, patience: float) -> Position | None:
    """Like `catch_up`, but tries for `patience` seconds while the catalog is away; None when it stays away."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await catch_up(database, feed)
        except UNREACHABLE:
            if asyncio.get_running_loop().time() >= deadline:
                return None
            await asyncio.sleep(PAUSE)


async def follow(database: Database, feed: CatalogFeed) -> NoReturn:
    """Follow the feed for ever; an outage is logged once when it begins and once when it ends."""
    log, away = structlog.get_logger("mirror"), False
    async with Reading(feed) as reading:
        while True:
            try:
                await _step(database, reading, wait=LONG_POLL)
            except UNREACHABLE as error:
                if not away:
                    log.warning("catalog unreachable", error=str(error) or type(error).__name__)
                away = True
                await asyncio.sleep(PAUSE)
            else:
                if away:
                    log.info("catalog reachable again")
                away = False


class Reading:
    """Pages of the feed, the next one asked for while the last one is applied: the catalog works meanwhile."""

    def __init__(self, feed: CatalogFeed) -> None:
        self._feed = feed
        self._ahead: tuple[str, asyncio.Task[Page]] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._drop()

    async def page(self, after: str | None, wait: float) -> Page:
        """The page after a cursor, and on the way already the one after that, where there is more."""
        if self._ahead is not None and self._ahead[0] == after:
            (_, coming), self._ahead = self._ahead, None
            page = await coming
        else:
            await self._drop()
            page = await self._feed.page(after, wait=wait)
        if not page.caught_up:
            self._ahead = page.cursor, asyncio.create_task(self._feed.page(page.cursor))
        return page

    async def _drop(self) -> None:
        """Do without what was asked for: the mirror goes on from elsewhere."""
        if self._ahead is not None:
            _, coming = self._ahead
            self._ahead = None
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _step(database: Database, reading: Reading, wait: float) -> tuple[Position, bool]:
    """Read one page and apply it; no transaction is open while the catalog is asked."""
    after = (await asyncio.to_thread(_read_position, database)).cursor
    try:
        page = await reading.page(after, wait)
    except Compacted:
        return await asyncio.to_thread(_begin_anew, database, after), False
    position = await asyncio.to_thread(_apply, database, page, after)
    return position, page.caught_up and position.cursor == page.cursor


def _read_position(database: Database) -> Position:
    with database.session() as session:
        return service.position(session)


def _begin_anew(database: Database, after: str | None) -> Position:
    with database.session() as session:
        return service.begin_anew(session, after)


def _apply(database: Database, page: Page, after: str | None) -> Position:
    with database.session() as session:
        return service.apply_page(session, page, after, datetime.now(UTC))
