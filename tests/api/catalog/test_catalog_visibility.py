"""Who sees what: for each role and list exactly its own rows, and 404 for everybody else's."""

from typing import Any
from uuid import UUID

import pytest

from shared.security.actor import Actor, Role
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER, SERVICE, World

LISTS = ["enterprises", "certificates", "clusters", "products", "needs", "purchases", "capabilities"]

#: By role and list, what it sees: by name, code, or part.
EXPECTED: dict[str, dict[str, set[str]]] = {
    "leader A": {
        "enterprises": {"甲船舶", "丙阀门", "丁铸造"},
        "certificates": set(),
        "clusters": {"SHIP"},
        "products": {"A-1"},
        "needs": {"VALVE", "PAINT"},
        "purchases": {"VALVE", "ROPE"},
        "capabilities": set(),
    },
    "supplier near": {
        "enterprises": {"丙阀门"},
        "certificates": {"Q-near"},
        "clusters": {"SHIP"},
        "products": set(),
        "needs": set(),
        "purchases": set(),
        "capabilities": {"near 的产品"},
    },
    "supplier keyed": {
        "enterprises": {"戊泵业"},
        "certificates": set(),
        "clusters": set(),
        "products": set(),
        "needs": set(),
        "purchases": set(),
        "capabilities": set(),
    },
    "organisation ships": {
        "enterprises": {"甲船舶", "丙阀门"},
        "certificates": {"Q-near"},
        "clusters": {"SHIP"},
        "products": {"A-1"},
        "needs": {"VALVE", "PAINT"},
        "purchases": {"VALVE"},
        "capabilities": {"near 的产品"},
    },
    "organisation of none": {name: set() for name in LISTS},
}
ALL = {
    "enterprises": {"甲船舶", "乙机床", "丙阀门", "丁铸造", "戊泵业"},
    "certificates": {"Q-near", "Q-far"},
    "clusters": {"SHIP", "TOOL"},
    "products": {"A-1", "B-1", "X-1"},
    "needs": {"VALVE", "PAINT", "BED"},
    "purchases": {"VALVE", "ROPE", "BED"},
    "capabilities": {"near 的产品", "far 的产品"},
}
EXPECTED |= {"reviewer": ALL, "service": ALL}

NAMED_BY = {
    "enterprises": "name",
    "certificates": "number",
    "clusters": "code",
    "products": "code",
    "needs": "part_code",
    "purchases": "part_code",
    "capabilities": "name",
}


def actor(world: World, name: str) -> Actor:
    """The actor that a row of the table means."""
    return {
        "reviewer": REVIEWER,
        "service": SERVICE,
        "leader A": world.leader("A"),
        "supplier near": world.supplier("near"),
        "supplier keyed": world.supplier("keyed"),
        "organisation ships": world.organisation("ships"),
        "organisation of none": Actor("o", Role.CLUSTER_ORGANISATION),
    }[name]


def items(reading: Served, who: Actor, listed: str) -> list[dict[str, Any]]:
    answer = reading.client(who).get(f"/{listed}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize("listed", LISTS)
@pytest.mark.parametrize("role", EXPECTED)
def test_a_list_has_exactly_what_the_role_sees(reading: Served, role: str, listed: str) -> None:
    found = items(reading, actor(reading.world, role), listed)
    names = [str(item[NAMED_BY[listed]]).removesuffix("（虚构）") for item in found]
    assert sorted(names) == sorted(EXPECTED[role][listed])


@pytest.mark.parametrize("listed", LISTS)
@pytest.mark.parametrize("role", EXPECTED)
def test_a_row_that_is_not_listed_is_not_found(reading: Served, role: str, listed: str) -> None:
    who = actor(reading.world, role)
    seen = {item["id"] for item in items(reading, who, listed)}
    client = reading.client(who)
    for item in items(reading, REVIEWER, listed):
        answer = client.get(f"/{listed}/{item['id']}")
        assert answer.status_code == (200 if item["id"] in seen else 404)
        assert answer.json()["id" if item["id"] in seen else "status"] == (item["id"] if item["id"] in seen else 404)


def test_a_leader_gets_a_supplier_as_a_card(reading: Served) -> None:
    near = reading.world.enterprises["near"]
    client = reading.client(reading.world.leader("A"))
    card = client.get(f"/enterprises/{near}").json()
    assert set(card) == {"id", "name", "short_name", "region", "class_code"}
    listed = {item["id"]: item for item in client.get("/enterprises").json()["items"]}
    assert listed[str(near)] == card
    assert listed[str(reading.world.enterprises["A"])]["status"] == "verified"


def test_a_leader_cannot_find_a_supplier_by_what_its_card_does_not_say(reading: Served) -> None:
    near = reading.client(REVIEWER).get(f"/enterprises/{reading.world.enterprises['near']}").json()
    client = reading.client(reading.world.leader("A"))
    assert client.get("/enterprises", params={"q": near["credit_code"]}).json()["items"] == []
    assert len(client.get("/enterprises", params={"q": "阀门"}).json()["items"]) == 1


def test_a_leader_sees_neither_bills_nor_histories_of_others(reading: Served) -> None:
    client = reading.client(reading.world.leader("A"))
    assert client.get(f"/products/{reading.world.products['A-1']}/bom").status_code == 200
    assert client.get(f"/products/{reading.world.products['B-1']}/bom").status_code == 404
    assert client.get(f"/enterprises/{reading.world.enterprises['near']}/history").status_code == 404


@pytest.mark.parametrize(("name", "members"), [("leader A", {"A"}), ("supplier near", {"near"})])
def test_an_enterprise_sees_of_a_clusters_members_only_itself(reading: Served, name: str, members: set[str]) -> None:
    (cluster,) = items(reading, actor(reading.world, name), "clusters")
    ids: dict[str, UUID] = reading.world.enterprises
    assert cluster["member_ids"] == [str(ids[member]) for member in members]
    assert cluster["members"] == 2


@pytest.mark.parametrize("listed", [*LISTS, "feed", "codes/units", "imports", "templates"])
def test_without_a_token_nothing_is_seen(reading: Served, listed: str) -> None:
    answer = reading.client(None).get(f"/{listed}")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorised")


@pytest.mark.parametrize("role", ["leader A", "supplier near", "organisation ships", "reviewer"])
def test_the_feed_is_for_the_other_service(reading: Served, role: str) -> None:
    assert reading.client(actor(reading.world, role)).get("/feed").status_code == 403


@pytest.mark.parametrize("role", ["leader A", "supplier near", "organisation ships", "service"])
def test_only_a_reviewer_verifies_and_decides(reading: Served, role: str) -> None:
    client = reading.client(actor(reading.world, role))
    near = reading.world.enterprises["near"]
    assert client.post("/enterprises/verification", json={"all_submitted": True}).status_code == 403
    body, headers = {"reason": "停产"}, {"If-Match": '"2"'}
    assert client.post(f"/enterprises/{near}/suspension", json=body, headers=headers).status_code == 403
