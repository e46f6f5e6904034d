"""Every table of both databases is under row-level security, or stands in the written list with its reason."""

import re
import tomllib
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Clone

OPEN = tomllib.loads(Path(__file__).with_name("open_tables.toml").read_text("utf-8"))
EACH = pytest.mark.parametrize("service", ["catalog", "matching"])

_KINDS = """
SELECT c.relname, c.relrowsecurity, c.relkind = 'v',
    array(SELECT polcmd::text FROM pg_policy WHERE polrelid = c.oid)
FROM pg_class AS c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
"""
#: Select, insert, update, delete; or all by one.
_EACH = ({"r", "a", "w", "d"}, {"*"})


@pytest.fixture
def urls(request: pytest.FixtureRequest, service: str) -> Clone:
    found: Clone = request.getfixturevalue(f"{service}_clone")
    return found


@EACH
def test_every_table_has_policies_or_a_reason(urls: Clone, service: str) -> None:
    with psycopg.connect(urls.owner) as connection:
        rows = connection.execute(_KINDS).fetchall()
    listed = OPEN[service]
    unprotected = {name for name, secured, _, commands in rows if not secured or set(commands) not in _EACH}
    assert unprotected == set(listed), "a table without policies, or a reason for a table that has them or is gone"
    assert all(reason.strip() for reason in listed.values())


@EACH
def test_nobody_sees_a_row(urls: Clone) -> None:
    with psycopg.connect(urls.owner) as owner:
        tables = [name for name, secured, _, _ in owner.execute(_KINDS).fetchall() if secured]
        kept = {name for name in tables if owner.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()}
    with psycopg.connect(urls.app) as nobody:
        for name in tables:
            assert nobody.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,), name
    assert kept, "there is something that nobody sees"


@EACH
def test_views_are_only_read(urls: Clone) -> None:
    with psycopg.connect(urls.owner) as owner:
        views = [name for name, _, is_view, _ in owner.execute(_KINDS).fetchall() if is_view]
    with psycopg.connect(urls.app) as app:
        for view in views:
            found = app.execute(
                "SELECT privilege_type FROM information_schema.role_table_grants "
                "WHERE table_name = %s AND grantee = current_user",
                [view],
            ).fetchall()
            assert found == [("SELECT",)], view


@EACH
def test_policies_ask_each_setting_once_for_a_statement(urls: Clone) -> None:
    """A bare call of current_setting is made for each row; as a subquery it is an init plan."""
    with psycopg.connect(urls.owner) as owner:
        found = owner.execute("SELECT tablename, concat(qual, with_check) FROM pg_policies").fetchall()
    for table, text in found:
        asked = re.findall(r"\( SELECT \(?NULLIF\(current_setting\(", text)
        assert text.count("current_setting(") == len(asked), table
