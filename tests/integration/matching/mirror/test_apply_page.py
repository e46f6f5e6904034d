"""Applying pages of the feed: each change once, deletes, and a new epoch without a hole."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlmodel import Session

from services.matching.mirror import service
from services.matching.mirror.service import Position
from shared.contracts.v1 import Entity, FeedPageV1, Kind
from shared.db.database import Database
from tests.support.feed_world import KINDS, NOW, World, deletion, page, upsert

WORLD = World()


def apply(database: Database, what: FeedPageV1, after: str | None) -> Position:
    with database.session() as session:
        return service.apply_page(session, what, after, NOW)


def read(database: Database, get: Callable[[Session], Any]) -> Any:
    with database.session() as session:
        return get(session)


def world_page(cursor: str = "9:9", *, epoch: str = "one", entities: list[Entity] | None = None) -> FeedPageV1:
    told = WORLD.entities() if entities is None else entities
    return page([upsert(entity, at) for at, entity in enumerate(told)], cursor, epoch=epoch)


def names(database: Database) -> list[str]:
    rows = read(database, lambda session: service.catalogue(session).enterprises)
    return sorted(row.name for row in rows)


def test_a_page_and_its_cursor_are_applied_together(matching_database: Database) -> None:
    position = apply(matching_database, world_page(), None)
    assert (position.epoch, position.cursor, position.rebuilding) == ("one", "9:9", False)
    assert (position.caught_up_at, position.last_change_at) == (NOW, NOW)
    counts = read(matching_database, service.counts)
    expected = {kind: sum(KINDS[type(entity)] is kind for entity in WORLD.entities()) for kind in Kind}
    assert counts == expected


def test_every_field_of_the_contract_arrives(matching_database: Database) -> None:
    apply(matching_database, world_page(), None)
    found = read(matching_database, service.catalogue)
    mirrored = {
        row.id: row
        for rows in (found.enterprises, found.certificates, found.clusters, found.products, found.needs)
        for row in rows
    } | {row.id: row for rows in (found.purchases, found.capabilities) for row in rows}
    for entity in WORLD.entities():
        row, json = mirrored[entity.id], entity.model_dump(mode="json")
        for field, value in entity:
            nested = isinstance(value, list | tuple)
            assert getattr(row, field) == (json[field] if nested else value), field


def test_a_page_that_another_follower_has_applied_is_left_alone(matching_database: Database) -> None:
    apply(matching_database, world_page(), None)
    renamed = WORLD.enterprise("S1", "改名", "370200", version=2)
    apply(matching_database, page([upsert(renamed)], "9:10"), "9:9")
    # A second follower read the same stretch before that, and comes late.
    position = apply(matching_database, world_page(), None)
    assert position.cursor == "9:10"
    assert "改名" in names(matching_database)


def test_two_followers_at_once_apply_each_page_once(matching_database: Database) -> None:
    threads = [Thread(target=apply, args=(matching_database, world_page(), None)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(matching_database, service.counts)[Kind.ENTERPRISE] == 6


def test_an_older_version_never_replaces_a_newer_one(matching_database: Database) -> None:
    newer = WORLD.enterprise("S1", "新名", "370200", version=5)
    older = WORLD.enterprise("S1", "旧名", "370200", version=4)
    apply(matching_database, page([upsert(newer)], "1:1"), None)
    apply(matching_database, page([upsert(older)], "1:2"), "1:1")
    assert names(matching_database) == ["新名"]


def test_the_last_event_of_an_entity_in_a_page_counts(matching_database: Database) -> None:
    first = WORLD.enterprise("S1", "先", "370200", version=1)
    second = WORLD.enterprise("S1", "后", "370200", version=2)
    gone = WORLD.enterprise("S2", "走", "370200", version=1)
    apply(matching_database, page([upsert(first), upsert(gone), upsert(second), deletion(gone)], "1:4"), None)
    assert names(matching_database) == ["后"]


def test_a_deletion_removes_the_row_unless_it_is_newer(matching_database: Database) -> None:
    firm = WORLD.enterprise("S1", "示例", "370200", version=1)
    newer = WORLD.enterprise("S1", "示例新", "370200", version=9)
    apply(matching_database, page([upsert(firm)], "1:1"), None)
    apply(matching_database, page([deletion(firm)], "1:2"), "1:1")
    assert names(matching_database) == []
    apply(matching_database, page([upsert(newer)], "1:3"), "1:2")
    apply(matching_database, page([deletion(firm)], "1:4"), "1:3")
    assert names(matching_database) == ["示例新"]


def test_a_new_epoch_rebuilds_from_the_beginning_and_readers_never_find_a_hole(matching_database: Database) -> None:
    apply(matching_database, world_page(), None)
    noticed = apply(matching_database, page([], "2:2", epoch="two"), "9:9")
    assert (noticed.epoch, noticed.cursor, noticed.rebuilding) == ("two", None, True)
    assert len(names(matching_database)) == 6
    # After the restore two firms are left, one of them with a lower version than before.
    back = [
        WORLD.enterprise("S1", "恢复后", "370200", version=1),
        WORLD.enterprise("S2", "二厂", "370200"),
    ]
    half = page([upsert(back[0])], "2:1", epoch="two", caught_up=False)
    assert apply(matching_database, half, None).rebuilding is True
    assert "恢复后" in names(matching_database)
    rest = page([upsert(back[1])], "2:2", epoch="two")
    assert apply(matching_database, rest, "2:1").rebuilding is False
    assert names(matching_database) == ["二厂", "恢复后"]
    assert read(matching_database, service.counts)[Kind.NEED] == 0


def test_a_page_that_cannot_be_applied_leaves_cursor_and_rows_as_they_were(matching_database: Database) -> None:
    apply(matching_database, world_page(), None)
    broken = upsert(WORLD.enterprise("S9", "坏", "370200")).model_copy(update={"data": {"id": "x"}})
    with pytest.raises(ValueError, match="validation error"):
        apply(matching_database, page([upsert(WORLD.enterprise("S8", "好", "370200")), broken], "9:11"), "9:9")
    assert "好" not in names(matching_database)
    assert read(matching_database, service.position).cursor == "9:9"


def test_being_caught_up_is_remembered_even_when_nothing_came(matching_database: Database) -> None:
    apply(matching_database, world_page(), None)
    later = NOW + timedelta(seconds=30)
    with matching_database.session() as session:
        position = service.apply_page(session, page([], "9:9"), "9:9", later)
    assert (position.caught_up_at, position.last_change_at) == (later, NOW)
