"""The worker keeps the outbox short, as long as its settings say."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.settings import WorkerSettings
from services.catalog.worker import work
from shared.db.database import Database
from tests.conftest import Clone
from tests.support.feed_pages import page


def test_the_worker_compacts_what_is_older_than_it_is_told_to_keep(
    catalog_database: Database,
    catalog_clone: Clone,
    write: Callable[[Session], UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CATALOG_DATABASE_URL", catalog_clone.app)
    monkeypatch.setenv("CATALOG_FEED_KEEP_DAYS", "3")
    with catalog_database.session() as session:
        old, older, young = (write(session) for _ in range(3))
        aged = text("UPDATE outbox SET at = now() - interval '4 days' WHERE entity_id <> :young")
        session.execute(aged, {"young": young})
        # two versions of one entity, of which one is overtaken
        again = text("UPDATE outbox SET version = 2, entity_id = :older WHERE entity_id = :old")
        session.execute(again, {"old": old, "older": older})
        session.commit()

    def told() -> list[tuple[UUID, int]]:
        with catalog_database.session() as session:
            return [(event["id"], event["version"]) for event in page(session, None, 10)["events"]]

    async def work_until_compacted() -> None:
        working = asyncio.create_task(work(WorkerSettings()))
        while len(await asyncio.to_thread(told)) != 2:
            assert not working.done()
            await asyncio.sleep(0.02)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    asyncio.run(asyncio.wait_for(work_until_compacted(), 30))
    assert told() == [(older, 2), (young, 1)]
