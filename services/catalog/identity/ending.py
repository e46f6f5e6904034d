"""End sign-ins and machine clients: what ended is not renewed, and its last token is over within ten minutes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlmodel import Session

from services.catalog.identity.models import MachineClient, RefreshToken, SignIn
from shared.db.upserts import among, sql_table

_SIGN_INS = sql_table(SignIn)
_CLIENTS = sql_table(MachineClient)
_TOKENS = sql_table(RefreshToken)
#: For so long a reuse is noticed as one.
_KEPT = timedelta(days=30)


def end_sign_ins(session: Session, which: ColumnElement[bool], now: datetime, because: str) -> int:
    """End the sign-ins that still last among those that a condition names; how many. The caller commits."""
    living = update(_SIGN_INS).where(which, _SIGN_INS.c.ended_at.is_(None))
    ended: Any = session.execute(living.values(ended_at=now, ended_because=because))
    return int(ended.rowcount)


def end_one(session: Session, sign_in: SignIn, now: datetime, because: str) -> None:
    """End one sign-in with all its tokens; the caller commits."""
    end_sign_ins(session, _SIGN_INS.c.id == sign_in.id, now, because)


def end_all_of(
    session: Session, account_id: UUID, now: datetime, because: str, but: UUID | None = None, firm: UUID | None = None
) -> int:
    """End an account's sign-ins: all, all `but` one, or those that act for a `firm`. The caller commits."""
    which = _SIGN_INS.c.account_id == account_id
    if but is not None:
        which &= _SIGN_INS.c.id != but
    if firm is not None:
        which &= _SIGN_INS.c.enterprise_id == firm
    return end_sign_ins(session, which, now, because)


def tidy(session: Session, now: datetime) -> None:
    """Delete the refresh tokens of sign-ins that have been over for a month; the caller commits."""
    over = select(_SIGN_INS.c.id).where(func.least(_SIGN_INS.c.ended_at, _SIGN_INS.c.ends_at) < now - _KEPT)
    session.execute(delete(_TOKENS).where(_TOKENS.c.sign_in_id.in_(over)))


def end_for_enterprises(session: Session, enterprise_ids: Collection[UUID], now: datetime) -> None:
    """End all that acts for enterprises that were suspended or retired; the caller commits."""
    end_sign_ins(session, among(_SIGN_INS.c.enterprise_id, enterprise_ids), now, "enterprise")
    theirs = among(_CLIENTS.c.enterprise_id, enterprise_ids) & _CLIENTS.c.revoked_at.is_(None)
    session.execute(update(_CLIENTS).where(theirs).values(revoked_at=now, version=_CLIENTS.c.version + 1))
