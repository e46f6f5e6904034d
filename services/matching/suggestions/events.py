"""The history of suggestions: one event per step, only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Session, col

from services.matching.suggestions.models import SuggestionEvent
from services.matching.suggestions.rules import State
from shared.db.ids import new_id
from shared.db.upserts import sql_table
from shared.security.actor import Actor


def history(session: Session, suggestion_id: UUID) -> list[SuggestionEvent]:
    """The steps of a suggestion's way, the first one first."""
    statement = select(SuggestionEvent).where(col(SuggestionEvent.suggestion_id) == suggestion_id)
    return list(session.execute(statement.order_by(col(SuggestionEvent.id))).scalars())


def record(
    session: Session, ids: list[UUID], before: State | None, after: State, actor: Actor, reason: str, now: datetime
) -> None:
    """Write the same step of each of these suggestions, in the caller's transaction."""
    common = {"actor": actor.subject, "actor_role": actor.role, "from_state": before, "to_state": after}
    events = [{"id": new_id(), "suggestion_id": id, **common, "reason": reason, "at": now} for id in ids]
    if events:
        session.execute(insert(sql_table(SuggestionEvent)), events)
