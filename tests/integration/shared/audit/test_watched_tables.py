"""Every table of both services is watched by the audit, or stands in the list beside this file with its reason.

A route that changes something changes a row: so none can leave the audit without an entry unless it writes only what
is on the list.
"""

import tomllib
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Clone

NOT_WATCHED = tomllib.loads(Path(__file__).with_name("not_watched.toml").read_text("utf-8"))
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'procrastinate%'"
_WATCHED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'keep_%'"


@pytest.mark.parametrize("service", ["catalog", "matching"])
def test_every_table_is_watched_or_said_to_need_it_not(request: pytest.FixtureRequest, service: str) -> None:
    urls: Clone = request.getfixturevalue(f"{service}_clone")
    with psycopg.connect(urls.owner) as connection:
        tables = {row[0] for row in connection.execute(_TABLES)}
        watched = {row[0] for row in connection.execute(_WATCHED)}
    told = set(NOT_WATCHED[service])
    assert tables - watched - told == set(), "watch them by `audit(...)` in a migration, or say why not"
    assert told - tables == set(), "on the list, and not there"
    assert told & watched == set(), "on the list, and watched"
