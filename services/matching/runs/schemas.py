"""Wire models of the runs."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.matching.engine.plan import ModeOutcome, NewcomerOutcome
from services.matching.engine.policy import Policy, Weights
from services.matching.runs.rules import RunStatus
from services.matching.runs.service import RunView
from shared.security.actor import Actor


class WeightsOverrides(Weights):
    """Weights to be set otherwise than by default; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PolicyOverrides(Policy):
    """What of the policy is to be set otherwise than by default; unknown settings are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home_province: str = Field("370000", pattern=r"^\d{2}0000$")
    weights: WeightsOverrides = WeightsOverrides()

    def given(self) -> dict[str, Any]:
        """Only what the request names."""
        return self.model_dump(exclude_unset=True)


class RunRequest(BaseModel):
    """A request to match anew."""

    model_config = ConfigDict(extra="forbid")

    policy: PolicyOverrides = PolicyOverrides()
    note: str = Field("", max_length=500)


class RunAccepted(BaseModel):
    """The answer to a request: the run is queued."""

    id: UUID
    status: RunStatus


class SnapshotFacts(BaseModel):
    """What the run was computed from; `caught_up` is false where the catalog was away at that moment."""

    sha256: str
    cursor: str
    caught_up: bool
    frozen_at: datetime


class RunOut(BaseModel):
    """A run. Amounts are whole 元, or counts of lines where the policy's basis is lines; `gap` is a share of 1."""

    id: UUID
    status: RunStatus
    progress: str
    failure: str | None
    policy: dict[str, Any]
    note: str
    as_of: date
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    snapshot: SnapshotFacts | None
    objective: dict[str, int] | None
    bound: dict[str, int] | None
    greedy: dict[str, int] | None
    gap: float | None
    mode: ModeOutcome | None = Field(description="怎样收场：least_change、within_cost、single_source 的结果")
    newcomers: NewcomerOutcome | None = Field(description="对新进入供应商体系的企业的份额下限，及其代价")
    seconds: dict[str, float]
    sizes: dict[str, int]
    engine_version: str | None

    @classmethod
    def of(cls, view: RunView, actor: Actor) -> Self:
        """The wire form of a run; who sees some clusters only is not told what came of it over all of them."""
        run, frozen, record = view.run, view.snapshot, view.record
        whole = record if actor.sees_everything else None
        return cls(
            **run.model_dump(exclude={"attempts", "progress"}),
            progress=run.progress if actor.sees_everything else run.progress.partition("：")[0],
            snapshot=None if frozen is None else SnapshotFacts.model_validate(frozen, from_attributes=True),
            objective=whole and whole.objective,
            bound=whole and whole.bound,
            greedy=whole and whole.greedy,
            gap=whole and whole.gap,
            mode=whole and whole.mode,
            newcomers=whole and whole.newcomers,
            seconds=(record or frozen).seconds if frozen else {},
            sizes=(record or frozen).sizes if frozen and actor.sees_everything else {},
            engine_version=record and record.engine_version,
        )
