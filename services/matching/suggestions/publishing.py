"""Publishing a plan: its suggestions become proposals, and older proposals are superseded.

What people proposed stays until a reviewer decides: superseded is only the matcher's, and what the plan proposes too.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, insert, select, tuple_, update
from sqlmodel import Session, col

from services.matching.disclosure import service as disclosure
from services.matching.engine import plan as engine
from services.matching.engine.judgement.sayings import say_place
from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.suggestions import events
from services.matching.suggestions.effect import Standings
from services.matching.suggestions.events import Step
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import State, Verb, transition
from services.matching.suggestions.turns import take_proposing_turn
from shared.db.ids import new_id
from shared.db.upserts import sql_table
from shared.security.actor import Actor, Role

Pair = tuple[str, str]
"""A line and a supplier, by their natural keys."""

MATCHER = Actor("matcher", Role.SERVICE)
"""Who publishes and supersedes: no person."""


def publish(session: Session, run_id: UUID, snapshot: Snapshot, plan: Plan, policy: Policy, now: datetime) -> None:
    """Propose the plan's suggestions and supersede older proposals, in the caller's transaction.

    Where a plan proposes a pair that somebody proposed by hand, the new suggestion says by whom.
    """
    take_proposing_turn(session)
    standings = Standings(snapshot, policy, str(run_id))
    rows = [
        row_of(run_id, snapshot, each, policy, standings.effect(snapshot.lines[each.line], each.amount), now)
        for each in plan.suggestions
    ]
    by_hand = _by_hand(session)
    for row in rows:
        row["proposed_by"] = by_hand.get(_pair(row))
    _supersede(session, by_hand.keys() - {_pair(row) for row in rows}, now)
    told = disclosure.levels(session, {row["need_id"]: row["leader_id"] for row in rows})
    for row in rows:
        row["disclosure"] = told[row["need_id"]]
    if rows:
        session.execute(insert(sql_table(Suggestion)), rows)
        steps = [Step(row["id"], None, State.PROPOSED) for row in rows]
        events.record(session, steps, None, MATCHER, f"匹配任务 {run_id}", now)


def _pair(row: dict[str, Any]) -> Pair:
    return row["line_key"], row["supplier_key"]


def _by_hand(session: Session) -> dict[Pair, str]:
    """The pairs that are proposed by hand and not decided yet, and by whom."""
    table = sql_table(Suggestion).c
    statement = select(table.line_key, table.supplier_key, table.proposed_by).where(
        table.state == State.PROPOSED, table.proposed_by.is_not(None)
    )
    return {(line, supplier): by for line, supplier, by in session.execute(statement)}


def _supersede(session: Session, staying: Collection[Pair], now: datetime) -> None:
    """A newer run says otherwise: what is still proposed is so no longer, but for the pairs that stay."""
    table = sql_table(Suggestion).c
    stays = and_(table.proposed_by.is_not(None), tuple_(table.line_key, table.supplier_key).in_(list(staying)))
    after = transition(State.PROPOSED, Verb.SUPERSEDE, MATCHER.role, "")
    statement = (
        update(Suggestion)
        .where(col(Suggestion.state) == State.PROPOSED, ~stays)
        .values(state=after, version=col(Suggestion.version) + 1, decided_at=now)
        .returning(col(Suggestion.id))
    )
    moved = list(session.execute(statement).scalars())
    steps = [Step(id, State.PROPOSED, after) for id in sorted(moved)]
    events.record(session, steps, Verb.SUPERSEDE, MATCHER, "有新的匹配任务", now)


def row_of(
    run_id: UUID, snapshot: Snapshot, found: engine.Suggestion, policy: Policy, effect: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """A suggestion as a row that is proposed, with names and keys instead of positions."""
    line, supplier = snapshot.lines[found.line], snapshot.suppliers[found.supplier]
    product, capability = snapshot.products[line.product], snapshot.capabilities[found.capability]
    cluster = None if product.cluster is None else snapshot.clusters[product.cluster]
    quantity = None if found.quantity is None else Decimal(found.quantity).scaleb(-3)
    return {
        "id": new_id(),
        "run_id": run_id,
        "state": State.PROPOSED,
        "stage": State.PROPOSED,
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
        "quantity": quantity,
        "placed_amount": found.amount,
        "placed_quantity": quantity,
        "invoiced_amount": 0,
        "invoiced_by_year": {},
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
            "supplier_place": say_place(supplier.region),
            "capability_name": capability.name,
        },
        "score_parts": found.score_parts,
        "evidence": [asdict(each) for each in found.evidence],
        "effect": effect,
        "created_at": now,
        "decided_at": None,
    }
