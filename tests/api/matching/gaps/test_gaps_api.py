"""The diagnosis of a run over HTTP: what each actor sees of it, and that it adds up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.matching.engine.policy import Policy
from shared.db.database import Database
from shared.http.client import ApiClient
from shared.security.actor import Role
from tests.support.small_province import L1, L2, P1A, P1B, QC, R2, SHIPS, numbered, plan, run_rows, snapshot

Client = Callable[..., httpx.Client]


def read(client: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    answer = client.get(f"/runs/{R2}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def amounts(row: dict[str, Any]) -> dict[str, int]:
    return {part["class"]: part["amount"] for part in row["parts"] if part["amount"]}


@pytest.mark.parametrize("by", ["cluster", "product", "line"])
def test_the_diagnosis_adds_up(reading_as: Client, by: str) -> None:
    answer = read(reading_as(Role.REVIEWER), "diagnosis", by=by)
    assert all(sum(amounts(row).values()) == row["spend"] for row in [*answer["items"], answer["total"]])
    assert sum(row["spend"] for row in answer["items"]) == answer["total"]["spend"] == 700
    assert answer["unit"] == "元"


def test_the_diagnosis_of_a_cluster(reading_as: Client) -> None:
    ships = read(reading_as(Role.REVIEWER), "diagnosis")["items"][0]
    assert amounts(ships) == {
        "excluded": 200,
        "local_now": 140,
        "approved": 50,
        "suggested": 50,
        "unknown_not_moved": 100,
        "near_certificate": 45,
        "one_other_rule": 15,
    }
    reasons = {part["class"]: part["amount"] for part in ships["unknown_reasons"] if part["amount"]}
    assert reasons == {"capacity_taken": 60, "kept_by_cap": 40}
    assert ships["parts"][0]["label"] == "剔除"


def test_lines_come_in_pages(reading_as: Client) -> None:
    reviewer = reading_as(Role.REVIEWER)
    first = read(reviewer, "diagnosis", by="line", limit=3)
    second = read(reviewer, "diagnosis", by="line", limit=3, after=first["next"])
    keys = [row["key"] for row in [*first["items"], *second["items"]]]
    assert (keys, second["next"]) == (["P1/a", "P1/b", "P2/a", "P2/d", "Q/c"], None)
    row = first["items"][0]
    assert (row["part_code"], row["product"], row["leader_name"], row["cluster"]) == ("a", "P1", "示例1号厂", "SHIPS")
    assert reviewer.get(f"/runs/{R2}/diagnosis", params={"after": "bm9uZQ"}).status_code == 400


def test_the_api_client_walks_the_pages(reading_as: Client) -> None:
    reviewer = reading_as(Role.REVIEWER)
    token = reviewer.headers["Authorization"].removeprefix("Bearer ")
    base = str(reviewer.base_url).removesuffix("/matching/v1/")
    with ApiClient(base, token) as client:
        rows = list(client.pages(f"/matching/v1/runs/{R2}/diagnosis", by="line", limit=2))
    assert len(rows) == 5


def test_a_line_has_its_funnel_and_sentence(reading_as: Client) -> None:
    answer = read(reading_as(Role.REVIEWER), f"lines/{P1A}")
    assert answer["funnel"]["removed"][0] == {"rule": "certificate", "label": "缺所需证书", "count": 2}
    assert answer["sentence"].startswith("检索到 3 项供给能力，合格 0 项，采用 0 项")
    assert [row["supplier"]["name"] for row in answer["near_misses"]] == ["示例5号厂", "示例6号厂"]
    assert answer["diagnosis"]["spend"] == 300


def test_a_leader_sees_its_own_lines_and_no_supplier_of_them(reading_as: Client) -> None:
    first, second = reading_as(Role.CHAIN_LEADER, L1), reading_as(Role.CHAIN_LEADER, L2)
    answer = read(first, f"lines/{P1B}")
    assert (answer["taken"], answer["near_misses"]) == (None, None)
    assert second.get(f"/runs/{R2}/lines/{P1B}").status_code == 404
    assert [row["key"] for row in read(second, "diagnosis", by="line")["items"]] == ["Q/c"]
    assert read(second, "diagnosis")["total"]["spend"] == 100
    assert [row["key"] for row in read(first, "products")["items"]] == ["P1", "P2"]
    assert first.get(f"/runs/{R2}/near-misses").status_code == 403
    assert first.get(f"/runs/{R2}/levers").status_code == 403


def test_a_cluster_organisation_sees_its_clusters(reading_as: Client) -> None:
    own = reading_as(Role.CLUSTER_ORGANISATION, None, frozenset({SHIPS}))
    assert [row["key"] for row in read(own, "products")["items"]] == ["P1", "P2"]
    assert own.get(f"/runs/{R2}/lines/{QC}").status_code == 404
    assert len(read(own, "levers")["items"]) == 1
    other = reading_as(Role.CLUSTER_ORGANISATION, None, frozenset({numbered(9)}))
    assert read(other, "levers")["items"] == []
    assert read(other, "near-misses")["items"] == []
    assert read(other, "diagnosis")["total"]["spend"] == 0


@pytest.mark.parametrize("path", ["diagnosis", f"lines/{P1A}", "near-misses", "levers", "products"])
def test_a_supplier_sees_nothing_of_a_run(reading_as: Client, path: str) -> None:
    assert reading_as(Role.SUPPLIER, L1).get(f"/runs/{R2}/{path}").status_code == 403


@pytest.mark.parametrize(
    ("wanted", "suppliers"),
    [
        ({}, ["示例6号厂", "示例5号厂"]),
        ({"rule": "certificate", "city": "370600"}, ["示例5号厂"]),
        ({"rule": "price"}, []),
        ({"product": str(numbered(22))}, []),
        ({"supplier": str(numbered(6))}, ["示例6号厂"]),
    ],
    ids=str,
)
def test_near_misses_by_potential_and_filter(reading_as: Client, wanted: dict[str, str], suppliers: list[str]) -> None:
    answer = read(reading_as(Role.REVIEWER), "near-misses", **wanted)
    assert [row["supplier"]["name"] for row in answer["items"]] == suppliers


def test_a_near_miss_says_what_is_lacking(reading_as: Client) -> None:
    row = read(reading_as(Role.REVIEWER), "near-misses", limit=1)["items"][0]
    assert (row["lacking"], row["potential"], row["evidence"]["verdict"]) == ("IATF 16949", 45, "failed")
    assert row["supplier"]["city"] == "潍坊"


def test_levers_say_what_they_raise(reading_as: Client) -> None:
    answer = read(reading_as(Role.REVIEWER), "levers")
    (lever,) = answer["items"]
    assert lever["sentence"] == "潍坊 1 家企业取得 IATF 16949：示例船舶集群 +11.2 个百分点（多配套 45 元）"
    assert lever["clusters"][0]["points"] == "11.25"
    assert "匹配任务" in answer["definition"]["sentence"]


def test_products_from_now_to_attainable(reading_as: Client) -> None:
    answer = read(reading_as(Role.REVIEWER), "products")
    first = answer["items"][0]
    # 105 + 50 + 50 of 350; alone 105 + 50 + 70
    assert (first["counted"], first["projected"], first["attainable_alone"]) == (350, 205, 70)
    assert first["rates"]["suggested"] == "0.585714"
    assert first["rates"]["attainable_alone"] == "0.642857"
    assert first["reached"] is True
    assert set(answer["definitions"]) == {"local_now", "approved", "suggested", "attainable_joint", "attainable_alone"}
    assert answer["total"]["spend"] == 700


def test_clusters_from_now_to_attainable(reading_as: Client) -> None:
    answer = read(reading_as(Role.REVIEWER), "products", by="cluster")
    ships, none = answer["items"]
    # 140 + 50 + 50 of 400 with the plan, 140 + 50 + 60 with the optimum: 62.5 %
    assert (ships["rates"]["suggested"], ships["rates"]["attainable_joint"]) == ("0.600000", "0.625000")
    assert (ships["target"], ships["attainable_alone"]) == ("0.5", None)
    assert (none["key"], none["rates"]["suggested"], none["reached"]) == (None, "0.000000", False)
    assert "attainable_alone" not in answer["definitions"]


def test_a_diagnosis_that_does_not_add_up_is_not_shown(reading_own: Client, matching_database: Database) -> None:
    run = numbered(900)
    broken = replace(plan(), diagnosis=[{}, *plan().diagnosis[1:]])
    with matching_database.session() as session:
        for rows in run_rows(run, snapshot(), broken, Policy()):
            session.add_all(rows)
            session.flush()
        session.commit()
    answer = reading_own(Role.REVIEWER).get(f"/runs/{run}/diagnosis")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/diagnosis-mismatch")
    assert "items" not in answer.json()


def test_a_run_that_is_not_there(reading_as: Client) -> None:
    assert reading_as(Role.REVIEWER).get(f"/runs/{numbered(7)}/diagnosis").status_code == 404


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("leader", {"F1": 600, "F2": 100}),
        ("city", {"370100": 100, "370200": 600}),
        ("class", {None: 700}),
    ],
)
def test_the_diagnosis_by_leader_city_and_class(reading_as: Client, by: str, rows: dict[str | None, int]) -> None:
    answer = read(reading_as(Role.REVIEWER), "diagnosis", by=by)
    assert {row["key"]: row["spend"] for row in answer["items"]} == rows
    assert all(sum(amounts(row).values()) == row["spend"] for row in answer["items"])
    for name in amounts(answer["total"]):
        assert sum(amounts(row).get(name, 0) for row in answer["items"]) == amounts(answer["total"])[name]


def test_near_misses_that_bring_most_come_first(reading_own: Client, matching_database: Database) -> None:
    run, made = numbered(901), plan()
    first, second = made.near_misses
    tried = replace(made, near_misses=[replace(first, gain=27, product_gain={0: 27}), replace(second, gain=0)])
    with matching_database.session() as session:
        for rows in run_rows(run, snapshot(), tried, Policy()):
            session.add_all(rows)
            session.flush()
        session.commit()
    rows = reading_own(Role.REVIEWER).get(f"/runs/{run}/near-misses").json()["items"]
    # 27 of the product's 350
    assert [(row["gain"], row["product_points"]) for row in rows] == [(27, "7.71"), (0, "0")]
