"""What-ifs over HTTP, by the real resident engine: what a change brings, to whom it is told, and what is refused."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.security.actor import Role
from tests.api.matching.what_if.conftest import Stage
from tests.support.feed_world import CASTER, HOUSING, LEADER, SECOND_CASTER, SHAFT, TURNER, World

WORLD = World()


def need(product: str, part: str) -> str:
    return str(WORLD.id(f"{product}/{part}"))


def offer(supplier: str, name: str = "铸造") -> str:
    return str(WORLD.id(f"{supplier}/{name}"))


def ask(client: httpx.Client, *changes: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/what-if", json={"changes": list(changes)})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def reviewer(stage: Stage) -> httpx.Client:
    return stage.client(Role.REVIEWER)


CURE = {"kind": "open", "need": need("P1", HOUSING), "capability": offer(SECOND_CASTER)}


def test_nothing_changes_nothing(reviewer: httpx.Client) -> None:
    answer = ask(reviewer)
    assert (answer["total"]["gain"], answer["products"], answer["shifts"]) == (0, [], [])
    assert answer["sentence"] == "可达的配套金额不变。"
    assert "可达" in answer["definition"]["sentence"]


def test_a_lost_supplier_costs_what_nobody_else_can_make(reviewer: httpx.Client) -> None:
    answer = ask(reviewer, {"kind": "remove_supplier", "supplier": str(WORLD.id(TURNER))})
    (row,) = answer["products"]
    assert (row["key"], row["gain"], row["attainable_after"]) == ("P1", -60_000, row["attainable_before"] - 60_000)
    assert (row["points"], answer["clusters"][0]["points"]) == ("-30", "-30")
    (shift,) = answer["shifts"]
    assert (shift["supplier"]["name"], shift["before"], shift["after"]) == ("示例精工", 60_000, 0)
    assert answer["sentence"].startswith("可达的配套减少 6.00 万元：示例机床集群 -30.00 个百分点")


def test_changes_are_made_together(reviewer: httpx.Client) -> None:
    gone = {"kind": "remove_supplier", "supplier": str(WORLD.id(TURNER))}
    come = {"kind": "add_supplier", "needs": [need("P1", SHAFT)], "yuan": 40_000}
    answer = ask(reviewer, gone, come)
    assert answer["total"]["gain"] == -20_000
    assert [row["after"] for row in answer["shifts"] if row["supplier"] is None] == [40_000]
    assert ask(reviewer)["total"]["gain"] == 0


def test_capacity_release_and_pairs(reviewer: httpx.Client) -> None:
    fewer = ask(reviewer, {"kind": "capacity", "capability": offer(TURNER, "车削"), "units": "500"})
    assert fewer["total"]["gain"] == 500 * 50 - 60_000
    cheaper = ask(reviewer, {"kind": "capacity", "capability": offer(TURNER, "车削"), "yuan": 20_000})
    assert cheaper["total"]["gain"] == -40_000
    held = ask(reviewer, {"kind": "movable", "need": need("P1", SHAFT), "yuan": 25_000})
    assert held["total"]["gain"] == -35_000
    closed = ask(reviewer, {"kind": "close", "need": need("P1", SHAFT), "capability": offer(TURNER, "车削")})
    assert closed["total"]["gain"] == -60_000


def test_a_cure_brings_what_the_near_miss_says(reviewer: httpx.Client) -> None:
    answer = ask(reviewer, CURE)
    assert answer["total"]["gain"] > 0
    near = reviewer.get("/near-misses").json()["items"]
    assert {row["supplier"]["name"] for row in near} == {"示例铸造二厂"}


def test_the_smallest_set_of_cures_of_a_cluster(reviewer: httpx.Client) -> None:
    answer = reviewer.get("/cures", params={"cluster": str(WORLD.id("MACHINE"))})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["product"], found["cluster_name"], found["reached"]) == (None, "示例机床集群", True)
    recorded = reviewer.get("/cure-sets").json()["items"]
    assert [row["lacking"] for row in recorded if row["cluster"] == "MACHINE"] in ([], [found["lacking"]])
    missing = reviewer.get("/cures", params={"cluster": str(uuid4())})
    assert (missing.status_code, missing.json()["title"]) == (404, "没有这个集群")


@pytest.mark.parametrize("params", [{}, {"product": str(uuid4()), "cluster": str(uuid4())}], ids=len)
def test_cures_are_of_one_product_or_one_cluster(reviewer: httpx.Client, params: dict[str, str]) -> None:
    answer = reviewer.get("/cures", params=params)
    assert answer.status_code == 422
    assert [(row["pointer"], row["detail"]) for row in answer.json()["errors"]] == [
        ("/product", "请写明一个主导产品（product）或一个集群（cluster），二者写一个。")
    ]


def test_the_smallest_set_of_cures(reviewer: httpx.Client) -> None:
    answer = reviewer.get("/cures", params={"product": str(WORLD.id("P1"))})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["reached"] is True and found["target"] == "0.5"
    assert len(found["cures"]) >= (found["lower_bound"] or 0)
    missing = reviewer.get("/cures", params={"product": str(uuid4())})
    assert (missing.status_code, missing.json()["title"]) == (404, "没有这个主导产品")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "open", "need": str(UUID(int=1)), "capability": offer(CASTER)}, "/changes/0/need"),
        ({"kind": "open", "need": need("P1", SHAFT), "capability": str(UUID(int=1))}, "/changes/0/capability"),
        ({"kind": "open", "need": need("P1", SHAFT), "capability": offer(CASTER)}, "/changes/0"),
        ({"kind": "remove_supplier", "supplier": str(UUID(int=1))}, "/changes/0/supplier"),
        ({"kind": "add_supplier", "needs": [need("P1", SHAFT), str(UUID(int=1))]}, "/changes/0/needs/1"),
        ({"kind": "add_supplier", "needs": []}, "/changes/0/add_supplier/needs"),
        ({"kind": "movable", "need": need("P1", SHAFT), "yuan": -1}, "/changes/0/movable/yuan"),
        ({"kind": "wish"}, "/changes/0"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_in_the_run_is_refused_with_a_pointer(
    reviewer: httpx.Client, change: dict[str, Any], pointer: str
) -> None:
    answer = reviewer.post("/what-if", json={"changes": [change]})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_cluster_organisation_asks_within_its_clusters(stage: Stage) -> None:
    own = stage.client(Role.CLUSTER_ORGANISATION, None, frozenset({WORLD.id("MACHINE")}))
    assert ask(own, {"kind": "remove_supplier", "supplier": str(WORLD.id(TURNER))})["total"]["gain"] == -60_000
    outside = own.post("/what-if", json={"changes": [{"kind": "movable", "need": need("Q", HOUSING), "yuan": 0}]})
    assert outside.status_code == 422
    assert own.get("/cures", params={"product": str(WORLD.id("Q"))}).status_code == 404


@pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER])
def test_it_is_for_those_who_oversee(stage: Stage, role: Role) -> None:
    client = stage.client(role, WORLD.id(LEADER))
    assert client.post("/what-if", json={"changes": []}).status_code == 403


def test_a_run_that_is_not_there(stage: Stage) -> None:
    reviewer = stage.client(Role.REVIEWER)
    base = str(reviewer.base_url).replace(str(stage.run_id), str(UUID(int=7)))
    assert reviewer.post(f"{base}what-if", json={"changes": []}).status_code == 404


def test_requests_take_turns(stage: Stage) -> None:
    reviewer = stage.client(Role.REVIEWER)
    gone = {"kind": "remove_supplier", "supplier": str(WORLD.id(TURNER))}
    with ThreadPoolExecutor(8) as pool:
        gains = list(pool.map(lambda number: ask(reviewer, *([gone] * (number % 2)))["total"]["gain"], range(24)))
    assert gains == [0, -60_000] * 12


def test_a_killed_engine_is_started_again(stage: Stage) -> None:
    reviewer = stage.client(Role.REVIEWER)
    gone = {"kind": "remove_supplier", "supplier": str(WORLD.id(TURNER))}
    first = ask(reviewer, gone)
    before = stage.engine.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    again = ask(reviewer, gone)
    assert stage.engine.pid not in (None, before)
    assert again["total"] == first["total"]
