"""Use cases for a row of any kind: delete it, read what became of it. Bringing it back is writing it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.history import service as history
from services.catalog.history.reversal import remove
from services.catalog.kinds import EntityKind
from shared.http.paging import Page
from shared.http.problems import not_found, precondition_failed
from shared.security.actor import Actor


def retire(session: Session, actor: Actor, kind: EntityKind, id: UUID, version: int, reason: str) -> None:
    """Delete a row as it was at `version`; its history stays, and it can be brought back. Commits.

    404 where the actor does not see it, 403 where it may not write it, 412 when somebody changed it since, 409 while
    other rows belong to it.
    """
    feed.take_turn(session)
    history.sign(session, actor, reason=reason)
    row = seen(session, actor, kind, id)
    kind.require_write(session, actor, [row])
    if row["version"] != version:
        raise precondition_failed()
    remove(session, kind, [row])
    session.commit()


def page(session: Session, actor: Actor, kind: EntityKind, id: UUID, after: str | None, limit: int) -> Page:
    """A page of what became of a row, the latest first; of one that was deleted only for who sees everything."""
    if not (actor.sees_everything and history.deletion(session, kind.name, id)):
        seen(session, actor, kind, id)
    return history.page(session, kind.name, kind.table, id, after, limit)


def seen(session: Session, actor: Actor, kind: EntityKind, id: UUID) -> dict[str, Any]:
    """The row of a kind with this id; 404 where the actor may not see it."""
    found = session.execute(select(kind.table).where(kind.table.c.id == id, kind.visible(actor))).mappings().first()
    if found is None:
        raise not_found(kind.label, id)
    return dict(found)
