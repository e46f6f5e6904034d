"""Use cases of the review: what other features and the routes may ask of suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select
from sqlmodel import Session, col

from services.matching.mirror.service import MirrorCapability
from services.matching.suggestions.access import assignee_told, buyer_told, visible
from services.matching.suggestions.assignment import assign, assign_all
from services.matching.suggestions.capacity import Room, Stock, stock_of, stock_of_offer, stocks_of
from services.matching.suggestions.events import Step, history, record
from services.matching.suggestions.feedback import decisions, still_to_come
from services.matching.suggestions.models import Suggestion, SuggestionEvent
from services.matching.suggestions.moving import Item, apply, batch_refusals, decide_all, move, take
from services.matching.suggestions.publishing import publish
from services.matching.suggestions.rules import State, Verb
from services.matching.suggestions.steps import Asked, invalid, refuse_unsaid
from services.matching.suggestions.tending import WORKER, tend
from shared.db.upserts import among, sql_table
from shared.http.paging import keyset
from shared.http.problems import not_found
from shared.security.actor import Actor, Role

__all__ = [
    "WORKER",
    "Asked",
    "Done",
    "Item",
    "Order",
    "Query",
    "Room",
    "Step",
    "Stock",
    "Suggestion",
    "SuggestionEvent",
    "Sums",
    "apply",
    "assign",
    "assign_all",
    "batch_refusals",
    "decide",
    "decide_all",
    "decisions",
    "done",
    "get",
    "history",
    "invalid",
    "list_suggestions",
    "move",
    "offers_of",
    "publish",
    "record",
    "refuse_unsaid",
    "still_to_come",
    "stock_of",
    "stock_of_offer",
    "stocks_of",
    "sums",
    "take",
    "tend",
    "visible",
]


class Order(StrEnum):
    """How a list is ordered: the best first (amount × score), the newest, or by one column (`-`: the most first)."""

    BEST = "best"
    NEWEST = "newest"
    OLDEST = "oldest"
    MOST = "-amount"
    LEAST = "amount"
    HIGHEST = "-score"
    LOWEST = "score"

    @property
    def column(self) -> str:
        """What it goes by, before the id."""
        return {Order.BEST: "merit", Order.NEWEST: "", Order.OLDEST: ""}.get(self, self.value.lstrip("-"))

    @property
    def descends(self) -> bool:
        """Whether it begins with the most."""
        return self not in (Order.OLDEST, Order.LEAST, Order.LOWEST)

    def key(self, row: Suggestion) -> list[Any]:
        """What a cursor says of a row."""
        return [getattr(row, self.column), row.id] if self.column else [row.id]


@dataclass(frozen=True)
class Query:
    """Which suggestions are asked for; what is not set does not restrict. `assigned` False: those of nobody.
    `by_hand` False: the matcher's.

    `city` is the supplier's, a code of six digits; `class_code` is the part's, or what its class lies in.
    """

    run: UUID | None = None
    states: tuple[State, ...] = ()
    product: UUID | None = None
    supplier: UUID | None = None
    leader: UUID | None = None
    cluster: UUID | None = None
    assignee: str | None = None
    assigned: bool | None = None
    by_hand: bool | None = None
    city: str | None = None
    class_code: str | None = None
    least_score: int | None = None
    most_score: int | None = None
    order: Order = Order.NEWEST

    def conditions(self) -> list[ColumnElement[bool]]:
        """The restrictions, all of which hold; of several states any."""
        asked = {
            "run_id": self.run,
            "product_id": self.product,
            "supplier_id": self.supplier,
            "leader_id": self.leader,
            "cluster_id": self.cluster,
            "assignee": self.assignee,
        }
        table = sql_table(Suggestion)
        found = [table.c[name] == value for name, value in asked.items() if value is not None]
        if self.states:
            found.append(table.c.state.in_(self.states))
        if self.assigned is not None:
            found.append(table.c.assignee.is_not(None) if self.assigned else table.c.assignee.is_(None))
        if self.by_hand is not None:
            found.append(table.c.proposed_by.is_not(None) if self.by_hand else table.c.proposed_by.is_(None))
        return found + self._of_labels(table.c.labels) + self._of_scores(table.c.score)

    def _of_labels(self, labels: Any) -> list[ColumnElement[bool]]:
        """Codes are told level by level: what lies in a city or a class begins with its code."""
        begins = {"supplier_region": self.city and self.city[:4], "class_code": self.class_code}
        return [labels[name].astext.startswith(code, autoescape=True) for name, code in begins.items() if code]

    def _of_scores(self, score: Any) -> list[ColumnElement[bool]]:
        bounds = ((self.least_score, score.__ge__), (self.most_score, score.__le__))
        return [compare(bound) for bound, compare in bounds if bound is not None]

    def told(self, actor: Actor) -> list[ColumnElement[bool]]:
        """What keeps the restrictions from telling `actor` what the rows do not: nothing is found by that."""
        found = []
        if (self.product, self.leader, self.cluster) != (None, None, None):
            found.append(buyer_told(actor))
        if (self.assignee, self.assigned) != (None, None) and not assignee_told(actor):
            found.append(false())
        if (self.least_score, self.most_score) != (None, None) and actor.role is Role.SUPPLIER:
            found.append(false())
        return found


def decide(
    session: Session,
    actor: Actor,
    suggestion_id: UUID,
    verb: Verb,
    version: int,
    reason: str,
    now: datetime,
) -> Suggestion:
    """Move a suggestion by a verb that needs nothing but a reason; see `move`."""
    return move(session, actor, Item(suggestion_id, version), Asked(verb, reason), now)


def list_suggestions(session: Session, actor: Actor, query: Query, after: str | None, limit: int) -> list[Suggestion]:
    """Suggestions that the actor may see, the best or the newest first; one more than `limit`, if there are more."""
    columns = [sql_table(Suggestion).c[name] for name in (query.order.column, "id") if name]
    conditions = [visible(actor), *query.conditions(), *query.told(actor)]
    statement = keyset(select(Suggestion).where(*conditions), columns, after, limit, descending=query.order.descends)
    return list(session.execute(statement).scalars())


def offers_of(session: Session, rows: Sequence[Suggestion]) -> dict[UUID, MirrorCapability]:
    """The capabilities of suggestions by their ids, as suppliers offer them today and as far as the actor is told.

    The database says how far: of others than the service it lets a leader read what is disclosed to it.
    """
    wanted = among(sql_table(MirrorCapability).c.id, {row.capability_id for row in rows})
    return {row.id: row for row in session.execute(select(MirrorCapability).where(wanted)).scalars()}


@dataclass(frozen=True)
class Sums:
    """What a list comes to: how many suggestions, and what they move together (元, or lines)."""

    count: int
    amount: int


def sums(session: Session, actor: Actor, query: Query) -> Sums:
    """What the list of a query comes to, over all of its pages."""
    conditions = [visible(actor), *query.conditions(), *query.told(actor)]
    asked = select(func.count(), func.coalesce(func.sum(col(Suggestion.placed_amount)), 0)).where(*conditions)
    count, amount = session.execute(asked.select_from(Suggestion)).one()
    return Sums(count, int(amount))


@dataclass(frozen=True)
class Done:
    """What one step did to several suggestions, as they are now: those that it may still be undone for."""

    verb: Verb
    rows: list[Suggestion]


def done(session: Session, actor: Actor, suggestion_id: UUID) -> Done | None:
    """The last step of a suggestion, if the actor took it, with all that it moved and nobody has moved since."""
    events = sql_table(SuggestionEvent)
    last = select(events).where(events.c.suggestion_id == suggestion_id).order_by(events.c.id.desc()).limit(1)
    step = session.execute(last).first()
    if step is None or step.actor != actor.subject or step.verb not in {Verb.APPROVE, Verb.REJECT, Verb.DEFER}:
        return None
    moved = select(events.c.suggestion_id).where(events.c.xid == step.xid, events.c.verb == step.verb)
    still = (col(Suggestion.id).in_(moved), col(Suggestion.state) == step.to_state, visible(actor))
    rows = session.execute(select(Suggestion).where(*still).order_by(col(Suggestion.id))).scalars()
    return Done(Verb(step.verb), list(rows))


def get(session: Session, actor: Actor, suggestion_id: UUID) -> Suggestion:
    """One suggestion; a 404 Problem where there is none, or none that the actor may see."""
    statement = select(Suggestion).where(col(Suggestion.id) == suggestion_id, visible(actor))
    found: Suggestion | None = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise not_found("配套建议", suggestion_id)
    return found
