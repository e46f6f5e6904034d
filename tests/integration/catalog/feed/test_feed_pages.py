"""Pages of the feed: cursors, epochs, and what an event says."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.feed.epochs import begin_epoch
from shared.contracts.v1 import ClusterV1, FeedPageV1, Kind
from shared.db.database import Database
from shared.http.problems import Problem
from tests.support.feed_pages import page

Write = Callable[[Session], UUID]


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    with catalog_database.session() as opened:
        yield opened


def test_an_empty_feed_is_caught_up_at_the_beginning(session: Session) -> None:
    told = page(session, None, 10)
    assert (told["events"], told["caught_up"], told["cursor"]) == ([], True, "0:0")


def test_pages_follow_each_other_within_one_transaction(session: Session, write: Write) -> None:
    ids = [write(session) for _ in range(5)]
    session.commit()
    first = page(session, None, 3)
    second = page(session, first["cursor"], 3)
    third = page(session, second["cursor"], 3)
    assert [event["id"] for event in first["events"] + second["events"]] == ids
    assert (first["caught_up"], second["caught_up"]) == (False, True)
    assert (third["events"], third["cursor"]) == ([], second["cursor"])


def test_transactions_come_in_the_order_of_their_numbers_however_many_digits_they_have(
    session: Session, write: Write
) -> None:
    numbers = [5, 9, 10, 99, 100]
    written = [write(session) for _ in numbers]
    session.execute(
        text("UPDATE outbox SET xid = (CAST(:numbers AS xid8[]))[id]"), {"numbers": list(map(str, numbers))}
    )
    session.commit()
    told = page(session, None, 3)
    rest = page(session, told["cursor"], 3)
    assert [event["id"] for event in told["events"] + rest["events"]] == written
    assert rest["cursor"] == "100:5"


def test_an_event_is_the_whole_entity_and_parses_as_the_contract(session: Session, write: Write) -> None:
    id = write(session)
    session.commit()
    told = FeedPageV1.model_validate_json(feed.page(session, None, 10).body)
    (event,) = told.events
    assert (event.id, event.op, event.position) == (id, "upsert", told.cursor)
    assert ClusterV1.model_validate(event.data).code == "C"


def test_an_entity_that_is_gone_is_told_of_without_data(session: Session, write: Write) -> None:
    id_ = write(session)
    feed.retract(session, Kind.CLUSTER, [(id_, 2)])
    session.commit()
    last = FeedPageV1.model_validate_json(feed.page(session, None, 10).body).events[-1]
    assert (last.kind, last.id, last.version, last.op, last.data) == (Kind.CLUSTER, id_, 2, "delete", None)


@pytest.mark.parametrize("cursor", ["x", "1", "1:2:", "1:2:3:4"])
def test_what_is_no_cursor_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(Problem) as raised:
        feed.page(session, cursor, 10)
    assert (raised.value.status, raised.value.kind) == (400, "bad-cursor")


def test_a_cursor_of_another_epoch_is_a_conflict(session: Session) -> None:
    epoch = page(session, None, 10)["epoch"]
    assert page(session, None, 10, epoch)["epoch"] == epoch
    with pytest.raises(Problem) as raised:
        feed.page(session, "5:5", 10, str(uuid4()))
    assert (raised.value.status, raised.value.kind) == (409, "feed-epoch")


def test_after_a_restore_the_feed_begins_again_and_keeps_what_it_had(session: Session, write: Write) -> None:
    before = [write(session), write(session)]
    session.commit()
    old = page(session, None, 10)["epoch"]
    new = uuid4()
    begin_epoch(session, new)
    after = write(session)
    session.commit()
    told = page(session, None, 10)
    assert [event["id"] for event in told["events"]] == [*before, after]
    assert told["epoch"] == str(new) != old
