"""The queue of runs: procrastinate's jobs in the service's own database."""

from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from sqlmodel import Session

TASK = "match_run"
QUEUE = "matching"
LOCK = "match_run"
"""Runs take turns, in the order in which they were requested, however many workers there are."""

_DEFERRER = App(connector=SyncPsycopgConnector())
"""Never opened: jobs are deferred on the session's own connection."""


def defer_run(session: Session, run_id: UUID) -> None:
    """Queue a run in the session's transaction: the job exists if and only if the transaction is committed."""
    connection = session.connection().connection.driver_connection
    task = _DEFERRER.configure_task(TASK, allow_unknown=True, queue=QUEUE, lock=LOCK, connection=connection)
    task.defer(run_id=str(run_id))
