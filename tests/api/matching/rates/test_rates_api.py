"""GET /matching/v1/rates over the small province; the arithmetic stands beside each case."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.security.actor import Role
from tests.support.small_province import L1, L2, R1, R2, SHIPS

Client = Callable[..., httpx.Client]


def ask(client: httpx.Client, **question: Any) -> dict[str, Any]:
    answer = client.get("/rates", params=question)
    assert answer.status_code == 200, answer.text
    return answer.json()


def figures(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(float(row[name]) for name in ("numerator", "denominator", "unknown", "excluded"))


def by_key(answer: dict[str, Any]) -> dict[str | None, tuple[float, ...]]:
    return {row["key"]: figures(row) for row in answer["rows"]}


# Part a in 2025: S1 Qingdao 50, S2 Suzhou 30, S4 Weifang (member) 20, S5 related 100. Part c: Shandong 60, unknown 40.
ACTUAL = [
    ({}, {"SHIPS": (70, 100, 0, 100), None: (0, 100, 40, 0)}),
    # Shared 30 : 10, P1 gets three quarters of everything.
    ({"by": "product"}, {"P1": (52.5, 75, 0, 75), "P2": (17.5, 25, 0, 25), "Q": (0, 100, 40, 0)}),
    # The leader's city: S1 alone; known as of Shandong is unknown to Jinan.
    ({"by": "city", "scope": "city"}, {"370200": (50, 100, 0, 100), "370100": (0, 100, 100, 0)}),
    # 胶东 holds Qingdao, Yantai and Weifang; Jinan's circle cannot tell about a supplier of the province.
    ({"by": "city", "scope": "circle"}, {"370200": (70, 100, 0, 100), "370100": (0, 100, 100, 0)}),
    ({"by": "all", "scope": "province"}, {None: (130, 200, 40, 100)}),
    # S1, S2, S4 of SHIPS; S5 excluded; of c one supplier has a name, and is outside where there is no cluster.
    ({"basis": "suppliers"}, {"SHIPS": (2, 3, 0, 1), None: (0, 1, 0, 0)}),
    # a is two lines with 70 of 100 each, c one line with none local and 0.4 unknown.
    ({"basis": "lines"}, {"SHIPS": (1.4, 2, 0, 0), None: (0, 1, 0.4, 0)}),
    # Only the invoice of the third quarter.
    ({"period": "2025Q3"}, {"SHIPS": (0, 30, 0, 0), None: (0, 0, 0, 0)}),
    ({"period": "2024"}, {"SHIPS": (999, 999, 0, 0), None: (0, 0, 0, 0)}),
    # Qingdao and Jinan are in two circles; no part has a class.
    ({"by": "circle"}, {"胶东经济圈": (70, 100, 0, 100), "省会经济圈": (0, 100, 40, 0)}),
    ({"by": "class"}, {None: (70, 200, 40, 100)}),
    # Known only as of Qingdao, even a neighbour may be far; one of Weifang may be near. Suzhou is not.
    ({"by": "city", "scope": "radius", "radius_km": "30"}, {"370200": (0, 100, 70, 100), "370100": (0, 100, 100, 0)}),
    ({"by": "city", "scope": "radius", "radius_km": "900"}, {"370200": (100, 100, 0, 100), "370100": (60, 100, 40, 0)}),
    # S5's 100 are a related party's: with them 170 of 200 are of the cluster.
    ({"exclusions": "toll_processing,energy_water"}, {"SHIPS": (170, 200, 0, 0), None: (0, 100, 40, 0)}),
    ({"exclusions": ""}, {"SHIPS": (170, 200, 0, 0), None: (0, 100, 40, 0)}),
]


@pytest.mark.parametrize(("question", "expected"), ACTUAL, ids=lambda value: str(value)[:40])
def test_actual_rates(reading_as: Client, question: dict[str, str], expected: dict[str | None, Any]) -> None:
    assert by_key(ask(reading_as(Role.REVIEWER), **question)) == expected


# Needs: P1/a 300, P2/a 100 at excluded 1/2, local 0.35, outside 0.15; P1/b 200 unknown; Q/c 60 outside, 40 unknown.
# local now: 105 + 35 of 400. Approved adds 50 of b; R2 adds the 30 that nobody rejected; its optimum 60 instead.
PROJECTED = [
    ({"stage": "local_now"}, (140, 400, 200, 200)),
    # Nobody has accepted or signed anything yet.
    ({"stage": "contracted"}, (140, 400, 200, 200)),
    ({"stage": "accepted"}, (140, 400, 200, 200)),
    ({"stage": "approved"}, (190, 400, 150, 200)),
    ({"stage": "suggested"}, (220, 400, 120, 200)),
    ({"stage": "suggested", "run": str(R1)}, (190, 400, 150, 200)),
    ({"stage": "attainable"}, (250, 400, 150, 200)),
    # Lines: a twice 0.35/0.5; b 50 and 30 of 200; P2/d counts as a part of unknown origin.
    ({"stage": "suggested", "basis": "lines"}, (1.8, 4, 1.6, 0)),
    # S1, S2, S4 and the newcomer S3; S5 is excluded.
    ({"stage": "suggested", "basis": "suppliers"}, (3, 4, 0, 1)),
]


@pytest.mark.parametrize(("question", "expected"), PROJECTED, ids=lambda value: str(value)[:60])
def test_projected_rates_of_a_cluster(
    reading_as: Client, question: dict[str, str], expected: tuple[float, ...]
) -> None:
    assert by_key(ask(reading_as(Role.REVIEWER), **question))["SHIPS"] == expected


def test_attainable_of_single_products_is_their_own_optimum_and_has_no_total(reading_as: Client) -> None:
    # P1: 105 local + 50 approved + 70 of its own optimum, of 350.
    answer = ask(reading_as(Role.REVIEWER), stage="attainable", by="product")
    assert by_key(answer)["P1"] == (225, 350, 125, 150)
    assert answer["total"] is None
    assert answer["definition"]["alone"] is True
    assert "不可相加" in answer["definition"]["sentence"]


def test_a_rate_comes_with_its_definition_range_and_target(reading_as: Client) -> None:
    answer = ask(reading_as(Role.REVIEWER), stage="approved")
    row = answer["rows"][0]
    # 190 of 400; with the 150 unknown at most 340 of 400, without them 190 of 250.
    assert (row["rate"], row["if_unknown_local"], row["of_known"]) == ("0.475000", "0.850000", "0.760000")
    assert (row["target"], row["reached"], row["percent"]) == ("0.5", False, "47.50%")
    assert answer["definition"]["sentence"].startswith("本地配套率（已批准）：按采购金额（不含税）")
    assert answer["definition"]["period"] == "2025"
    assert answer["definition"]["unit"] == "元"


def test_what_could_not_be_counted_is_said(reading_as: Client) -> None:
    reviewer = reading_as(Role.REVIEWER)
    assert ask(reviewer)["notes"] == ["另有 40 元采购的零部件不在任何主导产品的需求中，未计入。"]
    assert ask(reviewer, stage="local_now")["notes"] == ["1 条需求缺数量或单价，没有金额，未计入。"]
    quarter = ask(reviewer, period="2025Q3")["notes"]
    assert quarter == ["另有 260 元采购只记到年度，不属于任何季度，未计入。"]
    assert ask(reviewer, basis="suppliers")["notes"][-1] == "1 组采购未写供应商，不计入家数。"
    # In scope city S3 of Yantai is not local to Qingdao.
    beyond = ask(reviewer, stage="approved", scope="city")["notes"]
    assert beyond[-1] == "另有 1 条建议的供应商不在这一本地范围内，未计入。"


WRONG = [
    ({"stage": "actual", "run": str(R2)}, "/run"),
    ({"stage": "suggested", "scope": "province"}, "/stage"),
    ({"stage": "suggested", "scope": "province", "run": str(R2)}, "/scope"),
    ({"stage": "attainable", "basis": "suppliers"}, "/basis"),
    ({"stage": "attainable", "basis": "lines", "run": str(R2)}, "/basis"),
    ({"period": "去年"}, "/period"),
    ({"basis": "turnover"}, "/basis"),
    ({"scope": "radius"}, "/radius_km"),
    ({"radius_km": "50"}, "/radius_km"),
    ({"exclusions": "imports"}, "/exclusions"),
    ({"stage": "attainable", "by": "class"}, "/by"),
]


@pytest.mark.parametrize(("question", "pointer"), WRONG, ids=lambda value: str(value)[:60])
def test_a_combination_without_meaning_is_refused(reading_as: Client, question: dict[str, str], pointer: str) -> None:
    answer = reading_as(Role.REVIEWER).get("/rates", params=question)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_an_unknown_run_is_not_found(reading_as: Client) -> None:
    answer = reading_as(Role.REVIEWER).get("/rates", params={"stage": "suggested", "run": str(L1)})
    assert answer.status_code == 404


def test_a_leader_reads_the_rates_of_its_own_products(reading_as: Client) -> None:
    first, second = reading_as(Role.CHAIN_LEADER, L1), reading_as(Role.CHAIN_LEADER, L2)
    assert by_key(ask(first, by="product")).keys() == {"P1", "P2"}
    assert by_key(ask(second, by="product")).keys() == {"Q"}
    assert figures(ask(second, by="all")["total"]) == (0, 100, 40, 0)
    assert by_key(ask(first, stage="attainable")) == {"SHIPS": (250, 400, 150, 200)}


def test_a_cluster_organisation_reads_the_rates_of_its_clusters(reading_as: Client) -> None:
    own = reading_as(Role.CLUSTER_ORGANISATION, None, frozenset({SHIPS}))
    assert by_key(ask(own)) == {"SHIPS": (70, 100, 0, 100)}
    assert ask(reading_as(Role.CLUSTER_ORGANISATION))["rows"] == []


def test_a_supplier_reads_no_rates(reading_as: Client) -> None:
    assert reading_as(Role.SUPPLIER, L1).get("/rates").status_code == 403
    anonymous = reading_as(Role.REVIEWER)
    anonymous.headers.pop("Authorization")
    assert anonymous.get("/rates").status_code == 401
