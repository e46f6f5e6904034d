"""How much time is left. A time limit is part of the problem; this is the only place of the engine with a clock."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """A moment of the monotonic clock; an earlier one for whoever has found nothing by then (None: the same)."""

    at: float
    empty_handed: float | None = None

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self.at - time.monotonic())

    def left_empty_handed(self) -> float:
        """Seconds that are left while nothing is found."""
        return self.left() if self.empty_handed is None else max(0.0, self.empty_handed - time.monotonic())

    def giving_up_at(self, share: float) -> "Deadline":
        """The same deadline; who has found nothing when this share of what is left is over, gives up then."""
        return Deadline(self.at, self.part(share).at)

    def part(self, share: float) -> "Deadline":
        """A deadline when this share of what is left is over."""
        return Deadline.after(share * self.left())
