"""Use cases of the runs: request one, look at one, read the plan that it made."""

import gc
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.wire import plan_from_json, snapshot_from_json
from services.matching.runs import jobs
from services.matching.runs.models import MatchRun, RunRecord, RunSnapshot
from services.matching.runs.rules import FINISHED, InvalidPolicy, RunStatus, day_of, policy_of
from shared.audit import acting
from shared.db.acting import beyond
from shared.db.upserts import overlaps, sql_table
from shared.http.paging import keyset
from shared.http.problems import FieldError, Problem, conflict, not_found
from shared.processes.collector import collector_held
from shared.security.actor import Actor, Role

READERS = frozenset({Role.REVIEWER, Role.SERVICE, Role.CLUSTER_ORGANISATION, Role.AUDITOR})
"""Who may look at runs; a leader reads its rates and its suggestions, which come out of them."""


RETRY_SECONDS = 5
"""After how many seconds it is worth while to ask again for what a run that goes on has not got yet."""


@dataclass(frozen=True)
class RunView:
    """A run with its snapshot and its record, as far as it has them; their content is not loaded."""

    run: MatchRun
    snapshot: RunSnapshot | None
    record: RunRecord | None


def request_run(session: Session, actor: Actor, overrides: dict[str, Any], note: str, now: datetime) -> MatchRun:
    """Queue a run; its job is deferred in the same transaction, so that neither exists without the other. Commits."""
    policy = _valid(overrides)
    run = MatchRun(
        progress="排队中",
        policy=policy.model_dump(mode="json"),
        note=note,
        as_of=day_of(now),
        requested_by=actor.subject,
        created_at=now,
    )
    session.add(run)
    session.flush()
    jobs.defer_run(session, run.id)
    session.commit()
    return run


def cancel_run(session: Session, actor: Actor, run_id: UUID, now: datetime) -> MatchRun:
    """End a run before it has a result; whoever computes it stops within a second or two. Commits.

    A 409 Problem where it has ended already.
    """
    locked = select(MatchRun).where(col(MatchRun.id) == run_id).with_for_update()
    run: MatchRun | None = session.execute(locked).scalar_one_or_none()
    if run is None:
        raise not_found("匹配任务", run_id)
    if run.status in FINISHED:
        raise conflict("匹配任务已经结束", f"目前：{run.progress}。不能再取消。", "run-ended")
    run.status, run.progress, run.finished_at = RunStatus.CANCELLED, "已取消", now
    run.failure = f"已由 {actor.subject} 取消。"
    session.commit()
    return run


def newest_result(session: Session, actor: Actor) -> UUID | None:
    """The run that succeeded last, if any did and the actor may look at runs."""
    if actor.role not in READERS:
        return None
    done = select(col(MatchRun.id)).where(col(MatchRun.status) == RunStatus.SUCCEEDED)
    done = done.outerjoin(RunSnapshot, col(RunSnapshot.run_id) == MatchRun.id).where(_concerns(actor))
    with beyond(session):
        return session.execute(done.order_by(col(MatchRun.id).desc()).limit(1)).scalar_one_or_none()


def newest_policy(session: Session) -> tuple[UUID, Policy]:
    """The run that succeeded last, with its policy; a 409 Problem before the first."""
    newest = select(col(RunRecord.run_id), col(RunRecord.policy)).order_by(col(RunRecord.run_id).desc()).limit(1)
    with beyond(session):
        found = session.execute(newest).first()
    if found is None:
        raise conflict("还没有匹配过", "请先启动一次匹配：人工提出的建议以最近一次匹配的口径审核。", "no-run-yet")
    return found.run_id, Policy.model_validate(found.policy)


def list_runs(session: Session, actor: Actor, after: str | None, limit: int) -> list[RunView]:
    """Runs that the actor may see, the newest first; one more than `limit`, which tells if there are more."""
    statement = keyset(_views().where(_concerns(actor)), [col(MatchRun.id)], after, limit, descending=True)
    if actor.role not in READERS:
        return []
    with beyond(session):
        return [RunView(*row) for row in session.execute(statement)]


def get_run(session: Session, actor: Actor, run_id: UUID) -> RunView:
    """One run; a 404 Problem where there is none, or none that the actor may see."""
    with beyond(session):
        row = session.execute(_views().where(col(MatchRun.id) == run_id, _concerns(actor))).first()
    if row is None or actor.role not in READERS:
        raise not_found("匹配任务", run_id)
    return RunView(*row)


def snapshot_json(session: Session, actor: Actor, run_id: UUID) -> bytes:
    """The frozen input of a run as it is stored; it holds everybody's parts lists, so it is for reviewers only.

    Before it is frozen, a 409 Problem. Who reads it is noted. Commits.
    """
    content = session.execute(select(col(RunSnapshot.content)).where(col(RunSnapshot.run_id) == run_id)).scalar()
    if not actor.sees_everything:
        raise not_found("匹配任务的快照", run_id)
    if content is None:
        raise not_there_yet(session, run_id)
    acting.note(session, "read", "run_snapshot", str(run_id))
    session.commit()
    return zlib.decompress(content)


def plan_of(session: Session, actor: Actor, run_id: UUID) -> tuple[Snapshot, Plan, Policy]:
    """What a succeeded run was computed from, what came out, and by which policy; a 409 Problem before that.

    It is the whole plan: the caller shows of it only what concerns the actor. Suppliers have no use for it.
    """
    if actor.role is Role.SUPPLIER:
        raise not_found("匹配任务", run_id)
    with beyond(session):
        if session.execute(select(col(RunRecord.run_id)).where(col(RunRecord.run_id) == run_id)).first() is None:
            raise not_there_yet(session, run_id)
        return _DECODED.get(session, run_id)


def not_there_yet(session: Session, run_id: UUID) -> Problem:
    """Why a run cannot tell what is asked of it: 409 while it goes on (Retry-After) or when it failed; 404 for none."""
    run = session.get(MatchRun, run_id)
    if run is None:
        return not_found("匹配任务", run_id)
    if run.status in FINISHED:
        detail = f"它没有结果：{run.failure}请重新请求一次匹配。"
        return conflict("匹配任务没有成功", detail, "run-failed")
    problem = conflict("匹配任务还在进行", f"目前：{run.progress}。完成后才有结果，请稍后再试。", "run-going-on")
    problem.headers["Retry-After"] = str(RETRY_SECONDS)
    return problem


class _Decoded:
    """The few plans read last, decoded. A record never changes, so neither does what is kept of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[UUID, tuple[Snapshot, Plan, Policy]] = OrderedDict()

    def get(self, session: Session, run_id: UUID) -> tuple[Snapshot, Plan, Policy]:
        """The decoded plan of a run that has a record."""
        found = self._kept.get(run_id)
        if found is None:
            gc.collect()  # garbage that is frozen stays
            found = _decode(session, run_id)
            # millions of objects without a cycle: the collector, which needs a second for them, passes them by from
            # here on, and what is dropped of them goes by the count of its references
            gc.freeze()
        self._kept[run_id] = found
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found


_DECODED = _Decoded(most=3)


@collector_held()
def _decode(session: Session, run_id: UUID) -> tuple[Snapshot, Plan, Policy]:
    statement = (
        select(col(RunSnapshot.content), col(RunRecord.plan), col(RunRecord.policy))
        .join(RunRecord, col(RunRecord.run_id) == RunSnapshot.run_id)
        .where(col(RunRecord.run_id) == run_id)
    )
    content, plan, policy = session.execute(statement).one()
    return (
        snapshot_from_json(zlib.decompress(content)),
        plan_from_json(zlib.decompress(plan)),
        Policy.model_validate(policy),
    )


def _valid(overrides: dict[str, Any]) -> Policy:
    try:
        return policy_of(overrides)
    except InvalidPolicy as error:
        fault = FieldError(pointer=f"/policy/{error.field}", detail=error.sentence, code="policy")
        raise Problem(422, "validation", "提交的内容有误", "共 1 处需要更正。", [fault]) from error


def _concerns(actor: Actor) -> ColumnElement[bool]:
    """The runs that concern the actor: an organisation those with lines of its clusters, and those not frozen yet."""
    if actor.role is not Role.CLUSTER_ORGANISATION:
        return true()
    clusters = sql_table(RunSnapshot).c.cluster_ids
    return or_(clusters.is_(None), overlaps(clusters, actor.cluster_ids))


def _views() -> Select[MatchRun, RunSnapshot, RunRecord]:
    """Runs with their records; the stored content, which may be large, stays in the database."""
    return (
        select(MatchRun, RunSnapshot, RunRecord)
        .outerjoin(RunSnapshot, col(RunSnapshot.run_id) == MatchRun.id)
        .outerjoin(RunRecord, col(RunRecord.run_id) == MatchRun.id)
        .options(defer(RunSnapshot.content), defer(RunRecord.plan))  # type: ignore[arg-type]
    )
