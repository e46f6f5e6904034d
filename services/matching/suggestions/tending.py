"""What moves suggestions without anybody's hand: days that pass, and what the catalog tells of firms and papers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.moving import apply, proposed_anew
from services.matching.suggestions.obstacles import COLUMNS, Judged, obstacles
from services.matching.suggestions.rules import TRANSITIONS, USUAL_WAITING, State, Verb, Waiting
from services.matching.suggestions.steps import Asked
from services.matching.suggestions.turns import take_proposing_turn
from shared.db.upserts import among, sql_table
from shared.security.actor import Actor, Role

WORKER = Actor("worker", Role.SERVICE)
"""Who moves what nobody moved: no person."""
REOPENED = tuple(state for state, verb in TRANSITIONS if verb is Verb.REOPEN)


def tend(session: Session, now: datetime, waiting: Waiting = USUAL_WAITING) -> dict[Verb, int]:
    """Reopen what a suspended firm or a lapsed certificate stands against, restore what was deferred till today, and
    let expire what nobody moved for too long. A second time changes nothing. How many of each.

    Each commits by itself, and locks in the order of the ids: together they might wait for who waits for them.
    """
    today = now.astimezone(CHINA).date()
    counts = {Verb.REOPEN: _reopen(session, today, now)}
    session.commit()
    counts |= _restore(session, today, now)
    session.commit()
    counts[Verb.EXPIRE] = 0
    for state, days in waiting.expiry().items():
        counts[Verb.EXPIRE] += _expire(session, state, days, now)
        session.commit()
    return counts


def _reopen(session: Session, today: date, now: datetime) -> int:
    """Those that were seen without lock are locked and looked at again: a person may have moved them meanwhile."""
    living = col(Suggestion.state).in_(REOPENED)
    seen = [Judged(*row) for row in session.execute(select(*COLUMNS).where(living))]
    against = obstacles(session, seen, today)
    rows = _lock(session, and_(among(sql_table(Suggestion).c.id, against), living)) if against else []
    for reason, same in _by_reason(rows, against).items():
        apply(session, WORKER, same, Asked(Verb.REOPEN, reason), now)
    return len(rows)


def _by_reason(rows: Sequence[Suggestion], against: Mapping[UUID, str]) -> dict[str, list[Suggestion]]:
    found: dict[str, list[Suggestion]] = defaultdict(list)
    for row in rows:
        found[against[row.id]].append(row)
    return found


def _restore(session: Session, today: date, now: datetime) -> dict[Verb, int]:
    """What a newer suggestion of the same pair speaks for does not come back: the pair would be proposed twice."""
    take_proposing_turn(session)
    due = and_(col(Suggestion.state) == State.DEFERRED, col(Suggestion.deferred_until) <= today)
    rows = _lock(session, due)
    newer = proposed_anew(session, rows)
    told = {
        Verb.RESTORE: ([row for row in rows if row.id not in newer], "暂缓的日期已到"),
        Verb.SUPERSEDE: ([row for row in rows if row.id in newer], "暂缓的日期已到，但已有较新的建议"),
    }
    for verb, (same, reason) in told.items():
        apply(session, WORKER, same, Asked(verb, reason), now)
    return {verb: len(same) for verb, (same, _) in told.items()}


def _expire(session: Session, state: State, days: int, now: datetime) -> int:
    moved = func.coalesce(col(Suggestion.decided_at), col(Suggestion.created_at))
    rows = _lock(session, and_(col(Suggestion.state) == state, moved < now - timedelta(days=days)))
    apply(session, WORKER, rows, Asked(Verb.EXPIRE, f"{days} 天无人处理"), now)
    return len(rows)


def _lock(session: Session, condition: ColumnElement[bool]) -> list[Suggestion]:
    """The suggestions of which this holds, locked in the order of their ids."""
    statement = select(Suggestion).where(condition).order_by(col(Suggestion.id)).with_for_update()
    return list(session.execute(statement.execution_options(populate_existing=True)).scalars())
