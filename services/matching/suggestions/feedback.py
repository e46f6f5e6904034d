"""What people decided, as the next run has to respect it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.engine.policy import Policy
from services.matching.mirror.service import MirrorPurchase
from services.matching.suggestions.models import Suggestion, SuggestionEvent
from services.matching.suggestions.rules import COMMITTED, COOLING, STATE_ZH, Decisions, Placed, Rejected, State
from shared.db.upserts import sql_table


def decisions(session: Session, policy: Policy, as_of: date) -> Decisions:
    """What a run of the day `as_of` has to respect, on its basis.

    In place is what approved suggestions and those beyond them move as they stand; the rest of a partly accepted one
    is free again, and so is what its invoices already show as bought. Left out are pairs in their cool-off, and those
    deferred to a later day.
    """
    placed = (
        select(col(Suggestion.line_key), col(Suggestion.capability_key), col(Suggestion.amount))
        .where(col(Suggestion.basis) == policy.basis, col(Suggestion.state) == State.PROPOSED)
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
    return Decisions(
        approved=_in_place(session, policy),
        rejected=[_rejected(row) for row in session.execute(_left_out(policy, as_of))],
        proposed=[Placed(*row) for row in session.execute(placed)],
    )


def _in_place(session: Session, policy: Policy) -> list[Placed]:
    statement = (
        select(
            col(Suggestion.line_key),
            col(Suggestion.capability_key),
            col(Suggestion.placed_amount),
            col(Suggestion.line_spend),
            col(Suggestion.invoiced_by_year),
            _bought_in(session).label("bought"),
        )
        .where(col(Suggestion.basis) == policy.basis, col(Suggestion.state).in_(COMMITTED))
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
    year = _newest_year(session)
    rows = [Placed(row.line_key, row.capability_key, _still_to_come(row, year)) for row in session.execute(statement)]
    return [row for row in rows if row.amount > 0]


def _still_to_come(row: Row[Any], year: str) -> int:
    """What a suggestion moves beyond what the purchases of the newest year show of it already.

    A snapshot projects that year's purchases onto the line: invoices of a tenth of what was bought of the part stand
    for a tenth of the line's spend.
    """
    invoiced = row.invoiced_by_year.get(year, 0)
    if not invoiced or not row.bought:
        return int(row.placed_amount)
    return max(int(row.placed_amount - row.line_spend * invoiced / row.bought), 0)


def _newest_year(session: Session) -> str:
    return str(session.execute(select(func.max(func.left(col(MirrorPurchase.period), 4)))).scalar() or "")


def _bought_in(session: Session) -> Any:
    """What the leader bought of the suggestion's part in the newest year, from whomever, in 元."""
    return (
        select(func.sum(col(MirrorPurchase.amount)))
        .where(
            col(MirrorPurchase.leader_id) == Suggestion.leader_id,
            col(MirrorPurchase.part_code) == col(Suggestion.labels)["part_code"].astext,
            func.left(col(MirrorPurchase.period), 4) == _newest_year(session),
            sql_table(Suggestion).c.invoiced_by_year != {},
        )
        .scalar_subquery()
    )


def _rejected(row: Row[Any]) -> Rejected:
    """A pair that is left out; who left it out is said where it was not a reviewer who rejected it."""
    state = State(row.state)
    until = f"至 {row.deferred_until}" if state is State.DEFERRED else ""
    said = row.reason if state is State.REJECTED else f"{STATE_ZH[state]}{until}：{row.reason}"
    return Rejected(row.line_key, row.supplier_key, said)


def _left_out(policy: Policy, as_of: date) -> Select[*tuple[Any, ...]]:
    """Pairs that cool off or are deferred, each with the reason of its last step."""
    first_day = datetime.combine(as_of - timedelta(days=policy.cool_off_days), time(), CHINA) + timedelta(days=1)
    cooling = and_(col(Suggestion.state).in_(COOLING), col(Suggestion.decided_at) >= first_day)
    deferred = and_(col(Suggestion.state) == State.DEFERRED, col(Suggestion.deferred_until) > as_of)
    reason = (
        select(col(SuggestionEvent.reason))
        .where(
            col(SuggestionEvent.suggestion_id) == Suggestion.id,
            col(SuggestionEvent.to_state) == Suggestion.state,
            col(SuggestionEvent.from_state) != col(SuggestionEvent.to_state),
        )
        .order_by(col(SuggestionEvent.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            col(Suggestion.line_key),
            col(Suggestion.supplier_key),
            col(Suggestion.state),
            col(Suggestion.deferred_until),
            func.coalesce(reason, "").label("reason"),
        )
        .where(or_(cooling, deferred))
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
