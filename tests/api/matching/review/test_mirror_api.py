"""What the mirror tells of itself, and that matching answers everything with the catalog stopped."""

import asyncio
from collections.abc import Callable, Iterator
from uuid import UUID

import httpx
import pytest

from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import catch_up
from services.matching.runs.matcher import Matcher
from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Signing
from tests.support.feed_world import World
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


@pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.CLUSTER_ORGANISATION])
def test_the_mirror_is_the_operator_s_business(acting_as: Client, role: Role) -> None:
    assert acting_as(role).get("/mirror").status_code == 403


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
