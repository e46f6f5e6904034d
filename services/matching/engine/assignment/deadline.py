"""How much time is left. A time limit is part of the problem; this is the only place of the engine with a clock."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """A moment of the monotonic clock."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self.at - time.monotonic())

    def part(self, share: float) -> "Deadline":
        """A deadline when this share of what is left is over."""
        return Deadline.after(share * self.left())
