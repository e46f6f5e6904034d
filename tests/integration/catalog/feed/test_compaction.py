"""The outbox is compacted: who begins anew gets every row that lives, and who may have missed a deletion is told."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from services.catalog.feed import compaction
from services.catalog.feed import service as feed
from services.catalog.feed.epochs import begin_epoch
from services.catalog.feed.models import OutboxEvent
from services.catalog.feed.rules import START, Cursor
from shared.contracts.v1 import ClusterV1, Kind
from shared.db.database import Database
from shared.db.ids import new_id
from shared.http.problems import Problem
from tests.support.feed_pages import page

SOON = timedelta(hours=1)
HELD_BACK = text("SELECT count(*) FROM outbox WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())")


def compact(database: Database, before: datetime | None = None) -> int:
    """Compact when all that is written can be read: the server's own transactions may hold it back for a while."""
    with database.session() as session:
        while session.execute(HELD_BACK).scalar_one():
            time.sleep(0.01)
    return compaction.compact(database, before or datetime.now(UTC) + SOON)


def cluster(id: UUID, version: int) -> ClusterV1:
    return ClusterV1(
        id=id, version=version, code="C", name="集群", tier="national", target=Decimal(0), cities=[], member_ids=[]
    )


def tell(database: Database, *told: ClusterV1 | tuple[UUID, int]) -> None:
    """Each change, or deletion, in a transaction of its own."""
    for each in told:
        with database.session() as session:
            if isinstance(each, ClusterV1):
                feed.record(session, [each])
            else:
                feed.retract(session, Kind.CLUSTER, [each])
            session.commit()


def read(database: Database, after: str | None = None, limit: int = 5000) -> list[tuple[UUID, int, str]]:
    """All events after a cursor, page after page."""
    found: list[tuple[UUID, int, str]] = []
    while True:
        with database.session() as session:
            told = page(session, after, limit)
        found += [(event["id"], event["version"], event["op"]) for event in told["events"]]
        after = told["cursor"]
        if told["caught_up"]:
            return found


def end_of(database: Database) -> str:
    with database.session() as session:
        cursor: str = page(session, None, 5000)["cursor"]
    return cursor


def test_of_each_entity_the_newest_older_change_is_kept_and_of_a_deleted_one_nothing(
    catalog_database: Database,
) -> None:
    kept, gone = new_id(), new_id()
    tell(catalog_database, cluster(kept, 1), cluster(gone, 1), cluster(kept, 2), (gone, 2), cluster(kept, 3))
    assert compact(catalog_database) == 4
    assert read(catalog_database) == [(kept, 3, "upsert")]
    assert compact(catalog_database) == 0


def test_what_is_not_old_enough_is_left_alone(catalog_database: Database) -> None:
    id = new_id()
    tell(catalog_database, cluster(id, 1), cluster(id, 2))
    assert compact(catalog_database, datetime.now(UTC) - SOON) == 0
    assert len(read(catalog_database)) == 2


def test_a_change_counts_as_newest_by_its_version_whatever_its_place(catalog_database: Database) -> None:
    with catalog_database.session() as first, catalog_database.session() as second:
        id = new_id()
        first.execute(select(func.pg_current_xact_id()))
        feed.record(second, [cluster(id, 1)])
        second.commit()
        feed.retract(first, Kind.CLUSTER, [(id, 2)])
        first.commit()
    # the deletion stands before the change that it came after
    assert [op for _, _, op in read(catalog_database)] == ["delete", "upsert"]
    assert compact(catalog_database) == 2
    assert read(catalog_database) == []


def test_who_has_not_read_a_deletion_that_is_gone_must_begin_anew(catalog_database: Database) -> None:
    gone, kept = new_id(), new_id()
    tell(catalog_database, cluster(gone, 1))
    behind = end_of(catalog_database)
    tell(catalog_database, (gone, 2), cluster(kept, 1))
    level = end_of(catalog_database)
    compact(catalog_database)
    with catalog_database.session() as session, pytest.raises(Problem) as raised:
        feed.page(session, behind, 10)
    assert (raised.value.status, raised.value.kind) == (410, "feed-compacted")
    assert (
        raised.value.detail
        == "此后的变更已被整理，其中的删除不再逐条提供；请清空游标，从头读取，并丢弃没有再读到的行。"
    )
    assert read(catalog_database, level) == []
    assert read(catalog_database) == [(kept, 1, "upsert")]


def test_who_is_behind_goes_on_where_only_overtaken_changes_are_gone(catalog_database: Database) -> None:
    id, other = new_id(), new_id()
    tell(catalog_database, cluster(other, 1))
    behind = end_of(catalog_database)
    tell(catalog_database, cluster(id, 1), cluster(id, 2))
    assert compact(catalog_database) == 1
    assert read(catalog_database, behind) == [(id, 2, "upsert")]


def test_who_began_after_a_compaction_reads_on_before_its_horizon_until_the_next_one(
    catalog_database: Database,
) -> None:
    ids = [new_id() for _ in range(3)]
    tell(catalog_database, *(cluster(id, 1) for id in ids), (ids[0], 2))
    compact(catalog_database)
    with catalog_database.session() as session:
        early = page(session, None, 1)["cursor"]
    assert Cursor.parse(early).compaction == 1
    assert read(catalog_database, early, 1) == [(ids[2], 1, "upsert")]
    tell(catalog_database, (ids[1], 2))
    compact(catalog_database)
    with catalog_database.session() as session, pytest.raises(Problem):
        feed.page(session, early, 10)


def test_a_deletion_stays_while_something_else_is_told_of_its_entity(catalog_database: Database) -> None:
    id = new_id()
    tell(catalog_database, cluster(id, 1), (id, 2))
    middle = datetime.now(UTC)
    tell(catalog_database, cluster(id, 3))
    assert compact(catalog_database, middle) == 1
    assert read(catalog_database) == [(id, 2, "delete"), (id, 3, "upsert")]


def test_a_new_epoch_has_no_horizon(catalog_database: Database) -> None:
    id, kept = new_id(), new_id()
    tell(catalog_database, cluster(id, 1), cluster(kept, 1), (id, 2))
    compact(catalog_database)
    with catalog_database.session() as session:
        begin_epoch(session, new_id())
        assert compaction.horizon(session) == START
    assert read(catalog_database) == [(kept, 1, "upsert")]


def test_two_at_once_do_not_compact_together(catalog_database: Database) -> None:
    id = new_id()
    tell(catalog_database, *(cluster(id, version) for version in range(1, 200)))
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _: compact(catalog_database), range(3))) == 198
    with catalog_database.session() as session:
        assert session.execute(select(func.count()).select_from(OutboxEvent)).scalar_one() == 1
        locks = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")
        assert session.execute(locks).scalar_one() == 0


def test_a_follower_from_zero_gets_all_that_lives_while_others_write_and_compact(catalog_database: Database) -> None:
    finished = threading.Event()
    living: set[UUID] = set()

    def write() -> None:
        for number in range(120):
            id = new_id()
            tell(catalog_database, cluster(id, 1), *([(id, 2)] if number % 3 else [cluster(id, 2)]))
            living.update([] if number % 3 else [id])
        finished.set()

    def compact_often() -> None:
        while not finished.is_set():
            compact(catalog_database)

    def mirror() -> set[UUID]:
        """What a follower holds in the end that begins anew when it is told to."""
        held: set[UUID] = set()
        cursor: str | None = None
        while True:
            done = finished.is_set()
            try:
                told = _page(catalog_database, cursor)
            except Problem:
                held, cursor = set(), None
                continue
            for event in told["events"]:
                held = held | {event["id"]} if event["op"] == "upsert" else held - {event["id"]}
            cursor = told["cursor"]
            if done and told["caught_up"]:
                return held

    with ThreadPoolExecutor(4) as pool:
        followers = [pool.submit(mirror) for _ in range(2)]
        others = [pool.submit(work) for work in (write, compact_often)]
        for other in others:
            other.result()
        assert [follower.result() for follower in followers] == [living, living]


def _page(database: Database, cursor: str | None) -> dict[str, Any]:
    with database.session() as session:
        return page(session, cursor, 7)
