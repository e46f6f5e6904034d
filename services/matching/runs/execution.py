"""What the worker does with a run: short transactions, none of which is open while the engine or HTTP is at work.

Each step can be repeated. A run that was interrupted starts again from its stored snapshot; its record and its
suggestions are written in one transaction, once.
"""

import hashlib
import time
import zlib
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session, col

from services.matching.engine import VERSION
from services.matching.engine.policy import Basis, Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.wire import plan_from_json, snapshot_from_json, snapshot_to_json
from services.matching.mirror import service as mirror
from services.matching.runs.child import Solved
from services.matching.runs.freeze.build import build_snapshot
from services.matching.runs.models import MatchRun, RunRecord, RunSnapshot
from services.matching.runs.rules import FINISHED, RunStatus
from services.matching.suggestions import service as suggestions

MOST_ATTEMPTS = 5
"""A run that takes its worker down each time must end some day."""


class RunFailed(Exception):
    """A run cannot succeed; the message says why and what to do, in Chinese."""


class RunCancelled(Exception):
    """Somebody has ended the run meanwhile: nothing more is to be done for it."""


@dataclass(frozen=True)
class Frozen:
    """A stored snapshot as the engine wants it: policy and snapshot as JSON."""

    policy: bytes
    snapshot: bytes


def begin(session: Session, run_id: UUID, now: datetime) -> bool:
    """Start a run, or start it again; False when there is nothing left to do."""
    run = session.execute(select(MatchRun).where(col(MatchRun.id) == run_id).with_for_update()).scalar_one()
    if run.status in FINISHED:
        return False
    run.attempts += 1
    run.started_at = run.started_at or now
    session.commit()
    if run.attempts > MOST_ATTEMPTS:
        raise RunFailed(f"任务已中断 {MOST_ATTEMPTS} 次，不再重试；请查看工作进程的日志。")
    return True


def report(session: Session, run_id: UUID, status: RunStatus, progress: str) -> None:
    """Tell where a run is; raises RunCancelled where it has ended."""
    values = {"status": status, "progress": progress}
    unfinished = col(MatchRun.status).not_in(FINISHED)
    told = update(MatchRun).where(col(MatchRun.id) == run_id, unfinished).values(values).returning(col(MatchRun.id))
    found = session.execute(told).first()
    session.commit()
    if found is None:
        raise RunCancelled


def goes_on(session: Session, run_id: UUID) -> bool:
    """Whether nobody has ended the run."""
    status = select(col(MatchRun.status)).where(col(MatchRun.id) == run_id)
    return session.execute(status).scalar_one() not in FINISHED


def stored(session: Session, run_id: UUID) -> Frozen | None:
    """The run's snapshot, if an earlier attempt has frozen it."""
    frozen = session.get(RunSnapshot, run_id)
    if frozen is None:
        return None
    return Frozen(Policy.model_validate(frozen.policy).model_dump_json().encode(), zlib.decompress(frozen.content))


def freeze(session: Session, run_id: UUID, caught_up: bool, seconds: dict[str, float], now: datetime) -> Frozen:
    """Freeze the mirror and people's decisions, all seen at one moment, and store the snapshot for good."""
    began = time.monotonic()
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    run, position = session.get_one(MatchRun, run_id), mirror.position(session)
    if position.epoch is None or position.cursor is None or position.rebuilding:
        raise RunFailed("还没有从目录服务取得完整数据，无法匹配；请确认目录服务已启动后重试。")
    policy, catalogue = Policy.model_validate(run.policy), mirror.catalogue(session)
    decisions = suggestions.decisions(session, policy, run.as_of)
    snapshot = build_snapshot(catalogue, decisions, policy, run.as_of, position.cursor)
    _check(snapshot, policy)
    content = snapshot_to_json(snapshot)
    frozen = RunSnapshot(
        run_id=run_id,
        content=zlib.compress(content),
        sha256=hashlib.sha256(content).hexdigest(),
        policy=run.policy,
        epoch=position.epoch,
        cursor=position.cursor,
        caught_up=caught_up,
        sizes=_sizes(snapshot),
        cluster_ids=_clusters(snapshot),
        seconds={**seconds, "冻结快照": round(time.monotonic() - began, 3)},
        frozen_at=now,
    )
    session.add(frozen)
    session.commit()
    return Frozen(policy.model_dump_json().encode(), content)


def publish(session: Session, run_id: UUID, solved: Solved, now: datetime) -> None:
    """Store the record, publish the suggestions, supersede older ones, end the run: in one transaction, once."""
    run = session.execute(select(MatchRun).where(col(MatchRun.id) == run_id).with_for_update()).scalar_one()
    if run.status in FINISHED:
        return
    frozen, plan = session.get_one(RunSnapshot, run_id), plan_from_json(solved.plan)
    snapshot, policy = snapshot_from_json(zlib.decompress(frozen.content)), Policy.model_validate(frozen.policy)
    session.add(
        RunRecord(
            run_id=run_id,
            snapshot_sha256=frozen.sha256,
            policy=frozen.policy,
            plan=zlib.compress(solved.plan),
            plan_sha256=hashlib.sha256(solved.plan).hexdigest(),
            objective=asdict(plan.objective),
            bound=asdict(plan.bound),
            greedy=asdict(plan.greedy),
            gap=plan.gap,
            mode=None if plan.mode is None else asdict(plan.mode),
            newcomers=None if plan.newcomers is None else asdict(plan.newcomers),
            sizes={**frozen.sizes, "suggestions": len(plan.suggestions), "near_misses": len(plan.near_misses)},
            seconds={**frozen.seconds, **solved.seconds},
            engine_version=VERSION,
            recorded_at=now,
        )
    )
    run.status, run.finished_at = RunStatus.SUCCEEDED, now
    run.progress = f"完成：{len(plan.suggestions)} 条配套建议"
    session.flush()
    suggestions.publish(session, run_id, snapshot, plan, policy, now)
    session.commit()


def fail(session: Session, run_id: UUID, reason: str, now: datetime) -> None:
    """End a run without a result, and say why."""
    values = {"status": RunStatus.FAILED, "progress": reason, "failure": reason, "finished_at": now}
    unfinished = col(MatchRun.status).not_in(FINISHED)
    session.execute(update(MatchRun).where(col(MatchRun.id) == run_id, unfinished).values(values))
    session.commit()


def _check(snapshot: Snapshot, policy: Policy) -> None:
    if not snapshot.lines:
        raise RunFailed("没有配套需求，无可匹配；请先导入主导产品和配套需求。")
    if policy.basis is Basis.VALUE and not any(line.spend for line in snapshot.lines):
        raise RunFailed(
            '没有一条需求同时写明数量和单价，无法按金额匹配；请改按零部件数匹配（policy 中 "basis": "lines"）。'
        )


def _clusters(snapshot: Snapshot) -> list[UUID]:
    """The clusters whose products have lines: whose organisations the run concerns."""
    products = (snapshot.products[at] for at in {line.product for line in snapshot.lines})
    return sorted({UUID(snapshot.clusters[row.cluster].id) for row in products if row.cluster is not None})


def _sizes(snapshot: Snapshot) -> dict[str, int]:
    """Rows per table, and how many lines have no spend because a quantity or a price is missing."""
    tables = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
    sizes = {name: len(rows) for name, rows in tables.items() if isinstance(rows, list)}
    return {**sizes, "unpriced_lines": sum(1 for line in snapshot.lines if line.spend == 0)}
