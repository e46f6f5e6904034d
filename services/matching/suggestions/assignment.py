"""Who of the reviewers looks after a suggestion. It divides the work; it forbids nobody to decide."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from services.matching.suggestions import events
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.moving import Item, batch_refused, take, take_each
from services.matching.suggestions.rules import State
from shared.security.actor import Actor


def assign(session: Session, actor: Actor, item: Item, assignee: str | None, now: datetime) -> Suggestion:
    """Give a suggestion to a reviewer, or to nobody (None). Commits. Problems: 404 and 412."""
    row = take(session, actor, item)
    _give(session, actor, [row], assignee, now)
    session.commit()
    return row


def assign_all(
    session: Session, actor: Actor, items: Sequence[Item], assignee: str | None, now: datetime
) -> list[Suggestion]:
    """Give all of these suggestions, or none of them. Commits. A 409 Problem names each that stands against it."""
    rows, problems = take_each(session, actor, items)
    if problems:
        session.rollback()
        raise batch_refused(items, problems)
    _give(session, actor, rows, assignee, now)
    session.commit()
    return rows


def _give(session: Session, actor: Actor, rows: Sequence[Suggestion], assignee: str | None, now: datetime) -> None:
    for row in rows:
        row.assignee, row.version = assignee, row.version + 1
    steps = [events.Step(row.id, State(row.state), State(row.state)) for row in rows]
    said = "取消指派" if assignee is None else f"指派给 {assignee}"
    events.record(session, steps, events.ASSIGN, actor, said, now)
