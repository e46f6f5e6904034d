"""What a supplier lets chain leaders know of its capabilities in the catalog: what it made public, and nothing else."""

from typing import Any

import httpx
import psycopg
import pytest

from shared.db.acting import settings_of
from tests.api.catalog.conftest import Served
from tests.conftest import Clone
from tests.support.catalog_world import REVIEWER


def own(writing: Served) -> tuple[httpx.Client, dict[str, Any]]:
    """The supplier, and its capability."""
    client = writing.client(writing.world.supplier("near"))
    (row,) = client.get("/capabilities").json()["items"]
    return client, row


def disclose(writing: Served, level: str) -> dict[str, Any]:
    client, row = own(writing)
    place, tag = f"/capabilities/{row['id']}", {"If-Match": f'"{row["version"]}"'}
    answer = client.patch(place, json={"disclosure": level}, headers=tag)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_by_default_a_leader_finds_no_capability(writing: Served) -> None:
    _, row = own(writing)
    leader = writing.client(writing.world.leader("A"))
    assert row["disclosure"] == "suggested"
    assert leader.get("/capabilities").json()["items"] == []
    assert leader.get(f"/capabilities/{row['id']}").status_code == 404


def test_what_is_public_every_leader_reads_as_it_is_now_and_nobody_else_beside(writing: Served) -> None:
    row = disclose(writing, "public")
    for name in ("A", "B"):
        leader = writing.client(writing.world.leader(name))
        assert leader.get("/capabilities").json()["items"] == [row]
        assert leader.get(f"/capabilities/{row['id']}").json() == row
        found = {group["kind"]: group["hits"] for group in leader.get("/search", params={"q": "near"}).json()}
        assert [hit["id"] for hit in found["capability"]] == [row["id"]]
        assert leader.get(f"/capabilities/{row['id']}/history").status_code == 404
    assert "向所有链主公开" in writing.client(writing.world.leader("A")).get("/capabilities.csv").text
    other = writing.client(writing.world.supplier("far"))
    assert row["id"] not in {each["id"] for each in other.get("/capabilities").json()["items"]}


def test_a_leader_changes_nothing_of_what_it_reads(writing: Served) -> None:
    row = disclose(writing, "public")
    leader, tag = writing.client(writing.world.leader("A")), {"If-Match": f'"{row["version"]}"'}
    assert leader.patch(f"/capabilities/{row['id']}", json={"name": "x"}, headers=tag).status_code == 404
    assert leader.delete(f"/capabilities/{row['id']}", headers=tag).status_code == 404
    assert own(writing)[1] == row


@pytest.mark.parametrize("level", ["suggested", "partners"])
def test_what_is_public_no_longer_is_gone(writing: Served, level: str) -> None:
    disclose(writing, "public")
    row = disclose(writing, level)
    leader = writing.client(writing.world.leader("A"))
    assert leader.get("/capabilities").json()["items"] == []
    assert leader.get(f"/capabilities/{row['id']}").status_code == 404


def test_of_a_supplier_that_is_not_verified_any_more_nothing_is_public(writing: Served) -> None:
    row, near = disclose(writing, "public"), writing.world.enterprises["near"]
    reviewer = writing.client(REVIEWER)
    tag = {"If-Match": reviewer.get(f"/enterprises/{near}").headers["ETag"]}
    assert reviewer.post(f"/enterprises/{near}/suspension", json={"reason": "停产"}, headers=tag).status_code == 200
    assert writing.client(writing.world.leader("A")).get(f"/capabilities/{row['id']}").status_code == 404


def test_an_unknown_level_is_refused_in_words(writing: Served) -> None:
    client, row = own(writing)
    answer = client.patch(f"/capabilities/{row['id']}", json={"disclosure": "all"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/disclosure"


@pytest.mark.parametrize(("level", "seen"), [("public", 1), ("suggested", 0), ("partners", 0)])
def test_the_database_says_the_same(writing: Served, catalog_clone: Clone, level: str, seen: int) -> None:
    """Whatever the statement forgets to ask: row-level security keeps it back."""
    disclose(writing, level)
    names = ("actor", "role", "reads", "writes", "enterprise", "clusters")
    with psycopg.connect(catalog_clone.app) as connection:
        for name, value in zip(names, settings_of(writing.world.leader("A")), strict=True):
            connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
        assert connection.execute("SELECT count(*) FROM capabilities").fetchone() == (seen,)
