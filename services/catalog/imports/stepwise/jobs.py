"""Steps that take long, carried out by a worker: asked for in the import's own record, and followed there.

A job is the wish for a step, written into the record. A worker takes the step for whoever asked, and the step's own
transaction ends the wish. So nothing need be healed: where a worker is killed its transaction and its locks are gone,
the wish is still there, and the next worker takes the step from its beginning.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn
from uuid import UUID, uuid4

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from services.catalog.imports.outcomes import Mode
from services.catalog.imports.schemas import ImportReport
from services.catalog.imports.states import Step
from services.catalog.imports.stepwise import keeping, progress, steps, undoing
from services.catalog.imports.stepwise.keeping import FILES, IMPORTS
from shared.db.database import Database
from shared.http.problems import Problem, conflict
from shared.security.actor import Access, Actor, Role

BIG_FILE = 2**20
"""Bytes of a file whose preview is worth a job."""

BIG = 5_000
"""Rows of which writing or undoing is worth a job."""

MOST_ATTEMPTS = 5
"""A job that takes its worker down each time must end some day."""

PAUSE = 0.3
"""Seconds between two looks for work."""

TROUBLE = 2.0
"""Seconds after trouble with the database."""

#: Any constant will do; with a number made of the import's id it is the lock of that import's job.
_JOBS = 742_024

Job = dict[str, Any]


def is_big(session: Session, id: UUID, step: Step) -> bool:
    """Tell whether a step of an import takes so long that nobody should wait for the answer."""
    if step is Step.PREVIEW:
        size = session.execute(select(func.octet_length(FILES.c.content)).where(FILES.c.import_id == id)).scalar()
        return (size or 0) >= BIG_FILE
    summary = session.execute(select(IMPORTS.c.summary).where(IMPORTS.c.id == id)).scalar()
    return sum(int(sheet["rows"]) for sheet in summary["sheets"]) >= BIG if summary else False


def ask(session: Session, actor: Actor, id: UUID, step: Step, **said: str) -> ImportReport:
    """Ask for a step of an import, to be taken by a worker; the report says where it is. Commits.

    404, 409 as the step itself, as far as that can be told now; 409 while another one is asked for.
    """
    found = steps.held(session, actor, id, step)
    if steps.is_waiting(found):
        raise conflict("这次导入正在处理", "请等它完成，或先取消。", "import-running")
    job = {"step": step.value, "state": "waiting", "key": str(uuid4()), "attempts": 0, "said": said}
    keeping.change(session, id, found["version"], job={**job, "actor": _told(actor)})
    session.commit()
    return keeping.read_report(session, id)


async def work_for_ever(database: Database) -> NoReturn:
    """Take steps one after the other; where the database is in trouble the step is still asked for, and taken later."""
    log = structlog.get_logger("imports")
    while True:
        try:
            if not await asyncio.to_thread(work, database):
                await asyncio.sleep(PAUSE)
        except SQLAlchemyError as error:
            log.warning("a step of an import was interrupted", error=type(error).__name__)
            await asyncio.sleep(TROUBLE)


def work(database: Database) -> bool:
    """Take the step that was asked for first, if any is; whether there was one to take."""
    waiting = IMPORTS.c.job["state"].astext == "waiting"
    with database.session() as session:
        ids = session.execute(select(IMPORTS.c.id).where(waiting).order_by(IMPORTS.c.changed_at)).scalars().all()
    return any(_taken(database, id) for id in ids)


def _taken(database: Database, id: UUID) -> bool:
    """Take the step that is asked of an import, unless another worker is at it; whether it was there to be taken."""
    with database.engine.connect() as guard:
        lock = select(func.pg_try_advisory_lock(_JOBS, progress.number(id)))
        if not guard.execute(lock).scalar_one():
            return False
        guard.commit()
        try:
            with database.session() as session:
                return _carried_out(session, id)
        finally:
            guard.execute(text("SELECT pg_advisory_unlock_all()"))
            guard.commit()


def _carried_out(session: Session, id: UUID) -> bool:
    found = session.execute(select(IMPORTS).where(IMPORTS.c.id == id)).mappings().one()
    if not steps.is_waiting(found) or progress.is_running(session, id):
        return False
    job = {**found["job"], "attempts": found["job"]["attempts"] + 1}
    _keep(session, id, job)
    try:
        if job["attempts"] > MOST_ATTEMPTS:
            raise conflict(
                "处理中断", f"已中断 {MOST_ATTEMPTS} 次，不再重试；请查看工作进程的日志。", "import-interrupted"
            )
        _STEPS[Step(job["step"])](session, _actor(job["actor"]), id, job["said"])
    except Problem as problem:
        session.rollback()
        _fail(session, id, job, problem)
    return True


def _fail(session: Session, id: UUID, job: Job, problem: Problem) -> None:
    """Say in the record why a step could not be taken; who cancelled it knows."""
    if problem.kind not in steps.CANCELLED:
        _keep(session, id, {**job, "state": "failed", "problem": problem.body()})


def _keep(session: Session, id: UUID, job: Job) -> None:
    session.execute(update(IMPORTS).where(IMPORTS.c.id == id).values(job=job))
    session.commit()


def _told(actor: Actor) -> dict[str, Any]:
    """Who asked, as far as a step of an import looks at it."""
    enterprise = str(actor.enterprise_id) if actor.enterprise_id else None
    return {"subject": actor.subject, "role": actor.role.value, "enterprise": enterprise, "access": actor.access.value}


def _actor(told: dict[str, Any]) -> Actor:
    enterprise = UUID(told["enterprise"]) if told["enterprise"] else None
    return Actor(told["subject"], Role(told["role"]), enterprise, access=Access(told["access"]))


_STEPS: dict[Step, Callable[[Session, Actor, UUID, dict[str, str]], ImportReport]] = {
    Step.PREVIEW: lambda session, actor, id, _: steps.preview(session, actor, id),
    Step.APPLY: lambda session, actor, id, said: steps.apply(session, actor, id, Mode(said["mode"])),
    Step.UNDO: lambda session, actor, id, said: undoing.undo(session, actor, id, said["reason"]),
}
