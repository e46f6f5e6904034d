"""Clusters over HTTP: tiers and reviews of the 3830, members in whatever city, and who may write them."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from services.catalog.feed.models import OutboxEvent
from shared.db.upserts import sql_table
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER

OUTBOX = sql_table(OutboxEvent)
REVIEW = {"tier": "world", "on": "2026-11-20", "reason": "三年评估：进入世界级"}


def match(item: Any) -> dict[str, str]:
    return {"If-Match": f'"{item["version"]}"'}


def cluster(client: httpx.Client, served: Served, name: str) -> Any:
    return client.get(f"/clusters/{served.world.clusters[name]}").json()


def told(served: Served) -> list[Any]:
    """What the outbox tells of clusters, in the order in which it was written."""
    events = select(OUTBOX).where(OUTBOX.c.kind == "cluster").order_by(OUTBOX.c.id)
    with served.database.session() as session:
        return [dict(event) for event in session.execute(events).mappings()]


def test_tiers_tell_what_the_province_means_to_have(reading: Served) -> None:
    tiers = reading.client(REVIEWER).get("/clusters/tiers").json()
    assert [(tier["name"], tier["places"], tier["clusters"]) for tier in tiers] == [
        ("世界级", 3, 0),
        ("国家级", 8, 1),
        ("省级", 30, 1),
    ]
    own = reading.client(reading.world.organisation("tools")).get("/clusters/tiers").json()
    assert [tier["clusters"] for tier in own] == [0, 0, 1]


def test_a_review_gives_a_tier_and_the_day_of_the_next(writing: Served) -> None:
    reviewer = writing.client(REVIEWER)
    before = cluster(reviewer, writing, "ships")
    answer = reviewer.post(f"/clusters/{before['id']}/review", json=REVIEW, headers=match(before))
    after = answer.json()
    assert (after["tier"], after["next_review"], after["version"]) == ("world", "2029-11-20", before["version"] + 1)
    assert answer.headers["ETag"] == f'"{after["version"]}"'
    assert told(writing)[-1]["version"] == after["version"]
    (latest, *_) = reviewer.get(f"/clusters/{before['id']}/history").json()["items"]
    assert (latest["reason"], {change["field"] for change in latest["changes"]}) == (
        REVIEW["reason"],
        {"tier", "next_review"},
    )
    due = [reviewer.get("/clusters", params={"due_by": day}).json()["items"] for day in ("2029-11-19", "2029-11-20")]
    assert [len(items) for items in due] == [0, 1]
    again = reviewer.post(f"/clusters/{before['id']}/review", json=REVIEW, headers=match(before))
    assert (again.status_code, again.json()["title"]) == (412, "内容已被他人修改")


def test_the_list_is_narrowed_by_tier_and_city(reading: Served) -> None:
    reviewer = reading.client(REVIEWER)
    for filters, codes in (
        ({"tier": "national"}, ["SHIP"]),
        ({"city": "370600"}, ["SHIP"]),
        ({"city": "370100", "tier": "national"}, []),
    ):
        assert [item["code"] for item in reviewer.get("/clusters", params=filters).json()["items"]] == codes


def test_members_may_be_in_other_cities_and_it_says_so(writing: Served) -> None:
    reviewer, world = writing.client(REVIEWER), writing.world
    ships = str(world.clusters["ships"])
    body = {"cluster_id": ships, "enterprise_id": str(world.enterprises["far"])}
    joined = reviewer.post("/cluster-members", json=body)
    assert (joined.status_code, joined.json()["city_name"], joined.json()["in_cities"]) == (201, "济宁", False)
    assert reviewer.get(joined.headers["Location"].removeprefix("/catalog/v1")).json() == joined.json()
    cities = reviewer.get(f"/clusters/{ships}/cities").json()
    assert [(each["city_name"], each["named"], each["members"]) for each in cities] == [
        ("青岛", True, 2),
        ("烟台", True, 0),
        ("济宁", False, 1),
    ]
    members = reviewer.get(f"/clusters/{ships}/members").json()["items"]
    assert [member["enterprise_name"] for member in members] == ["甲船舶（虚构）", "丙阀门（虚构）", "丁铸造（虚构）"]
    assert cluster(reviewer, writing, "ships")["members"] == 3


def test_who_leaves_a_cluster_is_told_and_can_come_back(writing: Served) -> None:
    reviewer, world = writing.client(REVIEWER), writing.world
    ships, near = str(world.clusters["ships"]), str(world.enterprises["near"])
    members = reviewer.get(f"/clusters/{ships}/members").json()["items"]
    member = next(each for each in members if each["enterprise_id"] == near)
    organisation = writing.client(world.organisation("ships"))
    assert len(organisation.get("/capabilities").json()["items"]) == 1
    gone = reviewer.delete(f"/cluster-members/{member['id']}", headers=match(member), params={"reason": "迁出"})
    assert gone.status_code == 204
    assert near not in told(writing)[-1]["data"]["member_ids"]
    # what the organisation sees ends with the membership
    assert organisation.get("/capabilities").json()["items"] == []
    back = reviewer.post(f"/cluster-members/{member['id']}/restoration", json={"reason": "迁回"})
    assert back.status_code == 200
    assert near in told(writing)[-1]["data"]["member_ids"]
    versions = [event["version"] for event in told(writing) if event["entity_id"] == world.clusters["ships"]]
    assert versions == sorted(set(versions))


def test_an_enterprise_sees_its_own_membership_alone(reading: Served) -> None:
    world = reading.world
    near = reading.client(world.supplier("near"))
    (own,) = near.get(f"/clusters/{world.clusters['ships']}/members").json()["items"]
    assert own["enterprise_name"] == "丙阀门（虚构）"
    assert [each["members"] for each in near.get(f"/clusters/{world.clusters['ships']}/cities").json()] == [1, 0]
    assert near.get(f"/clusters/{world.clusters['tools']}/members").status_code == 404
    tools = reading.client(REVIEWER).get(f"/clusters/{world.clusters['tools']}/members").json()["items"]
    assert near.get(f"/cluster-members/{tools[0]['id']}").status_code == 404


@pytest.mark.parametrize("role", ["leader", "supplier", "organisation"])
def test_only_reviewers_write_clusters_and_who_belongs_to_them(reading: Served, role: str) -> None:
    world = reading.world
    actors = {
        "leader": world.leader("A"),
        "supplier": world.supplier("near"),
        "organisation": world.organisation("ships"),
    }
    client, ships = reading.client(actors[role]), str(world.clusters["ships"])
    seen = cluster(client, reading, "ships")
    body = {"cluster_id": ships, "enterprise_id": str(world.enterprises["far"])}
    answers = [
        client.post("/cluster-members", json=body),
        client.post("/clusters", json={"code": "NEW", "name": "新集群", "tier": "world"}),
        client.patch(f"/clusters/{ships}", json={"tier": "world"}, headers=match(seen)),
        client.post(f"/clusters/{ships}/review", json=REVIEW, headers=match(seen)),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert answers[1].json()["detail"] == "只有审核员可以登记或修改集群。"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cities": ["370214"]}, "“城阳区”（370214）不是设区的市，请填写市的代码。"),
        ({"cities": ["379900"]}, "没有代码为“379900”的行政区划，请查代码表。"),
        (
            {"cities": ["371200"]},
            "莱芜市（371200）已于 2019 年撤销，今为莱芜区、钢城区",
        ),
        ({"tier": "galactic"}, "应为下列之一：'world', 'national' 或 'provincial'。"),
        ({"target": "1.2"}, "应不大于 1。"),
    ],
)
def test_a_wrong_cluster_is_refused_in_words(reading: Served, fields: dict[str, Any], words: str) -> None:
    reviewer = reading.client(REVIEWER)
    seen = cluster(reviewer, reading, "tools")
    answer = reviewer.patch(f"/clusters/{seen['id']}", json=fields, headers=match(seen))
    assert answer.status_code == 422
    assert words in answer.json()["errors"][0]["detail"]
