"""Clusters in bulk: cities in one order, members added once, each change told with all members."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from services.catalog.clusters import service
from services.catalog.clusters.rules import Tier
from services.catalog.clusters.schemas import ClusterMemberWrite, ClusterWrite
from shared.db.upserts import Change
from tests.support.catalog_world import REVIEWER, World

Events = Callable[[], list[dict[str, Any]]]


def test_the_order_of_cities_is_no_change(session: Session, world: World, news: Events) -> None:
    news()
    same = ClusterWrite(code="SHIP", name="船舶集群", tier=Tier.NATIONAL, cities=["370200", "370600", "370200"])
    assert service.upsert_clusters(session, REVIEWER, [same])[0].change is Change.UNCHANGED
    assert news() == []
    assert world.clusters


def test_a_new_city_is_told_with_the_members(session: Session, world: World, news: Events) -> None:
    news()
    wider = ClusterWrite(code="SHIP", name="船舶集群", tier=Tier.NATIONAL, cities=["370200", "370600", "371000"])
    service.upsert_clusters(session, REVIEWER, [wider])
    (event,) = news()
    assert event["data"]["cities"] == ["370200", "370600", "371000"]
    members = [str(id) for name, id in world.enterprises.items() if name in ("A", "near")]
    assert event["data"]["member_ids"] == sorted(members)


def test_a_member_joins_once(session: Session, world: World, news: Events) -> None:
    news()
    ships = world.clusters["ships"]
    rows = [ClusterMemberWrite(cluster_id=ships, enterprise_id=world.enterprises[name]) for name in ("near", "far")]
    outcomes = service.upsert_cluster_members(session, REVIEWER, rows)
    assert [outcome.change for outcome in outcomes] == [Change.UNCHANGED, Change.CREATED]
    (event,) = news()
    assert str(world.enterprises["far"]) in event["data"]["member_ids"]
    assert service.upsert_cluster_members(session, REVIEWER, rows)[1].change is Change.UNCHANGED
    assert news() == []
