"""The states of a run, and what a policy must be for a run to make sense."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.matching.clock import CHINA
from services.matching.engine.judgement.facts import FULL_SCORE
from services.matching.engine.policy import Basis, Mode, Policy, Scope


class RunStatus(StrEnum):
    """Where a run is: waiting, following the catalog's feed, running the engine, or done one way or another."""

    QUEUED = "queued"
    FOLLOWING = "following"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})


class InvalidPolicy(ValueError):
    """A policy whose parts do not go together: the field, and a Chinese sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def day_of(moment: datetime) -> date:
    """The day in China on which a run is created: the day at which certificates are judged."""
    return moment.astimezone(CHINA).date()


def policy_of(overrides: dict[str, Any]) -> Policy:
    """The policy that `overrides` make of the default one, or of the lines mode where they ask for that basis.

    Raises InvalidPolicy for a combination by which nothing could be planned.
    """
    lines = overrides.get("basis") == Basis.LINES
    defaults = (Policy.lines_mode() if lines else Policy()).model_dump()
    weights = {**defaults["weights"], **overrides.get("weights", {})}
    policy = Policy.model_validate({**defaults, **overrides, "weights": weights})
    if policy.basis is Basis.SUPPLIERS:
        raise InvalidPolicy("basis", "供应商家数只能用来统计，不能作为匹配的口径；请用 value 或 lines。")
    if (policy.scope is Scope.RADIUS) != (policy.radius_km is not None):
        raise InvalidPolicy("radius_km", "scope 为 radius 时须写明 radius_km（千米），其他范围不写。")
    if lines and policy.supplier_cap < 1:
        raise InvalidPolicy("supplier_cap", "按零部件数匹配时每条需求不可拆分，supplier_cap 只能为 1。")
    if policy.newcomer_share > 0 and policy.mode is not Mode.RAISE_RATE:
        raise InvalidPolicy("newcomer_share", "新进入企业的份额下限只能与 mode raise_rate 同用。")
    if sum(policy.weights.model_dump().values()) > FULL_SCORE:
        raise InvalidPolicy("weights", f"各项权重之和不能超过 {FULL_SCORE}。")
    return policy
