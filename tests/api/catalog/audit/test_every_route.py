"""No changing route leaves the audit without an entry: a written list of what each changes, and every kind's round."""

import tomllib
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.catalog.kinds import KINDS
from tests.api.catalog.writing.test_every_kind import ROWS
from tests.conftest import Clone, Signing
from tests.contract.openapi.conftest import application
from tests.support.identity_desk import Desk

LIST: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("routes.toml").read_text("utf-8"))
OF_KINDS = frozenset(
    f"{verb}_{name}{more}"
    for name in KINDS
    for verb, more in (("create", ""), ("change", ""), ("delete", ""), ("restore", ""), ("write", "_in_bulk"))
)
_WATCHED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'keep_change'"


def changing(service: str, signing: Signing) -> set[str]:
    """The operations of a service that come by another method than GET."""
    paths = application(service, "postgresql://nobody@127.0.0.1:1/nothing", signing).openapi()["paths"]
    unsafe = ("post", "put", "patch", "delete")
    return {each[method]["operationId"] for each in paths.values() for method in unsafe if method in each}


@pytest.mark.parametrize("service", ["catalog", "matching"])
def test_what_every_changing_route_changes_is_watched(
    request: pytest.FixtureRequest, signing: Signing, service: str
) -> None:
    urls: Clone = request.getfixturevalue(f"{service}_clone")
    listed = {operation: table for table, operations in LIST[service].items() for operation in operations}
    found = changing(service, signing) - set(LIST["computing"])
    assert found - set(listed) - (OF_KINDS if service == "catalog" else set()) == set(), "say what they change"
    assert set(listed) - found == set(), "on the list, and not there"
    with psycopg.connect(urls.owner) as connection:
        watched = {row[0] for row in connection.execute(_WATCHED)}
    sources = {"history", "note"} if service == "catalog" else {"suggestion_event"}
    assert set(listed.values()) - watched - sources == set()


def test_every_kind_leaves_an_entry_of_each_step(desk: Desk) -> None:
    client, auditing = desk.operator, desk.operator
    for name, row in ROWS.items():
        kind = KINDS[name]
        body, changes = row(desk.world)
        made = client.post(f"/{kind.segment}", json=body)
        assert made.status_code == 201, made.text
        place, tag = f"/{kind.segment}/{made.json()['id']}", made.headers["ETag"]
        done = [f"create_{name}"]
        if changes:
            tag = client.patch(place, json=changes, headers={"If-Match": tag}).headers["ETag"]
            done.append(f"change_{name}")
        if kind.deletable:
            client.delete(place, headers={"If-Match": tag}).raise_for_status()
            client.post(f"{place}/restoration", json={"reason": "误删"}).raise_for_status()
            done += [f"delete_{name}", f"restore_{name}"]
        told = auditing.get("/audit", params={"entity": made.json()["id"]}).json()["items"]
        assert [each["verb"] for each in reversed(told)] == done, name
        assert {each["actor"] for each in told} == {"operator"}
