"""Use cases of the review: what other features and the routes may ask of suggestions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, false, select
from sqlmodel import Session, col

from services.matching.suggestions.access import assignee_told, buyer_told, visible
from services.matching.suggestions.assignment import assign, assign_all
from services.matching.suggestions.capacity import Room, Stock, stock_of
from services.matching.suggestions.events import Step, history, record
from services.matching.suggestions.feedback import decisions, still_to_come
from services.matching.suggestions.models import Suggestion, SuggestionEvent
from services.matching.suggestions.moving import Item, apply, decide_all, move, take
from services.matching.suggestions.publishing import publish
from services.matching.suggestions.rules import State, Verb
from services.matching.suggestions.steps import Asked, invalid
from services.matching.suggestions.tending import WORKER, tend
from shared.db.upserts import sql_table
from shared.http.paging import keyset
from shared.http.problems import not_found
from shared.security.actor import Actor

__all__ = [
    "WORKER",
    "Asked",
    "Item",
    "Order",
    "Query",
    "Room",
    "Step",
    "Stock",
    "Suggestion",
    "SuggestionEvent",
    "apply",
    "assign",
    "assign_all",
    "decide",
    "decide_all",
    "decisions",
    "get",
    "history",
    "invalid",
    "list_suggestions",
    "move",
    "publish",
    "record",
    "still_to_come",
    "stock_of",
    "take",
    "tend",
    "visible",
]


class Order(StrEnum):
    """How a list is ordered: the best first (amount × score), or the newest."""

    BEST = "best"
    NEWEST = "newest"


@dataclass(frozen=True)
class Query:
    """Which suggestions are asked for; what is not set does not restrict. `assigned` False: those of nobody."""

    run: UUID | None = None
    states: tuple[State, ...] = ()
    product: UUID | None = None
    supplier: UUID | None = None
    leader: UUID | None = None
    cluster: UUID | None = None
    assignee: str | None = None
    assigned: bool | None = None
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
        return found

    def told(self, actor: Actor) -> list[ColumnElement[bool]]:
        """What keeps the restrictions from telling `actor` what the rows do not: nothing is found by that."""
        found = []
        if (self.product, self.leader, self.cluster) != (None, None, None):
            found.append(buyer_told(actor))
        if (self.assignee, self.assigned) != (None, None) and not assignee_told(actor):
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
    columns = [col(Suggestion.merit), col(Suggestion.id)] if query.order is Order.BEST else [col(Suggestion.id)]
    conditions = [visible(actor), *query.conditions(), *query.told(actor)]
    statement = keyset(select(Suggestion).where(*conditions), columns, after, limit, descending=True)
    return list(session.execute(statement).scalars())


def get(session: Session, actor: Actor, suggestion_id: UUID) -> Suggestion:
    """One suggestion; a 404 Problem where there is none, or none that the actor may see."""
    statement = select(Suggestion).where(col(Suggestion.id) == suggestion_id, visible(actor))
    found: Suggestion | None = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise not_found("配套建议", suggestion_id)
    return found
