"""The middle of a run, and its end."""

import subprocess
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from services.matching.runs.models import MatchRun, RunRecord
from services.matching.runs.rules import RunStatus
from services.matching.suggestions.models import Suggestion
from shared.db.database import Database
from tests.faults.matching.conftest import Processes
from tests.support.matching_runs import request
from tests.support.waiting import wait_for


def status(database: Database, run_id: UUID) -> str | None:
    """Where the run is; None while the database is away."""
    try:
        with database.session() as session:
            return session.get_one(MatchRun, run_id).status
    except OperationalError:
        return None


def plan_hash(database: Database, run_id: UUID) -> str:
    """The hash of the run's plan."""
    with database.session() as session:
        return session.get_one(RunRecord, run_id).plan_sha256


def open_transactions(database: Database) -> int:
    """How many connections sit in a transaction without doing anything: they would hold back every feed."""
    idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in tr%'"
    with database.session() as session:
        return int(session.execute(text(idle)).scalar_one())


def in_the_middle(database: Database, processes: Processes) -> tuple[UUID, subprocess.Popen[bytes]]:
    """A requested run whose engine is at work, and the worker that carries it out."""
    run_id, worker = request(database), processes.worker()
    wait_for(lambda: status(database, run_id) == RunStatus.RUNNING, "the engine's start")
    return run_id, worker


def ends_with_the_same_plan(database: Database, run_id: UUID, undisturbed: str) -> None:
    """The run succeeds, with the plan of the undisturbed one and each suggestion once."""
    wait_for(lambda: status(database, run_id) in (RunStatus.SUCCEEDED, RunStatus.FAILED), "the run's end")
    assert status(database, run_id) == RunStatus.SUCCEEDED
    assert plan_hash(database, run_id) == undisturbed
    with database.session() as session:
        of_run = select(func.count()).select_from(Suggestion).where(Suggestion.run_id == run_id)
        pairs = select(Suggestion.line_key, Suggestion.capability_key).where(Suggestion.run_id == run_id)
        assert session.execute(of_run).scalar_one() == len(set(session.execute(pairs).all())) > 0
