"""Writers that do not even take turns: whatever the order in which they are told, the mirror ends as they left it.

Each has its number early, waits for others that hold the same entity, sleeps, rolls back, or rolls a part back: then a
deletion may be told before the change that it came after.
"""

import asyncio
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.feed.models import OutboxEvent
from services.matching.mirror import service
from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import catch_up, follow
from services.matching.mirror.models import MirrorCluster
from shared.contracts.v1 import ClusterV1, Kind
from shared.db.database import Database
from shared.db.ids import new_id
from shared.db.upserts import sql_table
from tests.support.feed_world import NOW, World, deletion, page, upsert
from tests.support.live_catalog import LiveCatalog

WRITERS, TRANSACTIONS, ENTITIES = 8, 15, 12
OUTBOX = sql_table(OutboxEvent).c
NEWEST = text("SELECT DISTINCT ON (entity_id) entity_id, version, op FROM outbox ORDER BY entity_id, version DESC")


def cluster(id: UUID, version: int) -> ClusterV1:
    return ClusterV1(
        id=id, version=version, code="C", name="集群", tier="national", target=0, cities=[], member_ids=[]
    )  # fmt: skip


def change(session: Session, id: UUID, chance: random.Random) -> None:
    """One more version of an entity, under the lock that an update of its row would hold."""
    session.execute(select(func.pg_advisory_xact_lock(id.int & 0xFFFFFF)))
    told = select(func.coalesce(func.max(OUTBOX.version), 0)).where(OUTBOX.entity_id == id)
    version = session.execute(told).scalar_one() + 1
    if version > 1 and chance.random() < 0.4:
        feed.retract(session, Kind.CLUSTER, [(id, version)])
    else:
        feed.record(session, [cluster(id, version)])


def write(database: Database, ids: list[UUID], seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(TRANSACTIONS):
        with database.session() as session:
            # the number of the transaction is given now, before it waits for anybody
            session.execute(select(func.pg_current_xact_id()))
            time.sleep(chance.choice([0, 0, 0.01]))
            for id in sorted(chance.sample(ids, 2)):
                part = session.begin_nested()
                change(session, id, chance)
                if chance.random() < 0.2:
                    part.rollback()
            if chance.random() < 0.2:
                session.rollback()
            else:
                session.commit()


async def follow_until(database: Database, url: str, token: str, writers: list[Future[None]]) -> None:
    """Two followers at a time, as two workers would be."""
    async with CatalogFeed(url, token) as one, CatalogFeed(url, token) as other:
        following = [asyncio.create_task(follow(database, each)) for each in (one, other)]
        while not all(writer.done() for writer in writers):
            await asyncio.sleep(0.02)
        for task in following:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await catch_up(database, one)


def test_whatever_the_order_the_mirror_ends_as_the_writers_left_it(
    matching_database: Database, catalog: LiveCatalog, feed_token: str
) -> None:
    ids, writing = [new_id() for _ in range(ENTITIES)], Database(catalog.url, pool_size=WRITERS)
    with catalog.serving() as url, ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, writing, ids, seed) for seed in range(WRITERS)]
        asyncio.run(follow_until(matching_database, url, feed_token, writers))
        for writer in writers:
            writer.result()
    with writing.session() as session:
        left = {id: version for id, version, op in session.execute(NEWEST) if op == "upsert"}
    writing.dispose()
    with matching_database.session() as session:
        assert {row.id: row.version for row in session.execute(select(MirrorCluster)).scalars()} == left
        assert not any(service.set_aside_counts(session).values())


def test_an_older_change_does_not_bring_back_what_was_deleted(matching_database: Database) -> None:
    firm = World().enterprise("S1", "示例", "370200", version=3)
    again = firm.model_copy(update={"version": 5})

    def held(*told: object, cursor: str, after: str | None) -> int:
        with matching_database.session() as session:
            service.apply_page(session, page(told, cursor), after, NOW)  # type: ignore[arg-type]
            return service.counts(session)[Kind.ENTERPRISE]

    assert held(deletion(firm), cursor="1:1", after=None) == 0
    assert held(upsert(firm), cursor="1:2", after="1:1") == 0
    # within one page too, whichever comes first
    assert held(deletion(firm), upsert(firm), cursor="1:3", after="1:2") == 0
    # brought back by hand it has a newer version
    assert held(upsert(again), cursor="1:4", after="1:3") == 1
