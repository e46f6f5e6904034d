"""Pages of the feed: cursors, epochs, and what an event says."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.feed.epochs import begin_epoch
from shared.contracts.v1 import ClusterV1, FeedPageV1, Kind
from shared.db.database import Database
from shared.http.problems import Problem
from shared.http.responses import json_bytes

Write = Callable[[Session], UUID]


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    with catalog_database.session() as opened:
        yield opened


def test_an_empty_feed_is_caught_up_at_the_beginning(session: Session) -> None:
    page = feed.page(session, None, 10)
    assert (page["events"], page["caught_up"], page["cursor"]) == ([], True, "0:0")


def test_pages_follow_each_other_within_one_transaction(session: Session, write: Write) -> None:
    ids = [write(session) for _ in range(5)]
    session.commit()
    first = feed.page(session, None, 3)
    second = feed.page(session, first["cursor"], 3)
    third = feed.page(session, second["cursor"], 3)
    assert [event["id"] for event in first["events"] + second["events"]] == ids
    assert (first["caught_up"], second["caught_up"]) == (False, True)
    assert (third["events"], third["cursor"]) == ([], second["cursor"])


def test_an_event_is_the_whole_entity_and_parses_as_the_contract(session: Session, write: Write) -> None:
    id = write(session)
    session.commit()
    page = FeedPageV1.model_validate_json(json_bytes(feed.page(session, None, 10)))
    (event,) = page.events
    assert (event.id, event.op, event.position) == (id, "upsert", page.cursor)
    assert ClusterV1.model_validate(event.data).code == "C"


def test_an_entity_that_is_gone_is_told_of_without_data(session: Session, write: Write) -> None:
    id_ = write(session)
    feed.retract(session, Kind.CLUSTER, [(id_, 2)])
    session.commit()
    last = FeedPageV1.model_validate_json(json_bytes(feed.page(session, None, 10))).events[-1]
    assert (last.kind, last.id, last.version, last.op, last.data) == (Kind.CLUSTER, id_, 2, "delete", None)


@pytest.mark.parametrize("cursor", ["x", "1", "1:2:3"])
def test_what_is_no_cursor_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(Problem) as raised:
        feed.page(session, cursor, 10)
    assert (raised.value.status, raised.value.kind) == (400, "bad-cursor")


def test_a_cursor_of_another_epoch_is_a_conflict(session: Session) -> None:
    epoch = feed.page(session, None, 10)["epoch"]
    assert feed.page(session, None, 10, epoch)["epoch"] == epoch
    with pytest.raises(Problem) as raised:
        feed.page(session, "5:5", 10, str(uuid4()))
    assert (raised.value.status, raised.value.kind) == (409, "feed-epoch")


def test_after_a_restore_the_feed_begins_again_and_keeps_what_it_had(session: Session, write: Write) -> None:
    before = [write(session), write(session)]
    session.commit()
    old = feed.page(session, None, 10)["epoch"]
    new = uuid4()
    begin_epoch(session, new)
    after = write(session)
    session.commit()
    page = feed.page(session, None, 10)
    assert [event["id"] for event in page["events"]] == [*before, after]
    assert page["epoch"] == str(new) != old
