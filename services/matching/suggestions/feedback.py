"""What people decided, as the next run has to respect it."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, case, func, or_, select, true
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.engine.policy import Policy
from services.matching.mirror.service import MirrorPurchase
from services.matching.suggestions.models import Suggestion, SuggestionEvent
from services.matching.suggestions.rules import COMMITTED, COOLING, STATE_ZH, Decisions, Placed, Rejected, State
from shared.db.upserts import among, sql_table


def decisions(session: Session, policy: Policy, as_of: date, lines: Collection[str] | None = None) -> Decisions:
    """What a run of the day `as_of` has to respect, on its basis; `lines`: of these lines (natural keys) alone.

    In place is what approved suggestions and those beyond them move as they stand; the rest of a partly accepted one
    is free again, and so is what its invoices already show as bought. Left out are pairs in their cool-off, and those
    deferred to a later day.
    """
    asked = true() if lines is None else among(sql_table(Suggestion).c.line_key, lines)
    placed = (
        select(col(Suggestion.line_key), col(Suggestion.capability_key), col(Suggestion.amount))
        .where(col(Suggestion.basis) == policy.basis, col(Suggestion.state) == State.PROPOSED, asked)
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
    return Decisions(
        approved=_in_place(session, policy, asked),
        rejected=[_rejected(row) for row in session.execute(_left_out(policy, as_of).where(asked))],
        proposed=[Placed(*row) for row in session.execute(placed)],
    )


def still_to_come(year: str) -> ColumnElement[int]:
    """What a suggestion moves a year beyond what the purchases of `year` show of it already, as a column.

    Those purchases are projected onto the line: invoices of a tenth of what was bought of the part that year stand for
    a tenth of the line's spend.
    """
    suggestion = sql_table(Suggestion).c
    invoiced = func.coalesce(suggestion.invoiced_by_year[year].astext.cast(BigInteger), 0)
    shown = func.floor(suggestion.line_spend * invoiced / func.nullif(_bought_in(year), 0))
    rest = func.greatest(suggestion.placed_amount - func.coalesce(shown, invoiced), 0)
    return case((invoiced == 0, suggestion.placed_amount), else_=rest).cast(BigInteger)


def _bought_in(year: str) -> Any:
    """What the leader bought of the suggestion's part in a year, from whomever, in 元."""
    purchase, suggestion = sql_table(MirrorPurchase).c, sql_table(Suggestion).c
    return (
        select(func.sum(purchase.amount))
        .where(
            purchase.leader_id == suggestion.leader_id,
            purchase.part_code == suggestion.labels["part_code"].astext,
            func.left(purchase.period, 4) == year,
        )
        .correlate(sql_table(Suggestion))
        .scalar_subquery()
    )


def _in_place(session: Session, policy: Policy, asked: ColumnElement[bool]) -> list[Placed]:
    newest = session.execute(select(func.max(func.left(col(MirrorPurchase.period), 4)))).scalar()
    amount = still_to_come(newest or "")
    statement = (
        select(col(Suggestion.line_key), col(Suggestion.capability_key), amount)
        .where(col(Suggestion.basis) == policy.basis, col(Suggestion.state).in_(COMMITTED), amount > 0, asked)
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
    return [Placed(*row) for row in session.execute(statement)]


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
