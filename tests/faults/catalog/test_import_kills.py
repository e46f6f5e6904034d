"""kill -9 in the middle of applying an import and of undoing it: nothing is half done, and it can be done again.

A step that a worker was asked for is taken again by the next worker.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.catalog.imports.outcomes import Mode
from services.catalog.imports.states import Step
from services.catalog.imports.stepwise import jobs
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.http.client import ApiClient
from shared.security.actor import Actor, Role
from tests.faults.catalog.conftest import Web
from tests.spreadsheets import csv_bytes
from tests.support.waiting import wait_for

REVIEWER = Actor("reviewer", Role.REVIEWER)
FIRMS = 400
TABLE = csv_bytes(
    [
        ["统一社会信用代码", "企业名称", "角色"],
        *([make(number), f"第{number}厂（虚构）", "供应商"] for number in range(1, FIRMS + 1)),
    ]
)


def count(database: Database, table: str) -> int:
    with database.session() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@contextmanager
def in_the_way(database: Database) -> Iterator[None]:
    """Hold the outbox, so that whoever writes an import stops in the middle: rows written, feed not told."""
    with database.engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE outbox IN EXCLUSIVE MODE"))
        yield


def waits_for_the_outbox(database: Database) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"
    with database.session() as session:
        return bool(session.execute(text(waiting)).scalar_one())


def begin(step: Callable[[], Any]) -> threading.Thread:
    """Ask for a step that will not be answered."""

    def ask() -> None:
        try:
            step()
        except Exception:  # noqa: BLE001 - the server dies under it
            return

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def killed_in(web: Web, database: Database, path: str, body: dict[str, str]) -> ApiClient:
    """Kill the web server in the middle of a step; a client of the next one."""
    process = web.started[-1]
    with in_the_way(database):
        asking = begin(lambda: web.api().post(path, json=body))
        wait_for(lambda: waits_for_the_outbox(database), "the middle of the step")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        asking.join()
    web.start()
    return web.api()


def previewed(api: ApiClient) -> str:
    draft = api.post("/catalog/v1/imports/uploads", files={"file": ("企业.csv", TABLE)})
    api.post(f"/catalog/v1/imports/{draft['id']}/preview")
    return f"/catalog/v1/imports/{draft['id']}"


def settled(api: ApiClient, path: str, database: Database) -> dict[str, Any]:
    """The import when the transaction of the killed step is gone."""
    wait_for(lambda: not waits_for_the_outbox(database) and api.get(path)["progress"] is None, "the end of its lock")
    return dict(api.get(path))


def test_a_killed_apply_wrote_nothing_and_is_done_again(web: Web, catalog_database: Database) -> None:
    web.start()
    path = previewed(web.api())
    api = killed_in(web, catalog_database, f"{path}/apply", {})
    assert settled(api, path, catalog_database)["state"] == "previewed"
    tables = ("enterprises", "outbox", "history")
    assert [count(catalog_database, table) for table in tables] == [0, 0, 0]
    assert api.post(f"{path}/apply", json={})["sheets"][0]["created"] == FIRMS
    assert [count(catalog_database, table) for table in tables] == [FIRMS, FIRMS, FIRMS]


def test_a_killed_undo_took_nothing_back_and_is_done_again(web: Web, catalog_database: Database) -> None:
    web.start()
    path = previewed(web.api())
    web.api().post(f"{path}/apply", json={})
    api = killed_in(web, catalog_database, f"{path}/undo", {"reason": "传错了"})
    assert settled(api, path, catalog_database)["state"] == "applied"
    assert [count(catalog_database, table) for table in ("enterprises", "outbox")] == [FIRMS, FIRMS]
    assert api.post(f"{path}/undo", json={"reason": "传错了"})["state"] == "undone"
    assert [count(catalog_database, table) for table in ("enterprises", "outbox")] == [0, 2 * FIRMS]


def test_an_apply_that_runs_tells_how_far_it_is_and_can_be_cancelled(web: Web, catalog_database: Database) -> None:
    web.start()
    path = previewed(web.api())
    with in_the_way(catalog_database):
        asking = begin(lambda: web.api().post(f"{path}/apply", json={}))
        wait_for(lambda: waits_for_the_outbox(catalog_database), "the middle of the step")
        told = web.api().get(path)["progress"]
        assert told == {"doing": "正在处理“企业”", "done": 0, "of": FIRMS}
        web.api().post(f"{path}/cancel")
    asking.join()
    wait_for(lambda: web.api().get(path)["state"] == "cancelled", "the cancelling")
    assert [count(catalog_database, table) for table in ("enterprises", "outbox")] == [0, 0]


def test_a_step_whose_worker_was_killed_is_taken_by_the_next_one(web: Web, catalog_database: Database) -> None:
    web.start()
    path = previewed(web.api())
    with catalog_database.session() as session:
        jobs.ask(session, REVIEWER, UUID(path.rpartition("/")[2]), Step.APPLY, mode=Mode.VALID_ROWS.value)
    with in_the_way(catalog_database):
        worker = web.start_worker()
        wait_for(lambda: waits_for_the_outbox(catalog_database), "the middle of the step")
        assert web.api().get(path)["job"] == {"step": "apply", "state": "running", "problem": None}
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    wait_for(lambda: not waits_for_the_outbox(catalog_database), "the end of its transaction")
    assert count(catalog_database, "enterprises") == 0
    web.start_worker()
    wait_for(lambda: web.api().get(path)["state"] == "applied", "the step")
    assert web.api().get(path)["job"] is None
    assert [count(catalog_database, table) for table in ("enterprises", "outbox", "history")] == [FIRMS] * 3


def test_an_undoing_that_runs_in_a_worker_is_given_up(web: Web, catalog_database: Database) -> None:
    web.start()
    path = previewed(web.api())
    web.api().post(f"{path}/apply", json={})
    with catalog_database.session() as session:
        jobs.ask(session, REVIEWER, UUID(path.rpartition("/")[2]), Step.UNDO, reason="")
    with in_the_way(catalog_database):
        web.start_worker()
        wait_for(lambda: waits_for_the_outbox(catalog_database), "the middle of the step")
        assert web.api().post(f"{path}/cancel")["state"] == "applied"
    wait_for(lambda: web.api().get(path)["job"] is None, "the cancelling")
    assert web.api().get(path)["state"] == "applied"
    assert count(catalog_database, "enterprises") == FIRMS
