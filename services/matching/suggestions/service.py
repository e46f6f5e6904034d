"""Use cases of the review: publish suggestions, look at them, approve or reject one, remember what was decided."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, select, true
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.engine.policy import Policy
from services.matching.suggestions import events
from services.matching.suggestions.events import history
from services.matching.suggestions.models import Suggestion, SuggestionEvent
from services.matching.suggestions.publishing import publish
from services.matching.suggestions.rules import (
    COMMITTED,
    DISCLOSED_STAGES,
    STATE_ZH,
    Decisions,
    Placed,
    RefusedTransition,
    Rejected,
    State,
    Verb,
    transition,
)
from shared.db.upserts import sql_table
from shared.http.paging import keyset
from shared.http.problems import FieldError, Problem, conflict, forbidden, not_found, precondition_failed
from shared.security.actor import Actor, Role

__all__ = [
    "Order",
    "Query",
    "Suggestion",
    "SuggestionEvent",
    "decide",
    "decisions",
    "get",
    "history",
    "list_suggestions",
    "publish",
    "visible",
]


class Order(StrEnum):
    """How a list is ordered: the best first (amount × score), or the newest."""

    BEST = "best"
    NEWEST = "newest"


@dataclass(frozen=True)
class Query:
    """Which suggestions are asked for; what is not set does not restrict."""

    run: UUID | None = None
    state: State | None = None
    product: UUID | None = None
    supplier: UUID | None = None
    order: Order = Order.NEWEST

    def conditions(self) -> list[ColumnElement[bool]]:
        """The restrictions, all of which hold."""
        asked = {"run_id": self.run, "state": self.state, "product_id": self.product, "supplier_id": self.supplier}
        table = sql_table(Suggestion)
        return [table.c[name] == value for name, value in asked.items() if value is not None]


def visible(actor: Actor) -> ColumnElement[bool]:
    """The suggestions that `actor` may see.

    Reviewers all, a cluster organisation those of its clusters' products, a leader and a supplier their own from the
    reviewer's approval on.
    """
    disclosed = col(Suggestion.state).in_(DISCLOSED_STAGES)
    if actor.sees_everything:
        return true()
    if actor.role is Role.CLUSTER_ORGANISATION:
        return col(Suggestion.cluster_id).in_(actor.cluster_ids)
    if actor.enterprise_id is None:
        return false()
    own = {Role.CHAIN_LEADER: Suggestion.leader_id, Role.SUPPLIER: Suggestion.supplier_id}[actor.role]
    return and_(col(own) == actor.enterprise_id, disclosed)


def decide(
    session: Session, actor: Actor, suggestion_id: UUID, verb: Verb, version: int, reason: str, now: datetime
) -> Suggestion:
    """Move a suggestion by `verb`, if nobody has changed it since the actor read `version`.

    Raises Problems: 404 not there or not visible, 412 changed meanwhile, 409 wrong state, 403 wrong role, 422 a
    missing reason.
    """
    statement = select(Suggestion).where(col(Suggestion.id) == suggestion_id, visible(actor)).with_for_update()
    found: Suggestion | None = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise not_found("配套建议", suggestion_id)
    if found.version != version:
        raise precondition_failed(f"该建议{STATE_ZH[State(found.state)]}，请重新读取后再提交。")
    before = State(found.state)
    after = _allowed(before, verb, actor.role, reason)
    found.state, found.version, found.decided_at = after, found.version + 1, now
    events.record(session, [found.id], before, after, actor, reason.strip(), now)
    session.commit()
    return found


def list_suggestions(session: Session, actor: Actor, query: Query, after: str | None, limit: int) -> list[Suggestion]:
    """Suggestions that the actor may see, the best or the newest first; one more than `limit`, if there are more."""
    columns = [col(Suggestion.merit), col(Suggestion.id)] if query.order is Order.BEST else [col(Suggestion.id)]
    conditions = [visible(actor), *query.conditions()]
    statement = keyset(select(Suggestion).where(*conditions), columns, after, limit, descending=True)
    return list(session.execute(statement).scalars())


def get(session: Session, actor: Actor, suggestion_id: UUID) -> Suggestion:
    """One suggestion; a 404 Problem where there is none, or none that the actor may see."""
    statement = select(Suggestion).where(col(Suggestion.id) == suggestion_id, visible(actor))
    found: Suggestion | None = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise not_found("配套建议", suggestion_id)
    return found


def decisions(session: Session, policy: Policy, as_of: date) -> Decisions:
    """What a run of the day `as_of` has to respect: pairs rejected in the cool-off, amounts placed on its basis."""
    first_day = datetime.combine(as_of - timedelta(days=policy.cool_off_days), time(), CHINA) + timedelta(days=1)
    placed = (
        select(col(Suggestion.line_key), col(Suggestion.capability_key), col(Suggestion.amount))
        .where(col(Suggestion.basis) == policy.basis)
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
    approved = placed.where(col(Suggestion.state).in_(COMMITTED))
    proposed = placed.where(col(Suggestion.state) == State.PROPOSED)
    rejected = (
        select(col(Suggestion.line_key), col(Suggestion.supplier_key), col(SuggestionEvent.reason))
        .join(SuggestionEvent, col(SuggestionEvent.suggestion_id) == Suggestion.id)
        .where(
            col(Suggestion.state) == State.REJECTED,
            col(SuggestionEvent.to_state) == State.REJECTED,
            col(Suggestion.decided_at) >= first_day,
        )
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
    return Decisions(
        approved=[Placed(*row) for row in session.execute(approved)],
        rejected=[Rejected(*row) for row in session.execute(rejected)],
        proposed=[Placed(*row) for row in session.execute(proposed)],
    )


def _allowed(state: State, verb: Verb, role: Role, reason: str) -> State:
    """The state that the verb leads to, or the Problem that says why it does not."""
    try:
        return transition(state, verb, role, reason)
    except RefusedTransition as refused:
        match refused.code:
            case "wrong_role":
                raise forbidden(refused.sentence) from refused
            case "reason_missing":
                fault = FieldError(pointer="/reason", detail=refused.sentence, code="missing")
                raise Problem(422, "validation", "提交的内容有误", "共 1 处需要更正。", [fault]) from refused
            case _:
                raise conflict("配套建议的状态不允许这样做", refused.sentence, "wrong-state") from refused
