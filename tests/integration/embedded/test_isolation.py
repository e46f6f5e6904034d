"""Each service has its database, its owner and its application's role, and none gets at the other's."""

import subprocess

import psycopg
import pytest
from psycopg import errors

from deploy.embedded.postgres import EmbeddedServer
from deploy.embedded.provision import SCRIPT, provision

SERVICES = ("catalog", "matching")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["app", "owner"])
def test_no_role_connects_to_the_other_services_database(
    embedded_server: EmbeddedServer, service: str, kind: str
) -> None:
    other = "matching" if service == "catalog" else "catalog"
    role = f"{service}_{kind}"
    with psycopg.connect(embedded_server.url(role, f"xieshou_{service}")) as connection:
        assert connection.execute("select current_user").fetchone() == (role,)
    with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
        psycopg.connect(embedded_server.url(role, f"xieshou_{other}"))


@pytest.mark.parametrize("service", SERVICES)
def test_copies_for_tests_are_as_closed(request: pytest.FixtureRequest, service: str) -> None:
    mine = request.getfixturevalue(f"{service}_database_url")
    other = request.getfixturevalue(f"{'matching' if service == 'catalog' else 'catalog'}_database_url")
    psycopg.connect(mine).close()
    credentials, _, place = other.removeprefix("postgresql://").partition("@")
    assert credentials
    mine_at_other = mine.split("@")[0] + "@" + place
    with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
        psycopg.connect(mine_at_other)


@pytest.mark.parametrize("service", SERVICES)
def test_the_application_writes_rows_and_no_tables(request: pytest.FixtureRequest, service: str) -> None:
    owner = request.getfixturevalue(f"{service}_owner_url")
    app = request.getfixturevalue(f"{service}_database_url")
    with psycopg.connect(owner) as connection:
        connection.execute("create table made_by_owner (id bigint generated always as identity, word text)")
    with psycopg.connect(app, autocommit=True) as connection:
        connection.execute("insert into made_by_owner (word) values ('a')")
        connection.execute("update made_by_owner set word = 'b'")
        assert connection.execute("select word from made_by_owner").fetchall() == [("b",)]
        connection.execute("delete from made_by_owner")
        for forbidden in ("create table mine ()", "drop table made_by_owner", "truncate made_by_owner"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(forbidden)


@pytest.mark.parametrize("service", SERVICES)
def test_the_application_is_nobody_special(embedded_server: EmbeddedServer, service: str) -> None:
    with psycopg.connect(embedded_server.url(f"{service}_app", f"xieshou_{service}")) as connection:
        row = connection.execute(
            "select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication"
            " from pg_roles where rolname = current_user"
        ).fetchone()
    assert row == (False,) * 5


def test_provisioning_again_changes_nothing(embedded_server: EmbeddedServer) -> None:
    def state() -> list[tuple[object, ...]]:
        with psycopg.connect(embedded_server.url("postgres", "postgres")) as connection:
            return connection.execute(
                "select datname, datacl::text, (select string_agg(rolname, ' ' order by rolname) from pg_roles)"
                " from pg_database where datname like 'xieshou_%' order by 1"
            ).fetchall()

    before = state()
    provision(embedded_server)
    assert state() == before
    assert len(before) == 2


def test_a_password_that_was_forgotten_is_told_before_anything_happens(embedded_server: EmbeddedServer) -> None:
    program = [str(embedded_server.place.binaries / "psql"), "-X", "-q", "-f", str(SCRIPT)]
    forgetful = {"LC_ALL": "C", "CATALOG_OWNER_PASSWORD": "x", "PGPASSWORD": embedded_server.passwords["postgres"]}
    where = ["-h", embedded_server.socket_folder, "-U", "postgres", "-d", "postgres"]
    done = subprocess.run([*program, *where], env=forgetful, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "a password is missing" in done.stderr
    # the owner's password is still the one that it was
    psycopg.connect(embedded_server.url("catalog_owner", "xieshou_catalog")).close()
