"""The table of kept answers: what each key of each actor was answered, for a day. One in each service's database."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session

from shared.db.tables import UtcDateTime

KEPT_FOR = timedelta(hours=24)
#: Rows past their day that one new answer sweeps away.
_SWEPT = 20


def kept_answers(metadata: MetaData) -> Table:
    """The table as a part of a service's metadata."""
    return Table(
        "kept_answer",
        metadata,
        Column("actor", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("kept_at", UtcDateTime, nullable=False, server_default=text("now()"), index=True),
    )


_TABLE = kept_answers(MetaData())


@dataclass(frozen=True)
class Kept:
    """An answer as it went out: its status, the headers that are its own, and its body."""

    status: int
    headers: dict[str, str]
    body: bytes


def hold(session: Session, actor: str, key: str) -> bool:
    """Let nobody else use the key till the transaction ends, however it ends; False where somebody does."""
    number = func.hashtextextended(f"{actor}\n{key}", 20_261_123)
    return bool(session.execute(select(func.pg_try_advisory_xact_lock(number))).scalar_one())


def find(session: Session, actor: str, key: str) -> tuple[bytes, Kept] | None:
    """The fingerprint of the request that the key stands for, and its answer; None where there is none of today."""
    mine = (_TABLE.c.actor == actor, _TABLE.c.key == key, _TABLE.c.kept_at > func.now() - KEPT_FOR)
    row = session.execute(select(_TABLE).where(*mine)).mappings().first()
    if row is None:
        return None
    return row["fingerprint"], Kept(row["status"], row["headers"], zlib.decompress(row["body"]))


def keep(session: Session, actor: str, key: str, fingerprint: bytes, kept: Kept) -> None:
    """Keep an answer, and sweep away some that are older than a day. Does not commit."""
    old = select(_TABLE.c.actor, _TABLE.c.key).where(_TABLE.c.kept_at <= func.now() - KEPT_FOR)
    old = old.limit(_SWEPT).with_for_update(skip_locked=True)
    swept = old.subquery()
    session.execute(delete(_TABLE).where(_TABLE.c.actor == swept.c.actor, _TABLE.c.key == swept.c.key))
    session.execute(delete(_TABLE).where(_TABLE.c.actor == actor, _TABLE.c.key == key))
    body = zlib.compress(kept.body, 1)
    told = {"fingerprint": fingerprint, "status": kept.status, "headers": kept.headers, "body": body}
    session.execute(insert(_TABLE).values(actor=actor, key=key, **told))


def forget(session: Session, words: Sequence[str]) -> int:
    """Drop the answers that tell one of these words, of a person who is to be forgotten; how many. Does not commit.

    They are compressed, and of one day: each is read.
    """
    told = [word.encode() for word in words]
    rows = session.execute(select(_TABLE.c.actor, _TABLE.c.key, _TABLE.c.body)).all()
    found = [(row.actor, row.key) for row in rows if any(word in zlib.decompress(row.body) for word in told)]
    for actor, key in found:
        session.execute(delete(_TABLE).where(_TABLE.c.actor == actor, _TABLE.c.key == key))
    return len(found)
