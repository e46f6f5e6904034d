"""A bad change is set aside with its reason, the others go on; it can be tried again."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog
from structlog.testing import capture_logs

from services.matching.mirror import service
from services.matching.mirror.changes import BadPage, Page, What, read_page
from services.matching.mirror.models import ChangeSetAside
from services.matching.mirror.service import Position
from shared.db.database import Database
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.support.feed_world import NOW, World, deletion, upsert

WORLD = World()
REVIEWER = Actor("审核员", Role.REVIEWER)


def event(name: str, code: str = "S1", version: int = 1) -> dict[str, Any]:
    """A change of a firm as it travels."""
    told: dict[str, Any] = upsert(WORLD.enterprise(code, name, "370200", version=version)).model_dump(mode="json")
    return told


def apply(database: Database, events: list[Any], cursor: str, after: str | None) -> Position:
    body = {"epoch": "one", "cursor": cursor, "caught_up": True, "events": events}
    with database.session() as session:
        return service.apply_page(session, read_page(json.dumps(body).encode()), after, NOW)


def aside(database: Database) -> list[ChangeSetAside]:
    with database.session() as session:
        return list(service.changes_set_aside(session, None, None, 100))


def names(database: Database) -> list[str]:
    with database.session() as session:
        return sorted(row.name for row in service.catalogue(session).enterprises)


BAD = [
    ("no object", What.MALFORMED, "变更：应为一个对象"),
    ({"kind": "enterprise"}, What.MALFORMED, "position：缺少这一项；id：缺少这一项"),
    ({**event("坏"), "op": "replace"}, What.MALFORMED, "op：应为下列之一：'upsert' 或 'delete'"),
    ({**event("坏"), "kind": "galaxy"}, What.UNKNOWN_KIND, "不认识的种类“galaxy”"),
    ({**event("坏"), "data": None}, What.MALFORMED, "变更：应为一个对象"),
    ({**event("坏"), "data": {**event("坏")["data"], "staff": "many"}}, What.MALFORMED, "staff：应为整数"),
    ({**event("坏"), "version": 7}, What.MALFORMED, "data 的 id 或 version 与变更的不同"),
    ({**event("坏"), "data": {**event("坏")["data"], "staff": 2**40}}, What.REFUSED, "数据库不接受：value"),
    ({**event("坏"), "data": {**event("坏")["data"], "name": "坏\u0000"}}, What.REFUSED, "数据库不接受：unsupported"),
]


@pytest.mark.parametrize(("bad", "what", "reason"), BAD)
def test_a_bad_change_is_set_aside_and_does_not_stop_the_feed(
    matching_database: Database, bad: Any, what: What, reason: str
) -> None:
    structlog.reset_defaults()
    with capture_logs() as logs:
        position = apply(matching_database, [event("前", "S7"), bad, event("后", "S8")], "1:3", None)
    assert (position.cursor, position.rebuilding) == ("1:3", False)
    assert names(matching_database) == sorted(["前", "后"])
    (row,) = aside(matching_database)
    assert row.what == what
    assert row.reason.startswith(reason)
    assert row.event == bad
    assert [(each["log_level"], each["event"]) for each in logs] == [("warning", "change set aside")]


def test_many_bad_changes_of_one_entity_are_one_row_that_counts(matching_database: Database) -> None:
    bad = {**event("坏"), "data": {}}
    apply(matching_database, [bad, bad], "1:2", None)
    apply(matching_database, [bad], "1:3", "1:2")
    assert [row.times for row in aside(matching_database)] == [3]


def test_unknown_fields_are_told_of_once_and_the_rest_is_taken(matching_database: Database) -> None:
    newer = [event(name, name) for name in ("甲", "乙")]
    for each in newer:
        each["data"]["colour"] = "red"
    apply(matching_database, newer, "1:2", None)
    assert names(matching_database) == sorted(["甲", "乙"])
    (row,) = aside(matching_database)
    assert (row.what, row.kind, row.entity_id) == (What.UNKNOWN_FIELDS, "enterprise", None)
    assert row.reason.startswith("不认识的字段 colour；其余字段已采用")


@pytest.mark.parametrize(
    "later", [event("好", version=2), deletion(WORLD.enterprise("S1", "", "")).model_dump(mode="json")]
)
def test_a_later_change_of_the_entity_ends_the_matter(matching_database: Database, later: Any) -> None:
    apply(matching_database, [{**event("坏"), "data": {}}], "1:1", None)
    assert len(aside(matching_database)) == 1
    apply(matching_database, [event("别家", "S2")], "1:2", "1:1")
    assert len(aside(matching_database)) == 1
    apply(matching_database, [later], "1:3", "1:2")
    assert aside(matching_database) == []


def test_a_new_epoch_forgets_what_was_set_aside(matching_database: Database) -> None:
    apply(matching_database, [{**event("坏"), "data": {}}], "1:1", None)
    with matching_database.session() as session:
        service.apply_page(session, Page("two", "1:1", True, []), "1:1", NOW)
    assert aside(matching_database) == []


def put_right(database: Database, data: dict[str, Any]) -> UUID:
    """What an upgrade does to a change that could not be read before: it can be read now."""
    (row,) = aside(database)
    with database.session() as session:
        kept = session.get_one(ChangeSetAside, row.id)
        kept.event = {**kept.event, "data": data}
        session.commit()
    return row.id


def test_another_try_applies_what_can_be_applied_now(matching_database: Database) -> None:
    good = event("好")
    apply(matching_database, [{**good, "data": {}}], "1:1", None)
    row_id = put_right(matching_database, good["data"])
    with matching_database.session() as session:
        assert service.try_again(session, row_id, NOW) is None
    assert (names(matching_database), aside(matching_database)) == (["好"], [])


def test_another_try_never_replaces_a_newer_version(matching_database: Database) -> None:
    apply(matching_database, [event("新", version=5)], "1:1", None)
    apply(matching_database, [{**event("旧", version=6), "data": {}}], "1:2", "1:1")
    row_id = put_right(matching_database, event("旧", version=4)["data"] | {"version": 6})
    with matching_database.session() as session:
        kept = session.get_one(ChangeSetAside, row_id)
        kept.event = event("旧", version=4)
        session.commit()
        assert service.try_again(session, row_id, NOW) is None
    assert (names(matching_database), aside(matching_database)) == (["新"], [])


def test_another_try_of_what_is_still_bad_says_so_and_counts(matching_database: Database) -> None:
    apply(matching_database, [{**event("坏"), "kind": "galaxy"}], "1:1", None)
    (row,) = aside(matching_database)
    with matching_database.session() as session:
        fault = service.try_again(session, row.id, NOW + timedelta(hours=1))
    assert fault is not None
    assert fault.what is What.UNKNOWN_KIND
    (again,) = aside(matching_database)
    assert (again.id, again.times, again.first_at, again.last_at) == (row.id, 2, NOW, NOW + timedelta(hours=1))


def test_a_change_can_be_given_up_and_the_log_says_by_whom(matching_database: Database) -> None:
    apply(matching_database, [{**event("坏"), "kind": "galaxy"}], "1:1", None)
    (row,) = aside(matching_database)
    structlog.reset_defaults()
    with capture_logs() as logs, matching_database.session() as session:
        service.put_away(session, row.id, REVIEWER)
    assert aside(matching_database) == []
    assert [(each["event"], each["by"]) for each in logs] == [("change put away", "审核员")]
    with matching_database.session() as session, pytest.raises(Problem) as refused:
        service.put_away(session, row.id, REVIEWER)
    assert (refused.value.status, refused.value.title) == (404, "没有这个搁置的变更")


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"epoch": 1}', b'{"epoch":"e","cursor":"c","caught_up":1,"events":[]}']
)
def test_an_answer_that_is_no_page_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(BadPage, match="no page of a feed"):
        read_page(body)


def test_what_a_change_is_about_may_be_as_long_as_it_likes(matching_database: Database) -> None:
    endless = {**event("坏"), "kind": "银河" * 20_000, "id": None}
    apply(matching_database, [endless, endless], "1:1", None)
    (kept,) = aside(matching_database)
    assert (kept.times, len(kept.key)) == (2, 64)
