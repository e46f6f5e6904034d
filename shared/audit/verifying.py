"""Verifying: whether the audit is what was sealed, from the first entry to the last.

Everything is hashed anew from what the tables hold now. What is behind the newest seal is waiting, and no fault. A tail
that was cut off leaves a chain that holds; an anchor that was kept elsewhere tells.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from shared.audit.tables import CHANGES, Source, count_sql, digest_sql

_AT_A_TIME = 500


@dataclass(frozen=True)
class Head:
    """The newest seal: its number, and the hash that stands for all before it."""

    number: int
    hash: str

    @classmethod
    def parse(cls, anchor: str) -> "Head":
        """Read "N:HASH"; ValueError for anything else."""
        found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", anchor.strip())
        if found is None:
            raise ValueError("锚点应为“序号:哈希”，即 audit head 打印的一行。")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        """As it is kept elsewhere."""
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True)
class Broken:
    """The first entry that does not hold: its number in the chain, its id, and what is wrong with it."""

    number: int | None
    entry_id: int | None
    what: str

    def __str__(self) -> str:
        """One sentence, in Chinese."""
        place = f"第 {self.number} 条" if self.number is not None else "未封存的记录"
        return f"{place}（记录编号 {self.entry_id or '无'}）：{self.what}"


@dataclass(frozen=True)
class Whole:
    """A chain that holds: its head, and how many entries wait for their seal."""

    head: Head
    waiting: int


EMPTY = Head(0, hashlib.sha256().hexdigest())


def head(session: Session) -> Head:
    """The newest seal as it stands; of an empty chain number 0."""
    newest = session.execute(text("SELECT number, hash FROM audit_seal ORDER BY number DESC LIMIT 1")).first()
    return EMPTY if newest is None else Head(newest.number, newest.hash.hex())


def verify(session: Session, histories: tuple[Source, ...], anchor: Head | None = None) -> Whole | Broken:
    """The head of a chain that holds and contains the anchor, or the first entry that is broken."""
    sources = (CHANGES, *histories)
    number, previous = 0, b""
    for row in _sealed(session, sources):
        number += 1
        hashed = hashlib.sha256(previous + row.digest).digest()
        if what := _fault(row, number, hashed):
            return Broken(number, row.entry_id if row.number == number else None, what)
        if anchor is not None and anchor.number == number and anchor.hash != hashed.hex():
            return Broken(number, row.entry_id, "哈希与锚点不同，锚点之前的记录被改写过")
        previous = row.hash
    if anchor is not None and anchor.number > number:
        return Broken(number + 1, None, f"锚点是第 {anchor.number} 条，而现在只有 {number} 条：链的末尾被截去")
    return _overdue(session, sources) or Whole(Head(number, previous.hex()) if number else EMPTY, _waiting(session))


def _sealed(session: Session, sources: tuple[Source, ...]) -> Iterator[Row[Any]]:
    """The seals in their order, each with what its entry comes to now; `id` is None where there is no such entry."""
    statement = text(
        f"""
        SELECT s.number, s.entry_id, s.changes, s.digest, s.hash, e.id, {count_sql(sources)} AS changes_now,
            CASE WHEN e.id IS NOT NULL THEN {digest_sql(sources)} END AS digest_now
        FROM audit_seal AS s LEFT JOIN audit_entry AS e ON e.id = s.entry_id
        WHERE s.number > :after ORDER BY s.number LIMIT :most
        """
    )
    after = -(2**62)
    while rows := session.execute(statement, {"after": after, "most": _AT_A_TIME}).all():
        yield from rows
        after = rows[-1].number


def _fault(row: Row[Any], number: int, hashed: bytes) -> str | None:
    """What is wrong with the seal that should have this number and this hash."""
    if row.number != number:
        return f"缺少第 {number} 条封存，下一条是第 {row.number} 条"
    if row.id is None:
        return "记录已被删除"
    if row.changes != row.changes_now:
        return f"封存时有 {row.changes} 项变更，现在有 {row.changes_now} 项"
    if row.digest != row.digest_now:
        return "内容与封存时不同"
    return None if row.hash == hashed else "哈希与前一条接不上"


def _overdue(session: Session, sources: tuple[Source, ...]) -> Broken | None:
    """An entry without seal, or a change without entry, of a transaction before which all was sealed long since."""
    behind = "EXISTS (SELECT FROM audit_seal AS s WHERE {0}.xid < s.horizon AND {0}.{1} < s.sealed_at)"
    unsealed = "NOT EXISTS (SELECT FROM audit_seal AS o WHERE o.entry_id = e.id)"
    found = session.execute(
        text(f"SELECT e.id FROM audit_entry AS e WHERE {unsealed} AND {behind.format('e', 'at')} ORDER BY id LIMIT 1")
    ).first()
    if found is not None:
        return Broken(None, found.id, "早已过了封存的时候，却没有封存")
    for source in sources:
        unclaimed = f"NOT EXISTS (SELECT FROM audit_entry AS e WHERE e.xid = c.xid AND e.at = c.{source.moment})"
        stray = text(
            f"SELECT c.{source.order} AS id FROM {source.table} AS c "
            f"WHERE c.xid IS NOT NULL AND {unclaimed} AND {behind.format('c', source.moment)} LIMIT 1"
        )
        if (change := session.execute(stray).first()) is not None:
            return Broken(None, None, f"{source.table} 中编号为 {change.id} 的变更不属于任何记录")
    return None


def _waiting(session: Session) -> int:
    counted = "SELECT count(*) FROM audit_entry AS e WHERE NOT EXISTS (SELECT FROM audit_seal WHERE entry_id = e.id)"
    return int(session.execute(text(counted)).scalar_one())
