"""The feed over HTTP: what it gives, and a long poll that waits without holding a connection."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from services.catalog.enterprises import service as enterprises
from shared.contracts.v1 import ENTITIES, FeedPageV1, Kind
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER, SERVICE, firm

WHAT_THERE_IS = {
    Kind.ENTERPRISE: 5,
    Kind.CERTIFICATE: 2,
    Kind.CLUSTER: 2,
    Kind.PRODUCT: 3,
    Kind.NEED: 3,
    Kind.PURCHASE: 3,
    Kind.CAPABILITY: 2,
}


def read_all(served: Served, limit: int) -> tuple[list[FeedPageV1], str]:
    client, pages, cursor = served.client(SERVICE), [], None
    while True:
        params = {"limit": limit, **({"after": cursor} if cursor else {})}
        page = FeedPageV1.model_validate(client.get("/feed", params=params).json())
        pages.append(page)
        cursor = page.cursor
        if page.caught_up:
            return pages, cursor


def test_a_new_follower_gets_every_entity_and_each_parses(reading: Served) -> None:
    pages, _ = read_all(reading, 4)
    events = [event for page in pages for event in page.events]
    latest = {event.id: event for event in events}
    for event in latest.values():
        entity = ENTITIES[event.kind].model_validate(event.data)
        assert (entity.id, entity.version) == (event.id, event.version)
    told = Counter(event.kind for event in latest.values())
    assert told == WHAT_THERE_IS


def test_versions_of_an_entity_come_in_their_order(reading: Served) -> None:
    pages, _ = read_all(reading, 1000)
    seen: dict[object, int] = {}
    for event in pages[0].events:
        assert event.version == seen.get(event.id, 0) + 1
        seen[event.id] = event.version


def test_a_long_poll_ends_when_something_is_written_and_holds_no_connection(writing: Served) -> None:
    _, cursor = read_all(writing, 1000)
    waiting = threading.Event()
    client = writing.client(SERVICE)

    def wait() -> FeedPageV1:
        waiting.set()
        answer = client.get("/feed", params={"after": cursor, "wait": 20}, timeout=30)
        return FeedPageV1.model_validate(answer.json())

    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(wait)
        waiting.wait()
        time.sleep(0.5)
        held = [writing.database.engine.pool.checkedout() for _ in range(20) if time.sleep(0.01) is None]
        with writing.database.session() as session:
            (outcome,) = enterprises.upsert_enterprises(session, REVIEWER, [firm(77, "新")])
            session.commit()
        page = poll.result(timeout=15)
    assert min(held) == 0
    assert [event.id for event in page.events] == [outcome.id]


def test_an_empty_long_poll_ends_in_time(reading: Served) -> None:
    _, cursor = read_all(reading, 1000)
    began = time.monotonic()
    page = reading.client(SERVICE).get("/feed", params={"after": cursor, "wait": 0.5}).json()
    assert (page["events"], page["caught_up"], page["cursor"]) == ([], True, cursor)
    assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize(
    ("params", "status", "kind"),
    [
        ({"after": "x"}, 400, "bad-cursor"),
        ({"after": "1:1", "epoch": str(UUID(int=1))}, 409, "feed-epoch"),
        ({"wait": 1000}, 422, "validation"),
        ({"limit": 0}, 422, "validation"),
    ],
)
def test_what_the_feed_refuses(reading: Served, params: dict[str, str], status: int, kind: str) -> None:
    answer = reading.client(SERVICE).get("/feed", params=params)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")


def test_the_lag_of_a_follower_is_a_metric(writing: Served) -> None:
    client = writing.client(SERVICE)
    url = client.base_url.join("/catalog/metrics")
    first = client.get("/feed", params={"limit": 1}).json()
    client.get("/feed", params={"after": first["cursor"], "limit": 1})
    behind = _metrics(client.get(url).text)
    name = '{follower="test"}'
    assert behind[f"xieshou_feed_lag_changes{name}"] > 0
    assert behind[f"xieshou_feed_lag_seconds{name}"] > 0
    pages, cursor = read_all(writing, 1000)
    client.get("/feed", params={"after": cursor})
    assert sum(len(page.events) for page in pages) == behind[f"xieshou_feed_lag_changes{name}"] + 1
    level = _metrics(client.get(url).text)
    assert (level[f"xieshou_feed_lag_changes{name}"], level[f"xieshou_feed_lag_seconds{name}"]) == (0, 0)
    assert level["xieshou_feed_held_back_changes"] == 0


def _metrics(text: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}
