"""The way of a run in the worker: catch up, freeze, solve, publish."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import catch_up_patiently
from services.matching.runs import execution
from services.matching.runs.child import STARTING, EngineFailed, solve_in_child
from services.matching.runs.execution import Frozen, RunCancelled, RunFailed
from services.matching.runs.rules import RunStatus
from shared.db.database import Database

PATIENCE = 20.0
"""Seconds that a run waits for a catalog that is away; then it goes on with what the mirror has, and says so."""

LOOKING = 1.0
"""Seconds between looks at whether a run that is computed has been cancelled."""

P = ParamSpec("P")
T = TypeVar("T")


class Matcher:
    """Carries runs out. Everything that it needs of the outside is given to it."""

    def __init__(
        self,
        database: Database,
        feed: CatalogFeed,
        clock: Callable[[], datetime] | None = None,
        patience: float = PATIENCE,
        ready: asyncio.Event | None = None,
    ) -> None:
        """`ready` is set when the engine is compiled; None: nobody compiles it ahead."""
        self._database = database
        self._feed = feed
        self._clock = clock or (lambda: datetime.now(UTC))
        self._patience = patience
        self._ready = ready

    async def execute(self, run_id: UUID) -> None:
        """Carry a run out, from wherever an earlier attempt was interrupted; a second time changes nothing.

        What the database does is not caught: the queue tries again. Anything else ends the run.
        """
        try:
            await self._execute(run_id)
        except RunCancelled:
            structlog.get_logger("runs").info("run cancelled", run=str(run_id))
        except (RunFailed, EngineFailed) as error:
            await self._in_session(execution.fail, run_id, str(error), self._clock())
        except SQLAlchemyError:
            raise
        except Exception as error:
            structlog.get_logger("runs").error("run failed", run=str(run_id), exc_info=error)
            reason = f"内部错误（{type(error).__name__}），已记入工作进程的日志。"
            await self._in_session(execution.fail, run_id, reason, self._clock())
            raise

    async def _execute(self, run_id: UUID) -> None:
        if not await self._in_session(execution.begin, run_id, self._clock()):
            return
        frozen = await self._in_session(execution.stored, run_id) or await self._freeze(run_id)
        await self._until_compiled(run_id)
        await self._tell(run_id, RunStatus.RUNNING, STARTING)

        async def tell(step: str) -> None:
            await self._tell(run_id, RunStatus.RUNNING, step)

        solved = await self._unless_cancelled(run_id, solve_in_child(frozen.policy, frozen.snapshot, tell))
        await self._in_session(execution.publish, run_id, solved, self._clock())

    async def _unless_cancelled(self, run_id: UUID, work: Coroutine[Any, Any, T]) -> T:
        """The result of long work, which is stopped when somebody ends the run: then RunCancelled is raised."""
        task = asyncio.create_task(work)
        try:
            while not (await asyncio.wait({task}, timeout=LOOKING))[0]:
                if not await self._in_session(execution.goes_on, run_id):
                    raise RunCancelled
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _until_compiled(self, run_id: UUID) -> None:
        """Wait for who compiles the engine already: a second one beside it would only take longer."""
        if self._ready is not None and not self._ready.is_set():
            await self._tell(run_id, RunStatus.RUNNING, "编译匹配引擎（安装或升级后一次，一两分钟）")
            await self._ready.wait()

    async def _freeze(self, run_id: UUID) -> Frozen:
        began = time.monotonic()
        await self._tell(run_id, RunStatus.FOLLOWING, "跟随目录的变更")
        position = await catch_up_patiently(self._database, self._feed, self._patience)
        caught_up = time.monotonic()
        away = "" if position else "（目录服务不可达，按镜像已有的数据）"
        await self._tell(run_id, RunStatus.FOLLOWING, f"冻结快照{away}")
        seconds = {"跟随目录的变更": round(caught_up - began, 3)}
        return await self._in_session(execution.freeze, run_id, position is not None, seconds, self._clock())

    async def _tell(self, run_id: UUID, status: RunStatus, progress: str) -> None:
        await self._in_session(execution.report, run_id, status, progress)

    async def _in_session(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in a session of its own, in a thread: the loop keeps the worker's heart beating."""

        def call() -> T:
            with self._database.session() as session:
                return use_case(session, *args, **kwargs)

        return await asyncio.to_thread(call)
