"""The worker: runs the queue's jobs, follows the feed, tends suggestions, leaves points of rates, seals, heals jobs.

While it waits for its first job it lets a child compile the engine, which takes a minute or two after an upgrade.
"""

import asyncio
import logging
import os
import sys
from typing import Any, NoReturn
from uuid import UUID

import psycopg
import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Job
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import follow
from services.matching.rates.points import record_for_ever
from services.matching.runs.jobs import QUEUE, TASK
from services.matching.runs.matcher import Matcher
from services.matching.settings import WorkerSettings
from services.matching.suggestions.rules import Waiting
from services.matching.tending import tend_for_ever
from shared.audit.sealing import seal_for_ever
from shared.db.database import Database, libpq_url

HEARTBEAT = 1.0
STALLED = 6.0
"""Seconds without a heartbeat after which a worker is taken for dead. A false alarm costs time, nothing else: a run's
result is written once.
"""
HEALING = 2.0
PATIENCE = 3.0
"""Seconds that the queue waits for a connection before the database is taken for gone."""
GRACE = 2.0
"""Seconds that a job has to end when the worker is told to stop; then it goes back into the queue."""


class Interrupted(BaseRetryStrategy):
    """Tries again what was interrupted: by our own end, or by the database. How often, the run itself counts."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        """At once after a shutdown, a second later after trouble with the database; never after anything else."""
        if isinstance(exception, asyncio.CancelledError | JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, SQLAlchemyError):
            return RetryDecision(retry_in={"seconds": 1})
        return None


def create_queue(url: str, matcher: Matcher) -> App:
    """The queue as the worker sees it: with the task that carries out a run."""
    connector = PsycopgConnector(conninfo=libpq_url(url), min_size=1, max_size=4, timeout=PATIENCE)
    queue = App(connector=connector)

    @queue.task(name=TASK, queue=QUEUE, retry=Interrupted())
    async def match_run(run_id: str) -> None:
        await matcher.execute(UUID(run_id))

    return queue


async def heal(queue: App) -> NoReturn:
    """Put jobs back into the queue whose worker has lost its heartbeat, for ever."""
    log = structlog.get_logger("worker")
    while True:
        for job in await queue.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED):
            log.warning("stalled job goes back into the queue", job=job.id, run=job.task_kwargs.get("run_id"))
            await _retry(queue, job)
        await asyncio.sleep(HEALING)


async def _retry(queue: App, job: Job) -> None:
    """Put a job back, unless another worker has done so since."""
    try:
        await queue.job_manager.retry_job(job)
    except ConnectorException as error:
        if not isinstance(error.__cause__, psycopg.errors.RaiseException):
            raise


class DatabaseGone(Exception):
    """The database cannot be used: whoever keeps the worker running starts it again. The message is one line."""


def main(settings: WorkerSettings) -> None:
    """Work until told to stop; raises DatabaseGone when the database is."""
    for name in ("procrastinate", "psycopg.pool"):
        # both say in hundreds of lines what DatabaseGone says in one
        logging.getLogger(name).setLevel(logging.CRITICAL)
    gone: DatabaseGone | None = None
    try:
        asyncio.run(work(settings))
    except* (SQLAlchemyError, ConnectorException, psycopg.Error) as group:
        gone = DatabaseGone(_first_line(group))
    # raised out here: within except* some versions of Python 3.11 would wrap it in a group of its own
    if gone is not None:
        raise gone


async def work(settings: WorkerSettings) -> None:
    """Work until told to stop by SIGTERM or SIGINT; what the database does is raised."""
    database = Database(settings.database_url, pool_size=6)
    try:
        await asyncio.to_thread(_check, database)
        token = settings.catalog_token_file.read_text("utf-8").strip()
        async with CatalogFeed(settings.catalog_url, token) as feed:
            compiled = asyncio.Event()
            queue = create_queue(settings.database_url, Matcher(database, feed, ready=compiled))
            async with queue.open_async():
                await _work(queue, database, feed, compiled, settings.waiting)
    finally:
        database.dispose()


async def _work(queue: App, database: Database, feed: CatalogFeed, compiled: asyncio.Event, waiting: Waiting) -> None:
    """Follow and heal beside the jobs; the first that breaks ends them all."""
    jobs = queue.run_worker_async(
        queues=[QUEUE],
        concurrency=1,
        fetch_job_polling_interval=1.0,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=STALLED,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="successful",
    )
    async with asyncio.TaskGroup() as group:
        tasks = (
            follow(database, feed),
            tend_for_ever(database, waiting),
            record_for_ever(database),
            seal_for_ever(database),
            heal(queue),
            _raise_what_is_dropped(),
            _warm_up(compiled),
        )
        beside = [group.create_task(each) for each in tasks]
        await jobs
        for task in beside:
            task.cancel()


async def _warm_up(compiled: asyncio.Event) -> None:
    """Compile the engine in a child; where that fails the first run will say why, so that it is only logged here."""
    command = (sys.executable, "-m", "services.matching", "warm-up", "--parent", str(os.getpid()))
    child = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        said = (await child.communicate())[1].decode("utf-8", "replace").strip()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
        compiled.set()
    if child.returncode:
        structlog.get_logger("worker").warning("engine not compiled ahead", code=child.returncode, said=said[-500:])


async def _raise_what_is_dropped() -> None:
    """End the worker with the error of a task that nobody awaits.

    Procrastinate drops the error when it cannot write down how a job ended: the job would stay `doing` under a living
    worker, which no healer touches, and keep every other run waiting.
    """
    loop = asyncio.get_running_loop()
    dropped: asyncio.Future[None] = loop.create_future()

    def take(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "exception" in context and not dropped.done():
            dropped.set_exception(context["exception"])
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(take)
    await dropped


def _check(database: Database) -> None:
    """Say at once that the database is not there, rather than after the queue's patience."""
    with database.session() as session:
        session.execute(text("SELECT 1"))


def _first_line(group: BaseException) -> str:
    """The innermost cause, in one line."""
    error = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    said = str(error.__cause__ or error).strip()
    return said.splitlines()[0] if said else type(error).__name__
