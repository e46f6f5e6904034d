"""What the mirror tells about itself."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.matching.mirror.service import Position
from shared.contracts.v1 import Kind


class MirrorStatus(BaseModel):
    """How current the mirror is: `lag_seconds` since it last knew that nothing was missing; None: never yet."""

    epoch: str | None
    cursor: str | None
    rebuilding: bool
    caught_up_at: datetime | None
    last_change_at: datetime | None
    lag_seconds: float | None
    counts: dict[str, int]

    @classmethod
    def of(cls, position: Position, counts: dict[Kind, int], now: datetime) -> Self:
        """The status at `now`."""
        caught_up_at = position.caught_up_at
        return cls(
            epoch=position.epoch,
            cursor=position.cursor,
            rebuilding=position.rebuilding,
            caught_up_at=caught_up_at,
            last_change_at=position.last_change_at,
            lag_seconds=None if caught_up_at is None else round((now - caught_up_at).total_seconds(), 1),
            counts={kind.value: rows for kind, rows in counts.items()},
        )
