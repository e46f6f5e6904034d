"""What the mirror tells about itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.matching.mirror.changes import Fault, What
from services.matching.mirror.currency import sentence
from services.matching.mirror.models import ChangeSetAside
from services.matching.mirror.service import Position
from shared.contracts.v1 import Kind


class MirrorStatus(BaseModel):
    """How current the mirror is.

    `lag_seconds` since it last knew that nothing was missing, `delay_seconds` from the writing of the last change to
    its arrival; None: never yet. `sentence` says as of when it is, for people. `set_aside` are changes that could not
    be applied, by what is wrong with them.
    """

    epoch: str | None
    cursor: str | None
    rebuilding: bool
    caught_up_at: datetime | None
    last_change_at: datetime | None
    lag_seconds: float | None
    delay_seconds: float | None
    sentence: str
    counts: dict[str, int]
    set_aside: dict[str, int]

    @classmethod
    def of(cls, position: Position, counts: Mapping[Kind, int], aside: Mapping[What, int], now: datetime) -> Self:
        """The status at `now`."""
        return cls(
            epoch=position.epoch,
            cursor=position.cursor,
            rebuilding=position.rebuilding,
            caught_up_at=position.caught_up_at,
            last_change_at=position.last_change_at,
            lag_seconds=_between(position.caught_up_at, now),
            delay_seconds=_between(position.last_change_at, position.last_applied_at),
            sentence=sentence(position, now),
            counts={kind.value: rows for kind, rows in counts.items()},
            set_aside={what.value: rows for what, rows in aside.items()},
        )


class SetAside(BaseModel):
    """A change that could not be applied: what is wrong, why, how often it came, and the change as it came."""

    id: UUID
    what: What
    reason: str
    kind: str | None
    entity_id: UUID | None
    version: int | None
    times: int
    first_at: datetime
    last_at: datetime
    event: Any

    @classmethod
    def of(cls, row: ChangeSetAside) -> Self:
        """The row as it is shown."""
        return cls.model_validate(row, from_attributes=True)


class Tried(BaseModel):
    """How another try ended: `applied`, or what is still wrong."""

    applied: bool
    what: What | None = None
    reason: str = ""

    @classmethod
    def of(cls, fault: Fault | None) -> Self:
        """The answer."""
        return cls(applied=True) if fault is None else cls(applied=False, what=fault.what, reason=fault.reason)


def _between(begun: datetime | None, ended: datetime | None) -> float | None:
    """Seconds; clocks of two machines may differ, so that it is never told to be less than none."""
    return None if begun is None or ended is None else max(round((ended - begun).total_seconds(), 1), 0.0)
