"""Where a follower of the feed is: the number of a transaction, and of a row in it."""

import re
from dataclasses import dataclass
from typing import Self


class InvalidCursor(ValueError):
    """The text is not a cursor that the feed gave out; the message is for people, in Chinese."""


@dataclass(frozen=True)
class Cursor:
    """A position in the feed, written as "xid:id"; both are 64-bit numbers that only grow within an epoch."""

    xid: int
    id: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "xid:id"; InvalidCursor for anything else."""
        found = re.fullmatch(r"(\d{1,19}):(\d{1,19})", text, re.ASCII)
        if found is None or int(found[1]) >= 2**63 or int(found[2]) >= 2**63:
            raise InvalidCursor("请使用上一页返回的 cursor，不要改动。")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        """The cursor as it travels."""
        return f"{self.xid}:{self.id}"


START = Cursor(0, 0)
"""Before everything."""
