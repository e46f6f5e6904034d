"""Who acts in a session, told to the audit as the session commits: one place for all use cases of all features.

A request's session is followed from where it is opened. As its transaction commits, the database is told who it was,
by which operation and from where, and keeps that if the transaction has changed anything that the audit knows of.
Whoever forgets nothing need not remember anything: the changes themselves are written by triggers.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from shared.audit.rules import agent_class, network_of
from shared.http.acting import acting_in
from shared.http.responses import json_bytes
from shared.security.actor import Role

NOBODY = "nobody"
"""Who acts before it is known who somebody is."""

_TELLING, _KNOWN = "audit.telling", "audit.known"
_KEEP = text("SELECT keep_act(CAST(:told AS jsonb))")
_NOTE = text("SELECT note_act(:kind, :subject, :op, CAST(:told AS jsonb))")


@dataclass(frozen=True)
class Act:
    """Who does something in a transaction, on whose behalf, by which operation, why, and from where."""

    actor: str
    verb: str
    role: str | None = None
    enterprise_id: UUID | None = None
    reason: str = ""
    address: str | None = None
    request: str | None = None
    agent: str | None = None


def follow(session: Session, telling: Callable[[], Act]) -> None:
    """Tell the audit of what the session commits; `telling` is asked then."""
    session.info[_TELLING] = telling


def name(session: Session, actor: str, role: str | None = None, enterprise_id: UUID | None = None) -> None:
    """Say who it is that acts, where its token did not: whoever signs in is known only after a while."""
    _know(session, actor=actor, role=role, enterprise_id=enterprise_id)


def because(session: Session, reason: str) -> None:
    """Say why, where no history is signed with it."""
    _know(session, reason=reason)


def note(session: Session, op: str, kind: str, subject: str, told: Mapping[str, Any] | None = None) -> None:
    """Write down what changes no row: a refusal, a reading. The caller commits, or it is not so."""
    values = {"kind": kind, "subject": subject, "op": op, "told": json_bytes(told or {}).decode()}
    session.execute(_NOTE, values)


def act_of(request: Request) -> Act:
    """What a request tells of itself. The address is a network's from the first, and never a person's."""
    actor = acting_in(request.scope)
    known = actor is not None and actor.role is not Role.SERVICE
    return Act(
        actor=actor.subject if actor is not None and (known or actor.subject != "service") else NOBODY,
        verb=str(getattr(request.scope.get("route"), "name", request.method)),
        role=actor.role.value if actor is not None and known else None,
        enterprise_id=actor.enterprise_id if actor is not None else None,
        address=network_of(request.client.host if request.client else ""),
        request=structlog.contextvars.get_contextvars().get("request_id"),
        agent=agent_class(request.headers.get("User-Agent", "")),
    )


def _know(session: Session, **known: Any) -> None:
    session.info[_KNOWN] = {**session.info.get(_KNOWN, {}), **known}


@event.listens_for(Session, "before_commit")
def _keep(session: Session) -> None:
    """Tell the database who it was, behind all that the session has to say; a savepoint is no end."""
    telling: Callable[[], Act] | None = session.info.get(_TELLING)
    if telling is None or session.in_nested_transaction():
        return
    session.flush()
    act = replace(telling(), **session.info.get(_KNOWN, {}))
    session.execute(_KEEP, {"told": json_bytes(asdict(act)).decode()})
