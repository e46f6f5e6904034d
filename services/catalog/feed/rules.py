"""Where a follower of the feed is: the number of a transaction, and of a row in it."""

import re
from dataclasses import dataclass, replace
from typing import Self


class InvalidCursor(ValueError):
    """The text is not a cursor that the feed gave out; the message is for people, in Chinese."""


@dataclass(frozen=True, order=True)
class Cursor:
    """A position in the feed, written as "xid:id"; both are 64-bit numbers that only grow within an epoch.

    `compaction` counts the compactions of the feed that its follower need not mind: it has read what they took away,
    or began after them. It is written behind the position, "xid:id:compaction", where there was any.
    """

    xid: int
    id: int
    compaction: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "xid:id" or "xid:id:compaction"; InvalidCursor for anything else."""
        found = re.fullmatch(r"(\d{1,19}):(\d{1,19})(?::(\d{1,9}))?", text, re.ASCII)
        if found is None or int(found[1]) >= 2**63 or int(found[2]) >= 2**63:
            raise InvalidCursor("请使用上一页返回的 cursor，不要改动。")
        return cls(int(found[1]), int(found[2]), int(found[3] or 0))

    def __str__(self) -> str:
        """The cursor as it travels."""
        return f"{self.xid}:{self.id}:{self.compaction}" if self.compaction else f"{self.xid}:{self.id}"

    def within(self, horizon: "Cursor") -> Self | None:
        """The cursor of a follower that has missed nothing by the compaction up to `horizon`; None if it may have.

        Whoever began before it and has not come so far may lack a deletion that is no longer told.
        """
        has_read = (self.xid, self.id) >= (horizon.xid, horizon.id)
        knows = self == START or has_read or self.compaction == horizon.compaction
        return replace(self, compaction=horizon.compaction) if knows else None


START = Cursor(0, 0)
"""Before everything."""
