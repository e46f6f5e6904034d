"""Rates where there is little to count."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from shared.db.database import Database
from shared.security.actor import Role
from tests.support.small_province import settle

Client = Callable[..., httpx.Client]


def test_nothing_bought_gives_no_rate_and_says_so(reading_own: Client) -> None:
    answer = reading_own(Role.REVIEWER).get("/rates", params={"by": "all"}).json()
    assert (answer["rows"][0]["rate"], answer["rows"][0]["percent"]) == (None, "—")
    today = datetime.now(UTC) + timedelta(hours=8)
    assert answer["definition"]["period"] == str(today.year)


def test_suggested_without_a_run_is_refused(reading_own: Client, matching_database: Database) -> None:
    with matching_database.session() as session:
        settle(session, runs=False)
    answer = reading_own(Role.REVIEWER).get("/rates", params={"stage": "suggested"})
    assert answer.status_code == 422
    assert "请先匹配" in answer.json()["detail"]
