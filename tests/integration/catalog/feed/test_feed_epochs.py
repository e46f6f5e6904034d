"""A dump that is restored begins a new epoch by itself, in whichever way it was restored."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlmodel import Session

from deploy.embedded.postgres import EmbeddedServer
from services.catalog.feed import service as feed
from shared.db.database import Database, libpq_url
from tests.conftest import Clone
from tests.support.feed_pages import page

Write = Callable[[Session], UUID]
DATABASE = "xieshou_catalog_restored"


def told(url: str) -> tuple[str, list[UUID], list[str]]:
    """The epoch, and of every event the entity and the position."""
    database = Database(url, pool_size=1)
    with database.session() as session:
        found = page(session, None, 5000)
    database.dispose()
    return found["epoch"], [event["id"] for event in found["events"]], [event["position"] for event in found["events"]]


def run(server: EmbeddedServer, program: str, *arguments: str) -> None:
    """A program of PostgreSQL."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    subprocess.run([str(server.place.binaries / program), *arguments], env=environment, check=True, capture_output=True)


@contextmanager
def empty_database(server: EmbeddedServer) -> Iterator[Clone]:
    """A database without tables, for the catalog's roles."""
    name, owner = sql.Identifier(DATABASE), sql.Identifier("catalog_owner")
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(name, owner))
        yield Clone(server.url("catalog_app", DATABASE), server.url("catalog_owner", DATABASE))
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def written(catalog_database: Database, write: Write) -> list[UUID]:
    """Three transactions of events; some numbers in between were rolled back."""
    ids = []
    for number in range(6):
        with catalog_database.session() as session:
            feed.take_turn(session)
            id_ = write(session)
            if number % 2:
                session.rollback()
            else:
                session.commit()
                ids.append(id_)
    return ids


def test_a_dump_restored_elsewhere_has_a_new_epoch_and_all_that_it_had(
    embedded_server: EmbeddedServer, catalog_clone: Clone, written: list[UUID], tmp_path: Path
) -> None:
    epoch, ids, _ = told(catalog_clone.app)
    assert ids == written
    dump = tmp_path / "dump.sql"
    run(embedded_server, "pg_dump", "-f", str(dump), libpq_url(catalog_clone.owner))
    with empty_database(embedded_server) as restored:
        run(embedded_server, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), libpq_url(restored.owner))
        new, found, positions = told(restored.app)
        assert new != epoch
        assert found == written
        assert all(position.startswith("0:") for position in positions)
        # it is said once: the next reader finds the same epoch
        assert told(restored.app) == (new, found, positions)
    assert told(catalog_clone.app)[0] == epoch


def test_a_dump_restored_over_the_same_database_has_a_new_epoch(
    embedded_server: EmbeddedServer, catalog_clone: Clone, written: list[UUID], write: Write, tmp_path: Path
) -> None:
    epoch, _, _ = told(catalog_clone.app)
    dump = tmp_path / "dump"
    run(embedded_server, "pg_dump", "-Fc", "-f", str(dump), libpq_url(catalog_clone.owner))
    database = Database(catalog_clone.app, pool_size=1)
    with database.session() as session:
        lost = write(session)
        session.commit()
    database.dispose()
    assert lost in told(catalog_clone.app)[1]
    name = make_url(catalog_clone.owner).database
    # as the superuser: the schema public is not the owner's to drop
    where = libpq_url(embedded_server.url("postgres", str(name)))
    run(embedded_server, "pg_restore", "--clean", "--if-exists", "-d", where, str(dump))
    new, found, _ = told(catalog_clone.app)
    assert (new != epoch, found) == (True, written)


def test_what_is_written_after_a_restore_comes_after_what_was_restored(
    embedded_server: EmbeddedServer, catalog_clone: Clone, written: list[UUID], write: Write, tmp_path: Path
) -> None:
    told(catalog_clone.app)
    dump = tmp_path / "dump.sql"
    run(embedded_server, "pg_dump", "-f", str(dump), libpq_url(catalog_clone.owner))
    with empty_database(embedded_server) as restored:
        run(embedded_server, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), libpq_url(restored.owner))
        database = Database(restored.app, pool_size=1)
        with database.session() as session:
            before_it_was_read = write(session)
            session.commit()
        told(restored.app)
        with database.session() as session:
            after = write(session)
            session.commit()
        database.dispose()
        assert told(restored.app)[1] == [*written, before_it_was_read, after]
