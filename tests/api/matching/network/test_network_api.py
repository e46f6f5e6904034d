"""The supply network of a run over HTTP: what it says, and what each actor sees of it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.security.actor import Role
from tests.api.matching.network.conftest import RUN
from tests.support.small_province import JINAN, L1, L2, P1, QINGDAO, S1, S3, SHIPS, YANTAI, Q, numbered

Client = Callable[..., httpx.Client]
PATHS = (
    "network",
    "single-sources",
    "critical-firms",
    "concentration",
    "outage?region=370200",
    "communities",
    "tiers",
)


def read(client: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    answer = client.get(f"/runs/{RUN}/{path}", params=params or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["id"] for row in rows)


def test_the_picture_of_everything(reading_network: Client) -> None:
    answer = read(reading_network(Role.REVIEWER), "network")
    assert {"firm:F1", "firm:F3", "line:P1/a", "line:Q/c", "product:P1"} <= set(names(answer["nodes"]))
    assert answer["shown"] == answer["total"] == {"lines": 5, "suppliers": 3, "spend": 700}
    link = next(row for row in answer["links"] if row["source"] == "firm:F3")
    assert link == {"source": "firm:F3", "target": "line:P1/a", "stage": "current", "amount": 75}
    line = next(row for row in answer["nodes"] if row["id"] == "line:P1/a")
    assert (line["unnamed"], line["amount"], answer["unit"], answer["notes"]) == (195, 300, "元", [])


def test_what_is_approved_and_suggested_is_drawn_when_asked_for(reading_network: Client) -> None:
    reviewer = reading_network(Role.REVIEWER)
    stages = {
        stage: sorted({row["stage"] for row in read(reviewer, "network", stage=stage)["links"] if row["stage"]})
        for stage in ("current", "approved", "suggested")
    }
    assert stages == {
        "current": ["current"],
        "approved": ["approved", "current"],
        "suggested": ["approved", "current", "suggested"],
    }


def test_a_part_of_the_picture_says_how_much_it_is(reading_network: Client) -> None:
    answer = read(reading_network(Role.REVIEWER), "network", limit=5)
    assert answer["total"] == {"lines": 5, "suppliers": 3, "spend": 700}
    assert len(answer["nodes"]) <= 5
    assert answer["notes"] == ["图中有 1 / 5 条零部件、2 / 3 家供应商。"]


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [({"product": str(Q)}, 1), ({"leader": str(L1)}, 4), ({"supplier": str(S1)}, 1), ({"city": YANTAI}, 1)],
    ids=str,
)
def test_the_neighbourhood_of_one_thing(reading_network: Client, wanted: dict[str, str], lines: int) -> None:
    assert read(reading_network(Role.REVIEWER), "network", **wanted)["total"]["lines"] == lines


def test_what_is_not_there_is_not_found(reading_network: Client) -> None:
    reviewer = reading_network(Role.REVIEWER)
    for wanted in ("product", "leader", "supplier"):
        assert reviewer.get(f"/runs/{RUN}/network", params={wanted: str(numbered(999))}).status_code == 404
    assert reviewer.get(f"/runs/{numbered(7)}/network").status_code == 404
    assert reviewer.get(f"/runs/{RUN}/network", params={"limit": 1}).status_code == 422


def test_lines_with_one_source(reading_network: Client) -> None:
    answer = read(reading_network(Role.REVIEWER), "single-sources")
    (row,) = answer["items"]
    assert (row["line"]["key"], row["supplier"]["key"], row["amount"], row["certain"]) == ("Q/c", "F5", 100, True)
    assert (answer["lines"], answer["amount"], answer["notes"]) == (1, 100, [])


def test_a_source_beside_unnamed_ones_is_not_certain(reading_network: Client) -> None:
    answer = read(reading_network(Role.REVIEWER), "single-sources", stage="approved")
    approved = next(row for row in answer["items"] if row["line"]["key"] == "P1/b")
    assert (approved["amount"], approved["unnamed"], approved["certain"]) == (50, 150, False)
    assert answer["notes"] == ["其中 1 条另有来源不明的采购，不能断定只有一家。"]


def test_the_critical_firms_by_solving_again(reading_network: Client) -> None:
    """F3's 75 of P1/a: F5 takes 40, F6 10; F6's 30: F5 takes them; nobody else makes Q/c."""
    answer = read(reading_network(Role.REVIEWER), "critical-firms", k=3)
    rows = {row["firm"]["key"]: (row["supplied"], row["recovered"], row["stopped"]) for row in answer["items"]}
    assert rows == {"F5": (100, 0, 100), "F3": (75, 50, 25), "F6": (30, 30, 0)}
    assert [row["together"] for row in answer["items"]] == [100, 165, 205]
    first = answer["items"][0]
    assert first["worst"][0]["line"]["product_name"] == "示例车床"
    assert first["sentence"] == "若示例5号厂停供：其供应的 100 元中，他家可接 0 元，停供 100 元"
    assert (answer["firms"], answer["k"]) == (3, 3)
    assert (answer["together"]["stopped"], answer["together"]["at_most"]) == (205, 205)
    assert len(read(reading_network(Role.REVIEWER), "critical-firms", k=1)["items"]) == 1


@pytest.mark.parametrize(("by", "first"), [("part", "c"), ("leader", "F1"), ("region", QINGDAO)])
def test_concentration(reading_network: Client, by: str, first: str) -> None:
    answer = read(reading_network(Role.REVIEWER), "concentration", by=by)
    keys = {row["key"]: row for row in answer["items"]}
    assert first in keys
    assert answer["groups"] == len(answer["items"])
    assert sum(row["named"] for row in answer["items"]) == answer["total"]["named"] == 205
    assert answer["thresholds"]["high"] == 1800


def test_the_index_of_a_leader(reading_network: Client) -> None:
    rows = {row["key"]: row for row in read(reading_network(Role.REVIEWER), "concentration", by="leader")["items"]}
    # (75² + 30²) / 105²; over all 600 of the leader's spend: at least (75² + 30²) / 600²
    assert (rows["F1"]["suppliers"], rows["F1"]["least"], rows["F1"]["level"]) == (5918, 181, "high")
    assert (rows["F1"]["unnamed"], rows["F1"]["greatest"]["name"]) == (495, "示例3号厂")


def test_a_citys_outage(reading_network: Client) -> None:
    answer = read(reading_network(Role.REVIEWER), "outage", region=QINGDAO)
    assert (answer["lost"], answer["recovered"], answer["stopped"]) == (75, 50, 25)
    assert [row["name"] for row in answer["clusters"]] == ["示例船舶集群"]
    assert answer["sentence"] == "若山东省青岛市的 1 家供应商全部停供：75 元中，他处可接 50 元，停供 25 元"
    assert read(reading_network(Role.REVIEWER), "outage", region="370000")["stopped"] == 205
    assert read(reading_network(Role.REVIEWER), "outage", region=JINAN)["suppliers"] == []


def test_a_region_that_is_none(reading_network: Client) -> None:
    reviewer = reading_network(Role.REVIEWER)
    answer = reviewer.get(f"/runs/{RUN}/outage", params={"region": "999999"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-region")
    assert reviewer.get(f"/runs/{RUN}/outage").status_code == 422


def test_tiers(reading_network: Client) -> None:
    answer = read(reading_network(Role.REVIEWER), "tiers")
    assert {row["key"]: row["tier"] for row in answer["items"]} == {"F1": 0, "F2": 0, "F3": 1, "F5": 1, "F6": 1}
    assert (answer["depth"], answer["firms"]) == (1, 5)


def test_a_leader_sees_its_own_lines(reading_network: Client) -> None:
    second = reading_network(Role.CHAIN_LEADER, L2)
    assert read(second, "network")["total"] == {"lines": 1, "suppliers": 1, "spend": 100}
    assert [row["firm"]["key"] for row in read(second, "critical-firms")["items"]] == ["F5"]
    assert [row["key"] for row in read(second, "concentration", by="leader")["items"]] == ["F2"]
    assert read(second, "outage", region=QINGDAO)["lost"] == 0
    assert {row["key"] for row in read(second, "tiers")["items"]} == {"F2", "F5"}
    assert second.get(f"/runs/{RUN}/network", params={"product": str(P1)}).status_code == 404
    assert second.get(f"/runs/{RUN}/network", params={"supplier": str(S1)}).status_code == 404
    assert read(second, "network", supplier=str(S3))["total"]["lines"] == 1


@pytest.mark.parametrize("path", ["network", "single-sources", "critical-firms", "concentration", "tiers"])
def test_a_leader_sees_nothing_that_is_only_suggested(reading_network: Client, path: str) -> None:
    first = reading_network(Role.CHAIN_LEADER, L1)
    assert first.get(f"/runs/{RUN}/{path}", params={"stage": "suggested"}).status_code == 403
    assert first.get(f"/runs/{RUN}/{path}", params={"stage": "approved"}).status_code == 200


def test_a_cluster_organisation_sees_its_clusters(reading_network: Client) -> None:
    own = reading_network(Role.CLUSTER_ORGANISATION, None, frozenset({SHIPS}))
    assert read(own, "network")["total"]["lines"] == 4
    other = reading_network(Role.CLUSTER_ORGANISATION, None, frozenset({numbered(9)}))
    assert read(other, "network")["nodes"] == []
    assert read(other, "critical-firms")["items"] == []
    assert read(other, "concentration")["total"] is None
    assert read(other, "single-sources")["items"] == []
    assert read(other, "tiers")["items"] == []


def test_groups_of_firms_that_trade_with_each_other(reading_network: Client) -> None:
    """F1 buys 75 of F3 and 30 of F6, F2 100 of F5: two groups that have nothing to do with each other."""
    answer = read(reading_network(Role.REVIEWER), "communities")
    assert [(row["firms"], row["leaders"], row["inside"], row["across"]) for row in answer["communities"]] == [
        (3, 1, 105, 0),
        (2, 1, 100, 0),
    ]
    assert (answer["between"], answer["firms"], answer["notes"]) == ([], 5, [])
    groups = {row["key"]: row["community"] for row in answer["nodes"]}
    assert groups == {"F1": 0, "F3": 0, "F6": 0, "F2": 1, "F5": 1}
    assert {"source": "firm:F1", "target": "firm:F3", "amount": 75} in answer["links"]
    some = read(reading_network(Role.REVIEWER), "communities", limit=2)
    assert ([row["key"] for row in some["nodes"]], some["notes"]) == (["F1", "F2"], ["图中有 2 / 5 家企业。"])
    own = read(reading_network(Role.CHAIN_LEADER, L1), "communities")
    assert [row["key"] for row in own["nodes"]] == ["F1", "F3", "F6"]


@pytest.mark.parametrize("path", PATHS)
def test_a_supplier_sees_nothing_of_it(reading_network: Client, path: str) -> None:
    assert reading_network(Role.SUPPLIER, S1).get(f"/runs/{RUN}/{path}").status_code == 403
