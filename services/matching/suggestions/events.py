"""The history of suggestions: one event per step, only ever added."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Session, col

from services.matching.suggestions.models import SuggestionEvent
from services.matching.suggestions.rules import State, Verb
from shared.db.ids import new_id
from shared.db.upserts import sql_table
from shared.security.actor import Actor

ASSIGN = "assign"
"""What is written instead of a verb where a suggestion only got another reviewer."""


@dataclass(frozen=True)
class Step:
    """What happened to one suggestion; `amount` is what was agreed, contracted or invoiced by then, in 元."""

    suggestion_id: UUID
    before: State | None
    after: State
    amount: int | None = None


def history(session: Session, suggestion_id: UUID) -> list[SuggestionEvent]:
    """The steps of a suggestion's way, the first one first."""
    statement = select(SuggestionEvent).where(col(SuggestionEvent.suggestion_id) == suggestion_id)
    return list(session.execute(statement.order_by(col(SuggestionEvent.id))).scalars())


def record(
    session: Session, steps: Iterable[Step], verb: Verb | str | None, actor: Actor, reason: str, now: datetime
) -> None:
    """Write what one verb did to each of these suggestions, in the caller's transaction."""
    common = {"actor": actor.subject, "actor_role": actor.role, "verb": verb, "reason": reason, "at": now}
    events = [
        {
            "id": new_id(),
            "suggestion_id": step.suggestion_id,
            "from_state": step.before,
            "to_state": step.after,
            "amount": step.amount,
            **common,
        }
        for step in steps
    ]
    if events:
        session.execute(insert(sql_table(SuggestionEvent)), events)
