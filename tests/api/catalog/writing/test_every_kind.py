"""Every kind makes the same round: created, changed, deleted, brought back; each step in history and feed."""

from collections.abc import Callable
from typing import Any

import pytest

from services.catalog.kinds import KINDS
from shared.codes.credit_code import make
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER, SERVICE, World

Body = dict[str, Any]

#: By kind: a new row, and what is changed in it.
ROWS: dict[str, Callable[[World], tuple[Body, Body]]] = {
    "enterprise": lambda _: (
        {"credit_code": make(90), "name": "庚（虚构）", "is_supplier": True, "region": "370300", "staff": 12},
        {"staff": 40, "revenue_wan": "900"},
    ),
    "certificate": lambda world: (
        {**_of(world, enterprise_id="far"), "scheme": "AS9100", "number": "9", "valid_until": "2028-01-01"},
        {"scope": "铸件", "trust": "document_seen"},
    ),
    "title": lambda world: (
        {**_of(world, enterprise_id="far"), "title": "champion", "level": "provincial"},
        {"issued": "2025-03-01", "number": "SD-1（虚构）"},
    ),
    "relation": lambda world: (_of(world, owner_id="B", owned_id="far"), {"share": "0.51"}),
    "preference": lambda world: (
        {**_of(world, leader_id="B", supplier_id="near"), "part_code": "BED", "stance": "preferred"},
        {"stance": "blacklisted", "reason": "两次误期"},
    ),
    "cluster": lambda _: ({"code": "NEW", "name": "新集群", "tier": "provincial"}, {"cities": ["370700"]}),
    "cluster_members": lambda world: (
        {"cluster_id": str(world.clusters["ships"]), **_of(world, enterprise_id="far")},
        {},
    ),
    "product": lambda world: ({"code": "N-1", "name": "渡船", **_of(world, leader_id="A")}, {"annual_volume": "7"}),
    "bom_lines": lambda world: (
        {"product_id": str(world.products["B-1"]), "part_code": "SLIDE", "part_name": "导轨", "quantity": "2"},
        {"quantity": "4"},
    ),
    "need": lambda world: (
        {"product_id": str(world.products["B-1"]), "part_code": "OIL", "part_name": "导轨油", "annual_quantity": "8"},
        {"unit_price": "30", "release_share": "0.5"},
    ),
    "purchase": lambda world: (
        {**_of(world, leader_id="B"), "document": "N-9", "part_code": "BED", "period": "2025Q3", "amount": "100"},
        {"amount": "-40"},
    ),
    "capability": lambda world: (
        {**_of(world, supplier_id="far"), "code": "N", "name": "床身铸件"},
        {"spare_capacity": "90", "capacity_unit": "件"},
    ),
}


def _of(world: World, **names: str) -> Body:
    return {field: str(world.enterprises[name]) for field, name in names.items()}


def test_no_kind_is_left_out() -> None:
    assert set(ROWS) == set(KINDS)


@pytest.mark.parametrize("name", ROWS)
def test_the_round_of_a_kind(writing: Served, name: str) -> None:
    kind, client = KINDS[name], writing.client(REVIEWER)
    body, changes = ROWS[name](writing.world)
    made = client.post(f"/{kind.segment}", json=body)
    assert made.status_code == 201, made.text
    place, tag = f"/{kind.segment}/{made.json()['id']}", made.headers["ETag"]
    if changes:
        changed = client.patch(place, json=changes, headers={"If-Match": tag}, params={"reason": "更正"})
        assert changed.status_code == 200, changed.text
        assert changed.headers["ETag"] != tag
        tag = changed.headers["ETag"]
    if kind.deletable:
        assert client.delete(place, headers={"If-Match": tag}).status_code == 204
        assert client.delete(place, headers={"If-Match": tag}).status_code == 404
        back = client.post(f"{place}/restoration", json={"reason": "误删"})
        assert back.status_code == 200, back.text
        assert int(back.headers["ETag"].strip('"')) > int(tag.strip('"')) + 1
    steps = client.get(f"{place}/history").json()["items"]
    ops = ["insert", "delete"] * kind.deletable + ["update"] * bool(changes) + ["insert"]
    assert [step["op"] for step in steps if step["op"] != "update" or step["reason"]] == ops
    assert {step["actor"] for step in steps} == {"test"}
    if kind.contract is not None:
        events = writing.client(SERVICE).get("/feed", params={"limit": 5000}).json()["events"]
        told = [(event["op"], event["version"]) for event in events if event["id"] == made.json()["id"]]
        assert [op for op, _ in told if op == "delete"] == ["delete"] * kind.deletable
        assert [version for _, version in told] == sorted(version for _, version in told)
        assert told[-1][0] == "upsert"
