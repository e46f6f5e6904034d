"""Following a real catalog over HTTP, and living on when it is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.catalog.feed.compaction import compact
from services.catalog.feed.service import retract
from services.matching.mirror import service
from services.matching.mirror.feed import UNREACHABLE, CatalogFeed
from services.matching.mirror.follower import catch_up, catch_up_patiently, follow
from shared.contracts.v1 import Kind
from shared.db.database import Database
from shared.http.client import ApiProblem
from tests.support.feed_world import World
from tests.support.live_catalog import LiveCatalog

WORLD = World()
NOWHERE = "http://127.0.0.1:9"


def with_feed(url: str, token: str, use: Callable[[CatalogFeed], Awaitable[object]]) -> object:
    async def run() -> object:
        async with CatalogFeed(url, token) as feed:
            return await use(feed)

    return asyncio.run(run())


def names(database: Database) -> set[str]:
    with database.session() as session:
        return {row.name for row in service.catalogue(session).enterprises}


def test_catching_up_mirrors_the_catalog_and_a_second_time_changes_nothing(
    matching_database: Database, catalog: LiveCatalog, feed_token: str
) -> None:
    catalog.tell(WORLD.entities())
    with catalog.serving() as url:
        with_feed(url, feed_token, lambda feed: catch_up(matching_database, feed))
        with matching_database.session() as session:
            first, counts = service.position(session), service.counts(session)
        with_feed(url, feed_token, lambda feed: catch_up(matching_database, feed))
    with matching_database.session() as session:
        assert service.counts(session) == counts
        assert service.position(session).cursor == first.cursor
    assert counts[Kind.ENTERPRISE] == 6
    assert first.rebuilding is False


def test_a_follower_applies_changes_as_they_come(
    matching_database: Database, catalog: LiveCatalog, feed_token: str
) -> None:
    async def watch(feed: CatalogFeed) -> None:
        following = asyncio.create_task(follow(matching_database, feed))
        catalog.tell(WORLD.entities())
        catalog.tell([WORLD.enterprise("S1", "后来改名", "370200", version=2)])
        async with asyncio.timeout(20):
            while "后来改名" not in await asyncio.to_thread(names, matching_database):
                await asyncio.sleep(0.02)
        following.cancel()

    with catalog.serving() as url:
        with_feed(url, feed_token, watch)


def test_a_follower_outlives_an_outage_of_the_catalog(
    matching_database: Database, catalog: LiveCatalog, feed_token: str
) -> None:
    async def watch(feed: CatalogFeed, stop: Callable[[], None]) -> None:
        following = asyncio.create_task(follow(matching_database, feed))
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(names, matching_database):
                await asyncio.sleep(0.02)
        await asyncio.to_thread(stop)
        with pytest.raises(UNREACHABLE):
            await feed.page(None)
        assert not following.done()
        following.cancel()

    catalog.tell([WORLD.enterprise("S1", "示例", "370200")])
    with ExitStack() as stack:
        url = stack.enter_context(catalog.serving())
        with_feed(url, feed_token, lambda feed: watch(feed, stack.close))
    assert names(matching_database) == {"示例"}


def test_a_restored_catalog_is_mirrored_anew(
    matching_database: Database, catalog: LiveCatalog, feed_token: str
) -> None:
    catalog.tell([WORLD.enterprise("S1", "恢复前", "370200", version=7)])
    with catalog.serving() as url:
        with_feed(url, feed_token, lambda feed: catch_up(matching_database, feed))
        epoch = uuid4()
        catalog.restore(epoch)
        catalog.tell([WORLD.enterprise("S2", "恢复后", "370200", version=1)])
        with_feed(url, feed_token, lambda feed: catch_up(matching_database, feed))
    with matching_database.session() as session:
        assert service.position(session).epoch == str(epoch)
    assert names(matching_database) == {"恢复前", "恢复后"}


def test_a_catalog_that_is_away_is_waited_for_and_then_done_without(
    matching_database: Database, feed_token: str
) -> None:
    found = with_feed(NOWHERE, feed_token, lambda feed: catch_up_patiently(matching_database, feed, patience=0.1))
    assert found is None
    with pytest.raises(UNREACHABLE):
        with_feed(NOWHERE, feed_token, lambda feed: catch_up(matching_database, feed))


def test_a_wrong_token_is_an_answer_of_the_catalog(matching_database: Database, catalog: LiveCatalog) -> None:
    with catalog.serving() as url, pytest.raises(ApiProblem) as refused:
        with_feed(url, "forged", lambda feed: catch_up(matching_database, feed))
    assert refused.value.status == 401


def test_a_follower_behind_a_compaction_begins_anew_by_itself_and_lacks_no_deletion(
    matching_database: Database, catalog: LiveCatalog, feed_token: str
) -> None:
    gone, stays = WORLD.enterprise("S1", "走", "370200"), WORLD.enterprise("S2", "留", "370200")
    catalog.tell([gone, stays])
    with catalog.serving() as url:
        with_feed(url, feed_token, lambda feed: catch_up(matching_database, feed))
        with catalog.database.session() as session:
            retract(session, Kind.ENTERPRISE, [(gone.id, 2)])
            session.commit()
        catalog.tell([WORLD.enterprise("S3", "新", "370200")])
        assert compact(catalog.database, datetime.now(UTC) + timedelta(hours=1)) == 2
        with_feed(url, feed_token, lambda feed: catch_up(matching_database, feed))
        assert names(matching_database) == {"留", "新"}
        with matching_database.session() as session:
            before = service.position(session)
        with_feed(url, feed_token, lambda feed: catch_up(matching_database, feed))
    with matching_database.session() as session:
        after = service.position(session)
    assert (after.cursor, after.epoch, after.rebuilding) == (before.cursor, before.epoch, False)
