"""kill -9 of the worker and of the web server in the middle of a run: the same plan in the end."""

import signal
from uuid import UUID

import httpx

from services.matching.runs.rules import RunStatus
from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Signing
from tests.faults.matching.conftest import Processes, children_of, is_up, kill, parents
from tests.faults.matching.middle import ends_with_the_same_plan, in_the_middle, open_transactions, status
from tests.support.waiting import wait_for


def test_a_killed_worker_s_run_is_finished_by_the_next(
    database: Database, processes: Processes, undisturbed: str
) -> None:
    run_id, worker = in_the_middle(database, processes)
    wait_for(lambda: bool(children_of(worker.pid)), "the engine's process")
    engines = children_of(worker.pid)
    # the worker tends other things meanwhile: none may sit in a transaction for as long as the engine runs
    wait_for(lambda: open_transactions(database) == 0, "the end of every transaction")
    kill(worker)
    assert status(database, run_id) == RunStatus.RUNNING
    wait_for(lambda: not engines & parents().keys(), "the engine's end with its worker")
    processes.worker()
    ends_with_the_same_plan(database, run_id, undisturbed)


def test_a_killed_web_server_loses_nothing(
    database: Database, processes: Processes, undisturbed: str, signing: Signing
) -> None:
    web, url = processes.web()
    wait_for(lambda: is_up(url), "the web server's start")
    headers = {"Authorization": f"Bearer {signing.token(Role.REVIEWER)}", "Idempotency-Key": "k"}
    first = httpx.post(f"{url}/matching/v1/runs", json={}, headers=headers, trust_env=False).json()
    kill(web)
    processes.worker()
    web, url = processes.web()
    wait_for(lambda: is_up(url), "the web server's return")
    again = httpx.post(f"{url}/matching/v1/runs", json={}, headers=headers, trust_env=False).json()
    assert again["id"] == first["id"]
    ends_with_the_same_plan(database, UUID(first["id"]), undisturbed)


def test_a_worker_told_to_stop_ends_cleanly_and_gives_its_run_back(
    database: Database, processes: Processes, undisturbed: str
) -> None:
    run_id, worker = in_the_middle(database, processes)
    worker.send_signal(signal.SIGTERM)
    wait_for(lambda: worker.poll() is not None, "the worker's end")
    assert worker.returncode == 0
    processes.worker()
    ends_with_the_same_plan(database, run_id, undisturbed)


def test_a_worker_without_a_database_says_so_in_one_line(processes: Processes) -> None:
    processes.environment["MATCHING_DATABASE_URL"] = "postgresql://matching_app:x@127.0.0.1:9/xieshou_matching"
    worker = processes.worker()
    wait_for(lambda: worker.poll() is not None, "the worker's end")
    assert worker.returncode == 1
    assert [line.partition("：")[0] for line in processes.said()] == ["数据库无法使用，工作进程结束"]
