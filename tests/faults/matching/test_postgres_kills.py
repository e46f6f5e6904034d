"""kill -9 of PostgreSQL in the middle of a run; on a server of our own, because others use the tests' one."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import provision
from deploy.embedded.postgres import EmbeddedServer
from shared.db.database import Database
from shared.db.migrate import upgrade
from tests.faults.matching.conftest import REPOSITORY, Processes
from tests.faults.matching.middle import ends_with_the_same_plan, in_the_middle, status
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedServer]:
    """A server that these tests may kill, with both databases."""
    above = Path(tempfile.mkdtemp(prefix="test-", dir=REPOSITORY / ".xieshou"))
    above.chmod(0o711)
    server = EmbeddedServer(above / "server", durable=False)
    with server:
        provision.provision(server)
        for service, name in (("catalog", provision.CATALOG), ("matching", provision.MATCHING)):
            upgrade(REPOSITORY / "services" / service / "migrations", server.url(f"{service}_owner", name))
        yield server
    server.erase()
    shutil.rmtree(above)


@pytest.fixture
def catalog_database_url(own_server: EmbeddedServer) -> str:
    """The catalog's database on our own server."""
    return own_server.url("catalog_app", provision.CATALOG)


@pytest.fixture
def matching_database_url(own_server: EmbeddedServer) -> str:
    """Matching's database on our own server."""
    return own_server.url("matching_app", provision.MATCHING)


def test_a_run_survives_a_postgres_that_is_killed_and_restarted(
    database: Database, processes: Processes, undisturbed: str, own_server: EmbeddedServer
) -> None:
    run_id, worker = in_the_middle(database, processes)
    before = own_server.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: own_server.pid not in (None, before), "the server's restart")
    own_server.ensure()
    # The worker may have lived through it; if not, its supervisor starts another.
    wait_for(lambda: worker.poll() is not None or status(database, run_id) == "succeeded", "the end of either")
    if worker.poll() is not None:
        processes.worker()
    ends_with_the_same_plan(database, run_id, undisturbed)


def test_a_worker_whose_postgres_stays_away_ends_with_one_line_and_the_next_finishes_the_run(
    database: Database, processes: Processes, undisturbed: str, own_server: EmbeddedServer
) -> None:
    run_id, worker = in_the_middle(database, processes)
    keeper, server = own_server.keeper_pid, own_server.pid
    assert server is not None
    os.kill(keeper, signal.SIGSTOP)
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: worker.poll() is not None, "the worker's end")
    os.kill(keeper, signal.SIGCONT)
    assert worker.returncode == 1
    assert processes.said()[-1].startswith("数据库无法使用，工作进程结束：")
    assert not any("Traceback" in line for line in processes.said())
    own_server.ensure()
    processes.worker()
    ends_with_the_same_plan(database, run_id, undisturbed)
