"""A run that somebody cancels: never begun, stopped while it is computed, and not twice."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.matching.runs import service as runs
from services.matching.runs.rules import RunStatus
from shared.db.database import Database
from shared.http.problems import Problem
from tests.support.matching_runs import REVIEWER, execute, look, mirror_world, request


def cancel(database: Database, run_id: UUID) -> None:
    """End a run as its reviewer."""
    with database.session() as session:
        runs.cancel_run(session, REVIEWER, run_id, datetime.now(UTC))


def test_a_cancelled_run_is_not_begun_and_not_cancelled_twice(matching_database: Database) -> None:
    mirror_world(matching_database)
    run_id = request(matching_database)
    cancel(matching_database, run_id)
    view = execute(matching_database, run_id)
    assert (view.run.status, view.run.failure) == (RunStatus.CANCELLED, "已由 审核员 取消。")
    assert view.snapshot is None
    with pytest.raises(Problem) as refused:
        cancel(matching_database, run_id)
    assert (refused.value.status, refused.value.detail) == (409, "目前：已取消。不能再取消。")


def test_a_run_is_stopped_while_it_is_computed(matching_database: Database) -> None:
    mirror_world(matching_database)
    run_id = request(matching_database)
    with ThreadPoolExecutor(1) as aside:
        carried_out = aside.submit(execute, matching_database, run_id)
        while look(matching_database, run_id).run.status != RunStatus.RUNNING:
            time.sleep(0.02)
        cancel(matching_database, run_id)
        view = carried_out.result()
    assert view.run.status == RunStatus.CANCELLED
    assert view.snapshot is not None
    assert view.record is None
