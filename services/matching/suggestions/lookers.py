"""Who else is looking: each reviewer leaves word of where it is, and is told who is there as well."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from services.matching.suggestions.models import SuggestionLooker
from services.matching.suggestions.rules import REVIEWING
from shared.db.upserts import sql_table
from shared.security.actor import Actor

QUEUE = "queue"
"""Where somebody is who looks at the list; who looks at one suggestion is at its id."""
LASTING = timedelta(seconds=60)
"""For how long a word holds: pages renew it three times as often."""


def reviewers(session: Session) -> list[str]:
    """Everybody who ever looked at the review desk, by name: whom a suggestion can be given to."""
    subject = sql_table(SuggestionLooker).c.subject
    return list(session.execute(select(subject).order_by(subject)).scalars())


def look_in(session: Session, actor: Actor, place: str, now: datetime) -> list[str]:
    """Leave word that the actor is at `place`, and tell who else is: their names, in order. Commits.

    Auditors are told and leave no word: they change nothing.
    """
    table = sql_table(SuggestionLooker)
    if actor.role in REVIEWING and not actor.changes_nothing:
        row = {"subject": actor.subject, "place": place, "seen_at": now}
        seen = {"place": place, "seen_at": now}
        session.execute(insert(table).values(row).on_conflict_do_update(index_elements=["subject"], set_=seen))
        session.commit()
    here = (
        col(SuggestionLooker.place) == place,
        col(SuggestionLooker.seen_at) > now - LASTING,
        col(SuggestionLooker.subject) != actor.subject,
    )
    found = session.execute(select(col(SuggestionLooker.subject)).where(*here).order_by(table.c.subject))
    return list(found.scalars())
