"""The diagnosis of a run over HTTP: what each actor sees of it, and that it adds up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.matching.engine.plan import CapacityValue, Cure, CureSet, Rule
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


def remedied(database: Database) -> UUID:
    """A run that lacks 10 元 of the cluster's target and 60 of Q's, and would use more of F6's capacity."""
    run = numbered(902)
    cure = Cure(2, Rule.CERTIFICATE, "IATF 16949", [0, 4], 10)
    made = replace(
        plan(),
        cures=[CureSet(0, 10, [cure], 10, 30, reached=True, lower_bound=1), CureSet(2, 60, [], 0, 0, False, None)],
        cluster_cures=[CureSet(None, 10, [cure], 10, 30, reached=True, lower_bound=1, cluster=0)],
        capacity_values=[
            CapacityValue(2, 1, 1, 30, 25, 30, {0: 20, 2: 5}),
            CapacityValue(0, 1, 0, 20, 10, 0, {2: 10}),
        ],
    )
    with database.session() as session:
        for rows in run_rows(run, snapshot(), made, Policy()):
            session.add_all(rows)
            session.flush()
        session.commit()
    return run


def test_the_fewest_cures_of_products_and_clusters(reading_own: Client, matching_database: Database) -> None:
    run, reviewer = remedied(matching_database), reading_own(Role.REVIEWER)
    (ships,) = reviewer.get(f"/runs/{run}/cure-sets").json()["items"]
    assert (ships["cluster_name"], ships["product"], ships["target"]) == ("示例船舶集群", None, "0.5")
    assert ships["sentence"] == "“示例船舶集群”距目标还差 10 元，补齐以下 1 项即可达到（不能更少）。"
    # 10 of the cluster's 400
    assert [(row["sentence"], row["points"]) for row in ships["cures"]] == [("示例6号厂（潍坊）取得 IATF 16949", "2.5")]
    products = reviewer.get(f"/runs/{run}/cure-sets", params={"by": "product"}).json()["items"]
    assert [(row["product"], row["cluster"], row["reached"]) for row in products] == [
        ("Q", None, False),
        ("P1", "SHIPS", True),
    ]
    assert products[0]["sentence"] == "“示例车床”距目标还差 60 元，所有一步之遥都补齐也只能多配套 0 元，达不到目标。"


def test_what_more_capacity_brings(reading_own: Client, matching_database: Database) -> None:
    run, reviewer = remedied(matching_database), reading_own(Role.REVIEWER)
    first, second = reviewer.get(f"/runs/{run}/capacity-values").json()["items"]
    assert first["supplier"]["name"] == "示例6号厂"
    assert (first["tenth"], first["tenth_gain"], first["step_gain"]) == (30, 25, 1)
    assert [(row["name"], row["gain"], row["points"]) for row in first["clusters"]] == [("示例船舶集群", 20, "5")]
    assert first["sentence"] == (
        "示例6号厂（潍坊）的“机加工”产能再增一成（30 元）：示例船舶集群 +5.0 个百分点（多配套 25 元）"
    )
    assert (second["clusters"], second["at_most"]) == ([], 0)
    page = reviewer.get(f"/runs/{run}/capacity-values", params={"limit": 1}).json()
    assert (len(page["items"]), page["next"] is None) == (1, False)
    own = reviewer.get(f"/runs/{run}/capacity-values", params={"supplier": str(numbered(3))}).json()
    assert [row["supplier"]["name"] for row in own["items"]] == ["示例3号厂"]


def test_a_cluster_organisation_is_told_of_its_own_gains(reading_own: Client, matching_database: Database) -> None:
    run = remedied(matching_database)
    own = reading_own(Role.CLUSTER_ORGANISATION, None, frozenset({SHIPS}))
    (row,) = own.get(f"/runs/{run}/capacity-values").json()["items"]
    assert (row["tenth_gain"], row["step"], row["step_gain"]) == (20, None, None)
    (ships,) = own.get(f"/runs/{run}/cure-sets").json()["items"]
    assert ships["cures"][0]["lines"] == ["P1/a"]
    assert [row["product"] for row in own.get(f"/runs/{run}/cure-sets?by=product").json()["items"]] == ["P1"]
    other = reading_own(Role.CLUSTER_ORGANISATION, None, frozenset({numbered(9)}))
    assert other.get(f"/runs/{run}/cure-sets").json()["items"] == []
    assert other.get(f"/runs/{run}/capacity-values").json()["items"] == []
    leader = reading_own(Role.CHAIN_LEADER, L1)
    assert {leader.get(f"/runs/{run}/{path}").status_code for path in ("cure-sets", "capacity-values")} == {403}
