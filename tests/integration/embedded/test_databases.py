"""Which databases a start uses, and that it never empties those that somebody named."""

from pathlib import Path

import psycopg
import pytest

from deploy.embedded.databases import named_databases, open_databases
from deploy.embedded.place import ServerTrouble

ONE, OTHER, OWNER = "postgresql://a@/one", "postgresql://b@/other", "postgresql://o@/one"


def test_none_named() -> None:
    assert named_databases({}) is None
    assert named_databases({"CATALOG_DATABASE_URL": "", "MATCHING_DATABASE_URL": ""}) is None


def test_both_named_with_and_without_an_owner() -> None:
    named = named_databases(
        {
            "CATALOG_DATABASE_URL": ONE,
            "CATALOG_OWNER_DATABASE_URL": OWNER,
            "MATCHING_DATABASE_URL": OTHER,
        }
    )
    assert named is not None
    assert (named.catalog, named.catalog_owner) == (ONE, OWNER)
    assert (named.matching, named.matching_owner) == (OTHER, OTHER)
    assert named.server is None


@pytest.mark.parametrize("name", ["CATALOG_DATABASE_URL", "MATCHING_DATABASE_URL"])
def test_only_one_named(name: str) -> None:
    with pytest.raises(ServerTrouble, match="须同时设置"):
        named_databases({name: ONE})


def test_named_databases_are_migrated_and_never_emptied(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    catalog_database_url: str,
    catalog_owner_url: str,
    matching_database_url: str,
    matching_owner_url: str,
) -> None:
    monkeypatch.setenv("CATALOG_DATABASE_URL", catalog_database_url)
    monkeypatch.setenv("CATALOG_OWNER_DATABASE_URL", catalog_owner_url)
    monkeypatch.setenv("MATCHING_DATABASE_URL", matching_database_url)
    monkeypatch.setenv("MATCHING_OWNER_DATABASE_URL", matching_owner_url)
    with psycopg.connect(catalog_owner_url) as connection:
        connection.execute("create table kept as select 1 as one")
    said: list[str] = []
    with open_databases(tmp_path, fresh=True, say=said.append) as databases:
        assert databases.server is None
        with psycopg.connect(databases.catalog) as connection:
            assert connection.execute("select one from kept").fetchall() == [(1,)]
    assert len(said) == 1
    assert "不会清空" in said[0]
    assert not (tmp_path / "postgres").exists()
