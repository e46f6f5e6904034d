"""What the mirror tells of itself, and that matching answers everything with the catalog stopped."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from services.matching.mirror import service as mirror
from services.matching.mirror.changes import Page
from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import catch_up
from services.matching.runs.matcher import Matcher
from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Signing
from tests.support.feed_world import World, upsert
from tests.support.live_catalog import LiveCatalog, live_catalog
from tests.support.matching_runs import request

Client = Callable[..., httpx.Client]


@pytest.fixture
def catalog(catalog_database_url: str, signing: Signing) -> Iterator[LiveCatalog]:
    """A catalog that tells of the world."""
    with live_catalog(catalog_database_url, signing) as made:
        made.tell(World().entities())
        yield made


def test_a_mirror_that_has_seen_nothing_says_so(acting_as: Client) -> None:
    found = acting_as(Role.REVIEWER).get("/mirror").json()
    assert (found["epoch"], found["cursor"], found["rebuilding"], found["lag_seconds"]) == (None, None, True, None)
    assert set(found["counts"].values()) == {0}
    assert found["sentence"] == "尚未读到目录的全部数据。"


@pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.CLUSTER_ORGANISATION])
def test_the_mirror_is_the_operator_s_business(acting_as: Client, role: Role) -> None:
    assert acting_as(role).get("/mirror").status_code == 403


@pytest.fixture
def bad_change(matching_database: Database) -> str:
    """A change of an unknown kind that the mirror has set aside."""
    told = upsert(World().enterprise("S1", "示例", "370200")).model_dump(mode="json") | {"kind": "galaxy"}
    with matching_database.session() as session:
        mirror.apply_page(session, Page("one", "1:1", True, [told]), None, datetime.now(UTC))
        (row,) = mirror.changes_set_aside(session, None, None, 10)
        return str(row.id)


def test_a_change_set_aside_is_an_alarm_in_the_status_and_in_the_metrics(acting_as: Client, bad_change: str) -> None:
    reviewer = acting_as(Role.REVIEWER)
    found = reviewer.get("/mirror").json()
    assert found["set_aside"] == {"malformed": 0, "unknown_kind": 1, "unknown_fields": 0, "refused": 0}
    assert found["delay_seconds"] >= 0
    (row,) = reviewer.get("/mirror/set-aside", params={"what": "unknown_kind"}).json()["items"]
    assert (row["id"], row["kind"], row["times"], row["event"]["kind"]) == (bad_change, "galaxy", 1, "galaxy")
    assert reviewer.get("/mirror/set-aside", params={"what": "refused"}).json()["items"] == []
    metrics = _metrics(acting_as(Role.SERVICE))
    assert metrics['xieshou_mirror_set_aside_changes{what="unknown_kind"}'] == 1
    assert metrics["xieshou_mirror_lag_seconds"] >= 0
    assert metrics['xieshou_mirror_rows{kind="need"}'] == metrics["xieshou_mirror_rebuilding"] == 0


def test_a_change_set_aside_is_tried_again_and_put_away(acting_as: Client, bad_change: str) -> None:
    reviewer = acting_as(Role.REVIEWER)
    tried = reviewer.post(f"/mirror/set-aside/{bad_change}/try").json()
    assert (tried["applied"], tried["what"]) == (False, "unknown_kind")
    assert tried["reason"] == "不认识的种类“galaxy”；目录服务比匹配服务新，升级匹配服务后会自动重读"
    assert reviewer.delete(f"/mirror/set-aside/{bad_change}").status_code == 204
    for gone in (
        reviewer.post(f"/mirror/set-aside/{bad_change}/try"),
        reviewer.delete(f"/mirror/set-aside/{bad_change}"),
    ):
        assert (gone.status_code, gone.json()["title"]) == (404, "没有这个搁置的变更")


@pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.CLUSTER_ORGANISATION])
def test_what_is_set_aside_and_the_metrics_are_the_operator_s_business(
    acting_as: Client, bad_change: str, role: Role
) -> None:
    client = acting_as(role)
    answers = [
        client.get("/mirror/set-aside"),
        client.get(client.base_url.join("/matching/metrics")),
        client.post(f"/mirror/set-aside/{bad_change}/try"),
        client.delete(f"/mirror/set-aside/{bad_change}"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert acting_as(Role.SERVICE).delete(f"/mirror/set-aside/{bad_change}").status_code == 403


def test_a_mirror_that_was_never_complete_has_no_lag_to_tell(acting_as: Client) -> None:
    metrics = _metrics(acting_as(Role.SERVICE))
    assert "xieshou_mirror_lag_seconds" not in metrics
    assert metrics["xieshou_mirror_rebuilding"] == 1


def _metrics(client: httpx.Client) -> dict[str, float]:
    answer = client.get(client.base_url.join("/matching/metrics"))
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_matching_serves_all_its_reads_with_the_catalog_stopped(
    acting_as: Client, matching_database: Database, catalog: LiveCatalog, signing: Signing
) -> None:
    run_id = request(matching_database)

    async def follow_and_run(url: str) -> None:
        async with CatalogFeed(url, signing.token(Role.SERVICE)) as feed:
            await catch_up(matching_database, feed)
            await Matcher(matching_database, feed).execute(run_id)

    with catalog.serving() as url:
        asyncio.run(follow_and_run(url))
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/catalog/health")
    _read_everything(acting_as(Role.REVIEWER), run_id)


def _read_everything(reviewer: httpx.Client, run_id: UUID) -> None:
    mirror = reviewer.get("/mirror").json()
    assert mirror["counts"]["need"] == 3
    assert mirror["lag_seconds"] >= 0
    suggestion = reviewer.get("/suggestions").json()["items"][0]
    paths = [
        "/runs",
        f"/runs/{run_id}",
        f"/runs/{run_id}/snapshot",
        f"/runs/{run_id}/diagnosis",
        f"/runs/{run_id}/lines/{suggestion['need_id']}",
        f"/runs/{run_id}/near-misses",
        f"/runs/{run_id}/levers",
        f"/runs/{run_id}/products",
        f"/suggestions/{suggestion['id']}",
        "/rates",
        "/rates?stage=suggested",
    ]
    assert {path: reviewer.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
