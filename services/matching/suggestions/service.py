"""Use cases of the review: publish suggestions, look at them, approve or reject one, remember what was decided."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, insert, select, true, update
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.engine import plan as engine
from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.suggestions.effect import Standings
from services.matching.suggestions.models import Suggestion, SuggestionEvent
from services.matching.suggestions.rules import (
    COMMITTED,
    DISCLOSED,
    Approved,
    Decisions,
    RefusedTransition,
    Rejected,
    State,
    Verb,
    transition,
)
from shared.db.ids import new_id
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

MATCHER = Actor("matcher", Role.SERVICE)
"""Who publishes and supersedes: no person."""


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
    disclosed = col(Suggestion.state).in_(DISCLOSED)
    if actor.sees_everything:
        return true()
    if actor.role is Role.CLUSTER_ORGANISATION:
        return col(Suggestion.cluster_id).in_(actor.cluster_ids)
    if actor.enterprise_id is None:
        return false()
    own = {Role.CHAIN_LEADER: Suggestion.leader_id, Role.SUPPLIER: Suggestion.supplier_id}[actor.role]
    return and_(col(own) == actor.enterprise_id, disclosed)


def publish(session: Session, run_id: UUID, snapshot: Snapshot, plan: Plan, policy: Policy, now: datetime) -> None:
    """Propose the plan's suggestions and supersede all older proposals, in the caller's transaction."""
    _supersede(session, now)
    standings = Standings(snapshot, policy, str(run_id))
    rows = [_row(run_id, snapshot, each, policy, standings, now) for each in plan.suggestions]
    if rows:
        session.execute(insert(sql_table(Suggestion)), rows)
        _record(session, [row["id"] for row in rows], None, State.PROPOSED, MATCHER, f"匹配任务 {run_id}", now)


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
    before = State(found.state)
    after = _allowed(before, verb, actor.role, reason)
    if found.version != version:
        raise precondition_failed()
    found.state, found.version, found.decided_at = after, found.version + 1, now
    _record(session, [found.id], before, after, actor, reason.strip(), now)
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


def history(session: Session, suggestion_id: UUID) -> list[SuggestionEvent]:
    """The steps of a suggestion's way, the first one first."""
    statement = select(SuggestionEvent).where(col(SuggestionEvent.suggestion_id) == suggestion_id)
    return list(session.execute(statement.order_by(col(SuggestionEvent.id))).scalars())


def decisions(session: Session, policy: Policy, as_of: date) -> Decisions:
    """What a run of the day `as_of` has to respect: amounts approved on its basis, pairs rejected in the cool-off."""
    first_day = datetime.combine(as_of - timedelta(days=policy.cool_off_days), time(), CHINA) + timedelta(days=1)
    approved = (
        select(col(Suggestion.line_key), col(Suggestion.capability_key), col(Suggestion.amount))
        .where(col(Suggestion.state).in_(COMMITTED), col(Suggestion.basis) == policy.basis)
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
    )
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
        approved=[Approved(*row) for row in session.execute(approved)],
        rejected=[Rejected(*row) for row in session.execute(rejected)],
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


def _supersede(session: Session, now: datetime) -> None:
    """A newer run says otherwise: what is still proposed is so no longer."""
    after = transition(State.PROPOSED, Verb.SUPERSEDE, MATCHER.role, "")
    statement = (
        update(Suggestion)
        .where(col(Suggestion.state) == State.PROPOSED)
        .values(state=after, version=col(Suggestion.version) + 1, decided_at=now)
        .returning(col(Suggestion.id))
    )
    moved = list(session.execute(statement).scalars())
    _record(session, sorted(moved), State.PROPOSED, after, MATCHER, "有新的匹配任务", now)


def _record(
    session: Session, ids: list[UUID], before: State | None, after: State, actor: Actor, reason: str, now: datetime
) -> None:
    """One event per suggestion."""
    common = {"actor": actor.subject, "actor_role": actor.role, "from_state": before, "to_state": after}
    events = [{"id": new_id(), "suggestion_id": id, **common, "reason": reason, "at": now} for id in ids]
    if events:
        session.execute(insert(sql_table(SuggestionEvent)), events)


def _row(
    run_id: UUID, snapshot: Snapshot, found: engine.Suggestion, policy: Policy, standings: Standings, now: datetime
) -> dict[str, Any]:
    """A suggestion of the plan as a row, with names and keys instead of positions."""
    line, supplier = snapshot.lines[found.line], snapshot.suppliers[found.supplier]
    product, capability = snapshot.products[line.product], snapshot.capabilities[found.capability]
    cluster = None if product.cluster is None else snapshot.clusters[product.cluster]
    return {
        "id": new_id(),
        "run_id": run_id,
        "state": State.PROPOSED,
        "version": 1,
        "basis": policy.basis,
        "need_id": UUID(line.id),
        "line_key": line.key,
        "product_id": UUID(product.id),
        "leader_id": None if product.leader_id is None else UUID(product.leader_id),
        "leader_key": product.leader_key,
        "cluster_id": None if cluster is None else UUID(cluster.id),
        "supplier_id": UUID(supplier.id),
        "supplier_key": supplier.key,
        "capability_id": UUID(capability.id),
        "capability_key": capability.key,
        "amount": found.amount,
        "quantity": None if found.quantity is None else Decimal(found.quantity).scaleb(-3),
        "line_spend": line.spend,
        "score": found.score,
        "merit": found.amount * found.score,
        "labels": {
            "product_code": product.key,
            "product_name": product.name,
            "leader_name": product.leader_name,
            "cluster_name": cluster and cluster.name,
            "part_code": line.part_code,
            "part_name": line.part_name,
            "class_code": line.class_code,
            "unit": line.unit,
            "unit_price": None if line.unit_price is None else str(Decimal(line.unit_price).scaleb(-4)),
            "supplier_name": supplier.name,
            "supplier_region": supplier.region,
            "capability_name": capability.name,
        },
        "score_parts": found.score_parts,
        "evidence": [asdict(each) for each in found.evidence],
        "effect": standings.effect(line, found.amount),
        "created_at": now,
        "decided_at": None,
    }
