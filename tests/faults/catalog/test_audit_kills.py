"""kill -9 around the audit: no change without its entry, no entry without its change, none left without a seal."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from services.catalog.audit.trail import TRAIL
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.schemas import EnterpriseWrite
from shared.audit.verifying import Broken, Whole, verify
from shared.codes.credit_code import make
from shared.db.database import Database
from tests.faults.catalog.conftest import REPOSITORY, Web
from tests.support.catalog_world import REVIEWER
from tests.support.waiting import wait_for


def firm(serial: int) -> dict[str, Any]:
    return {"credit_code": make(serial), "name": f"第{serial}家（虚构）", "is_supplier": True}


def count(database: Database, table: str) -> int:
    with database.session() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def checked(database: Database) -> Whole | Broken:
    with database.session() as session:
        return verify(session, TRAIL.histories)


@contextmanager
def locked(owner_url: str, table: str) -> Iterator[None]:
    """Let whoever writes a table of the audit wait."""
    owner = Database(owner_url, pool_size=1)
    with owner.engine.connect() as connection, connection.begin():
        connection.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        yield
    owner.dispose()


def waits(database: Database, table: str) -> bool:
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST(:table AS regclass)"
    with database.session() as session:
        return bool(session.execute(text(asked), {"table": table}).scalar_one())


def begin(step: Callable[[], Any]) -> threading.Thread:
    """Ask for something that will not be answered."""

    def ask() -> None:
        try:
            step()
        except Exception:  # noqa: BLE001 - the server dies under it
            return

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_a_change_whose_entry_could_not_be_written_is_none(
    web: Web, catalog_database: Database, catalog_owner_url: str
) -> None:
    server = web.start()
    with locked(catalog_owner_url, "audit_entry"):
        asking = begin(lambda: web.api().post("/catalog/v1/enterprises", json=firm(1)))
        wait_for(lambda: waits(catalog_database, "audit_entry"), "the entry")
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        asking.join()
    wait_for(lambda: not waits(catalog_database, "audit_entry"), "the end of its transaction")
    assert [count(catalog_database, table) for table in ("enterprises", "history", "audit_entry")] == [0, 0, 0]


@contextmanager
def sealing(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that seals, till it is killed."""
    process = subprocess.Popen([sys.executable, "-m", "tests.faults.catalog.sealer", url], cwd=REPOSITORY)
    yield process
    process.kill()
    process.wait()


def test_what_was_written_before_a_kill_is_sealed_once_by_whoever_comes_next(
    catalog_database: Database, catalog_database_url: str, catalog_owner_url: str
) -> None:
    for serial in (1, 2, 3):
        with catalog_database.session() as session:
            enterprises.upsert_enterprises(session, REVIEWER, [EnterpriseWrite.model_validate(firm(serial))])
            session.commit()
    with locked(catalog_owner_url, "audit_seal"), sealing(catalog_database_url):
        wait_for(lambda: waits(catalog_database, "audit_seal"), "the middle of the sealing")
    wait_for(lambda: not waits(catalog_database, "audit_seal"), "the end of its transaction")
    assert count(catalog_database, "audit_seal") == 0
    found = checked(catalog_database)
    assert not isinstance(found, Whole) or found.head.number == 0
    with sealing(catalog_database_url), sealing(catalog_database_url):
        wait_for(lambda: count(catalog_database, "audit_seal") == 3, "the seals")
    found = checked(catalog_database)
    assert isinstance(found, Whole)
    assert (found.head.number, found.waiting) == (3, 0)
