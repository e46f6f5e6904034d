"""Back-off and lock-out: attempts are counted before they are judged, so that many at once get no further than one.

An unknown account is counted as a known one is: the answer does not tell which it was.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from services.catalog.identity.models import Throttle
from shared.audit import acting
from shared.db.upserts import sql_table
from shared.http.problems import Problem

_TABLE = sql_table(Throttle)
#: Failures longer ago than this are forgotten.
FORGOTTEN_AFTER = timedelta(hours=1)
LOCK_OUT = timedelta(minutes=15)


@dataclass(frozen=True)
class Counted:
    """What attempts are counted by: `free` of them cost nothing, then the wait doubles, from `locks` on it is long."""

    key: str
    free: int
    locks: int

    def wait(self, failures: int) -> timedelta:
        """How long nobody may try again after so many failures."""
        if failures >= self.locks:
            return LOCK_OUT
        return timedelta(seconds=2 ** (failures - self.free)) if failures > self.free else timedelta(0)


def by_account(email: str) -> Counted:
    """Attempts on one account, known or not: five free, locked from the tenth on."""
    return Counted(f"account:{hashlib.sha256(email.encode()).hexdigest()}", free=5, locks=10)


def by_address(address: str, what: str = "address", *, free: int = 30, locks: int = 60) -> Counted:
    """Attempts (at `what`) from one address; whole offices share one, and of IPv6 everybody has a /64."""
    return Counted(f"{what}:{_network(address)}", free=free, locks=locks)


def count(
    session: Session,
    what: Sequence[Counted],
    now: datetime,
    sentence: str = "登录失败次数过多，请在 {wait}后再试，或通过邮箱重设密码。",
) -> None:
    """Count an attempt that is about to be judged. Commits. Problem 429 with Retry-After while none may be made.

    `sentence` tells the caller what was too much, with `{wait}` for how long to wait.
    """
    waits = [_count(session, each, now) for each in sorted(what, key=lambda each: each.key)]
    if longest := max((wait for wait in waits if wait), default=None):
        session.rollback()
        raise _too_many(longest, sentence)
    session.commit()


def forgive(session: Session, what: Counted) -> None:
    """Forget the failures of an account that has been proved to be its bearer's; the caller commits."""
    session.execute(delete(_TABLE).where(_TABLE.c.key == what.key))


def uncount(session: Session, what: Counted) -> None:
    """Take back one attempt, which was none to guess; the caller commits."""
    less = update(_TABLE).where(_TABLE.c.key == what.key, _TABLE.c.failures > 0)
    session.execute(less.values(failures=_TABLE.c.failures - 1, blocked_until=_TABLE.c.last_at))


def tidy(session: Session, now: datetime) -> None:
    """Delete what is forgotten anyway, for anybody can make rows here; the caller commits."""
    session.execute(delete(_TABLE).where(_TABLE.c.last_at < now - FORGOTTEN_AFTER, _TABLE.c.blocked_until < now))


def _count(session: Session, what: Counted, now: datetime) -> timedelta | None:
    """Count one attempt; how long to wait where none may be made now."""
    first = insert(_TABLE).values(key=what.key, failures=1, last_at=now, blocked_until=now)
    old = _TABLE.c.last_at < now - FORGOTTEN_AFTER
    again = first.on_conflict_do_update(
        index_elements=["key"],
        set_={"failures": case((old, 1), else_=_TABLE.c.failures + 1), "last_at": now},
        where=_TABLE.c.blocked_until <= now,
    ).returning(_TABLE.c.failures)
    failures = session.execute(again).scalar_one_or_none()
    if failures is None:
        until = session.execute(select(_TABLE.c.blocked_until).where(_TABLE.c.key == what.key)).scalar_one()
        return timedelta(seconds=max(1, (until - now).total_seconds()))
    blocked = update(_TABLE).where(_TABLE.c.key == what.key).values(blocked_until=now + what.wait(failures))
    session.execute(blocked)
    if what.wait(failures) >= LOCK_OUT:
        acting.note(session, "locked", what.key.partition(":")[0], "unknown", {"failures": failures})
    return None


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _too_many(wait: timedelta, sentence: str) -> Problem:
    seconds = ceil(wait.total_seconds())
    told = f"{ceil(seconds / 60)} 分钟" if seconds > 60 else f"{seconds} 秒"
    return Problem(
        429,
        "too-many-attempts",
        "尝试次数过多",
        sentence.format(wait=told),
        headers={"Retry-After": str(seconds)},
    )
