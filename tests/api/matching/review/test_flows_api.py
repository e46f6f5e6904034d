"""What is bought between cities over HTTP: the greatest first, for whoever sees the buyers' products, and exported."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import pytest

from shared.security.actor import Role
from tests.support.feed_world import World

Client = Callable[..., httpx.Client]
MACHINE = frozenset({World().id("MACHINE")})

pytestmark = pytest.mark.usefixtures("run_id")


def found(client: httpx.Client, **asked: str) -> list[tuple[str | None, str, Decimal]]:
    answer = client.get("/flows", params=asked)
    assert answer.status_code == 200, answer.text
    return [(row["source_name"], row["to_name"], Decimal(row["amount"])) for row in answer.json()["items"]]


@pytest.mark.parametrize(("role", "clusters"), [(Role.REVIEWER, frozenset()), (Role.CLUSTER_ORGANISATION, MACHINE)])
def test_purchases_by_pair_of_cities(acting_as: Client, role: Role, clusters: frozenset[UUID]) -> None:
    client = acting_as(role, clusters=clusters)
    assert found(client) == [
        ("苏州", "青岛", Decimal(50_000)),
        (None, "青岛", Decimal(25_000)),
        ("青岛", "青岛", Decimal(25_000)),
    ]
    assert found(client, period="2024") == [("苏州", "青岛", Decimal(990_000))]
    assert found(client, period="2019") == []
    assert "供应商所在市" in client.get("/flows.csv").content.decode("utf-8-sig")


def test_whoever_asks_first_leaves_the_whole_to_the_others(acting_as: Client) -> None:
    assert found(acting_as(Role.CLUSTER_ORGANISATION, clusters=frozenset({uuid4()}))) == []
    assert len(found(acting_as(Role.REVIEWER))) == 3


def test_a_period_that_is_none_is_refused(acting_as: Client) -> None:
    assert acting_as(Role.REVIEWER).get("/flows", params={"period": "2025Q7"}).status_code == 422
