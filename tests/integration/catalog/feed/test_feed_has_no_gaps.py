"""Writers at the same time, slow ones and some that roll back: the feed misses nothing and shows nothing twice."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.feed import turns
from shared.db.database import Database
from tests.support.feed_pages import page

WRITERS, TRANSACTIONS = 8, 20


def write_for_a_while(database: Database, write: Callable[[Session], UUID], seed: int) -> list[UUID]:
    """Transactions of one to four events, of random length; about a third roll back. The ids that were committed."""
    chance, committed = random.Random(seed), []
    for _ in range(TRANSACTIONS):
        with database.session() as session:
            written = []
            for _ in range(chance.randint(1, 4)):
                written.append(write(session))
                time.sleep(chance.choice([0, 0, 0.001, 0.02]))
            if chance.random() < 0.3:
                session.rollback()
            else:
                session.commit()
                committed.extend(written)
    return committed


def read_until(database: Database, finished: threading.Event) -> list[UUID]:
    """Follow the feed in small pages until the writers have finished and nothing is left; the ids in their order."""
    seen: list[UUID] = []
    cursor: str | None = None
    while True:
        done = finished.is_set()
        with database.session() as session:
            told = page(session, cursor, 7)
        seen.extend(event["id"] for event in told["events"])
        cursor = told["cursor"]
        if done and told["caught_up"]:
            return seen


def test_none_is_missed_and_none_comes_twice(catalog_database: Database, write: Callable[[Session], UUID]) -> None:
    finished = threading.Event()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(read_until, catalog_database, finished) for _ in range(2)]
        writers = [pool.submit(write_for_a_while, catalog_database, write, seed) for seed in range(WRITERS)]
        committed = [id for writer in writers for id in writer.result()]
        finished.set()
        for reader in readers:
            assert Counter(reader.result()) == Counter(committed)
        assert readers[0].result() == readers[1].result()


def test_an_open_writer_holds_back_what_was_written_after_it(
    catalog_database: Database, write: Callable[[Session], UUID]
) -> None:
    with catalog_database.session() as slow, catalog_database.session() as reader:
        late = write(slow)
        with catalog_database.session() as quick:
            early = write(quick)
            quick.commit()
        assert page(reader, None, 10)["events"] == []
        slow.commit()
        reader.rollback()
        assert [event["id"] for event in page(reader, None, 10)["events"]] == [late, early]


def test_who_writes_in_another_database_of_the_server_holds_back_nothing(
    catalog_database: Database, matching_database: Database, write: Callable[[Session], UUID]
) -> None:
    with matching_database.session() as mirror, catalog_database.session() as quick:
        mirror.execute(text("SELECT pg_current_xact_id()"))
        early = write(quick)
        quick.commit()
        assert [event["id"] for event in page(quick, None, 10)["events"]] == [early]


def test_writers_that_take_turns_get_their_numbers_in_the_order_of_their_commits(
    catalog_database: Database, write: Callable[[Session], UUID]
) -> None:
    order: list[UUID] = []

    def write_in_turn(_: int) -> None:
        with catalog_database.session() as session:
            feed.take_turn(session)
            id = write(session)
            order.append(id)
            session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_in_turn, range(20)))
    with catalog_database.session() as session:
        assert [event["id"] for event in page(session, None, 100)["events"]] == order


def test_who_waits_too_long_for_its_turn_is_told(catalog_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", "50ms")
    with catalog_database.session() as first, catalog_database.session() as second:
        feed.take_turn(first)
        with pytest.raises(OperationalError):
            feed.take_turn(second)
