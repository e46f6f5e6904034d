"""Applying pages of the feed: each change once, deletes, and a new epoch without a hole."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from services.matching.mirror import service
from services.matching.mirror.changes import Page
from services.matching.mirror.models import TABLES, FeedCursor
from services.matching.mirror.service import Position
from shared.contracts.v1 import ENTITIES, Entity, Kind
from shared.db.database import Database
from tests.support.feed_world import KINDS, NOW, World, deletion, page, upsert

WORLD = World()
SAMPLES = Path(__file__).resolve().parents[3] / "contract" / "v1"


def apply(database: Database, what: Page, after: str | None) -> Position:
    with database.session() as session:
        return service.apply_page(session, what, after, NOW)


def read(database: Database, get: Callable[[Session], Any]) -> Any:
    with database.session() as session:
        return get(session)


def world_page(cursor: str = "9:9", *, epoch: str = "one", entities: list[Entity] | None = None) -> Page:
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


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json") if path.stem != "feed_page"))
def test_every_field_of_the_contract_arrives(matching_database: Database, name: str) -> None:
    kind = Kind(name.partition("-")[0])
    entity = ENTITIES[kind].model_validate_json((SAMPLES / f"{name}.json").read_bytes())
    apply(matching_database, page([upsert(entity)], "9:9"), None)
    row = read(matching_database, lambda session: session.get(TABLES[kind], entity.id))
    json = entity.model_dump(mode="json")
    for field, value in entity:
        assert getattr(row, field) == (json[field] if isinstance(value, list | tuple) else value), field


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


def test_being_caught_up_is_remembered_even_when_nothing_came(matching_database: Database) -> None:
    apply(matching_database, world_page(), None)
    later = NOW + timedelta(seconds=30)
    with matching_database.session() as session:
        position = service.apply_page(session, page([], "9:9"), "9:9", later)
    assert (position.caught_up_at, position.last_change_at) == (later, NOW)


def test_a_program_that_knows_more_of_the_contract_reads_everything_again(matching_database: Database) -> None:
    apply(matching_database, world_page(), None)
    with matching_database.session() as session:
        # as a program would have left it to which the contract said less
        session.execute(update(FeedCursor).values(fields=1))
        for table in TABLES.values():
            session.execute(update(table).values(epoch="one/1"))
        session.commit()
    noticed = apply(matching_database, page([], "9:9"), "9:9")
    assert (noticed.epoch, noticed.cursor, noticed.rebuilding) == ("one", None, True)
    assert len(names(matching_database)) == 6
    # the same versions as before, and one firm less: all rows are written anew, what is not told again goes
    again = [entity for entity in WORLD.entities() if entity.id != WORLD.id("S1")]
    assert apply(matching_database, world_page(entities=again), None).rebuilding is False
    assert len(names(matching_database)) == 5
    # it is known now: the next page is applied as usual
    assert apply(matching_database, page([], "9:10"), "9:9").cursor == "9:10"
