"""Tables of the runs: what may change while a run goes on, and two records that never change.

`run_snapshot` is written before the engine starts, `run_record` when it is done; the application may only insert
and read both, and a trigger refuses every change even to their owner. Steps are JSON, not JSONB, which would lose
their order.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.matching.base import Table
from services.matching.runs.rules import RunStatus
from shared.db.ids import new_id
from shared.db.tables import UtcDateTime


def _moment(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable)


class MatchRun(Table, table=True):
    """A run as its requester sees it: its state, its progress, its policy."""

    __tablename__ = "match_run"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    status: str = Field(default=RunStatus.QUEUED, sa_type=Text)
    progress: str = Field(default="", sa_type=Text)
    policy: dict[str, Any] = Field(sa_type=JSONB)
    note: str = Field(default="", sa_type=Text)
    as_of: date
    requested_by: str = Field(sa_type=Text)
    created_at: datetime = _moment()
    started_at: datetime | None = _moment(nullable=True)
    finished_at: datetime | None = _moment(nullable=True)
    failure: str | None = Field(default=None, sa_type=Text)
    attempts: int = 0


class RunSnapshot(Table, table=True):
    """The frozen input of a run: `content` is zlib-compressed JSON, `sha256` the hash of the JSON.

    `caught_up` is false where the catalog was away and the mirror may have lacked its last changes. `cluster_ids` are
    the clusters whose products the run has lines of; None: not written down yet when it was frozen.
    """

    __tablename__ = "run_snapshot"

    run_id: UUID = Field(primary_key=True, foreign_key="match_run.id")
    content: bytes
    sha256: str = Field(sa_type=Text)
    policy: dict[str, Any] = Field(sa_type=JSONB)
    epoch: str = Field(sa_type=Text)
    cursor: str = Field(sa_type=Text)
    caught_up: bool = True
    sizes: dict[str, int] = Field(sa_type=JSONB)
    cluster_ids: list[UUID] | None = Field(default=None, sa_type=ARRAY(Uuid), nullable=True)
    seconds: dict[str, float] = Field(sa_type=JSON)
    frozen_at: datetime = _moment()


class RunRecord(Table, table=True):
    """The result of a run: the plan (compressed like the snapshot), what it reached, its bound and its timings.

    `mode` and `newcomers` are the plan's outcomes of that name (engine.plan), where the policy asked for them.
    """

    __tablename__ = "run_record"

    run_id: UUID = Field(primary_key=True, foreign_key="run_snapshot.run_id")
    snapshot_sha256: str = Field(sa_type=Text)
    policy: dict[str, Any] = Field(sa_type=JSONB)
    plan: bytes
    plan_sha256: str = Field(sa_type=Text)
    objective: dict[str, int] = Field(sa_type=JSONB)
    bound: dict[str, int] = Field(sa_type=JSONB)
    greedy: dict[str, int] = Field(sa_type=JSONB)
    gap: float
    mode: dict[str, Any] | None = Field(default=None, sa_type=JSONB, nullable=True)
    newcomers: dict[str, Any] | None = Field(default=None, sa_type=JSONB, nullable=True)
    sizes: dict[str, int] = Field(sa_type=JSONB)
    seconds: dict[str, float] = Field(sa_type=JSON)
    engine_version: str = Field(sa_type=Text)
    recorded_at: datetime = _moment()
