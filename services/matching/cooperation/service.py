"""Use cases of the cooperations: conclude and amend contracts, choose modes, look, let purchases move them on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from services.matching.cooperation.funnel import By, Cohort, funnel
from services.matching.cooperation.invoices import tend
from services.matching.cooperation.models import Cooperation, CountedPurchase
from services.matching.cooperation.rules import MODE_ZH, Mode, months
from services.matching.engine.policy import Basis
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.parts import Part, of_amount
from services.matching.suggestions.rules import STATE_ZH, State, Verb, yearly
from services.matching.suggestions.service import Asked, Item, Suggestion
from shared.db.upserts import sql_table
from shared.http.paging import keyset
from shared.http.problems import conflict, not_found
from shared.security.actor import Actor

__all__ = [
    "By",
    "Cohort",
    "Cooperation",
    "CountedPurchase",
    "Query",
    "Terms",
    "View",
    "amend",
    "choose_modes",
    "conclude",
    "funnel",
    "get",
    "list_cooperations",
    "tend",
]

COOPERATING = frozenset({State.ACCEPTED, State.CONTRACTED, State.INVOICED, State.ENDED})
"""States in which a suggestion is a cooperation: both have agreed, whatever came of it."""
MODES = "modes"
"""What is written instead of a verb where only the modes changed."""


@dataclass(frozen=True)
class Terms:
    """What a contract says: `amount` in whole 元 over the whole period, both days included."""

    number: str
    first_day: date
    last_day: date
    amount: int
    modes: tuple[Mode, ...]
    document: str | None = None


@dataclass(frozen=True)
class View:
    """A suggestion that has become a cooperation, with its contract if there is one, and what counts to it."""

    suggestion: Suggestion
    cooperation: Cooperation | None
    purchases: tuple[CountedPurchase, ...] = ()


@dataclass(frozen=True)
class Query:
    """Which cooperations are asked for; what is not set does not restrict."""

    states: tuple[State, ...] = ()
    leader: UUID | None = None
    supplier: UUID | None = None
    cluster: UUID | None = None
    mode: Mode | None = None

    def conditions(self) -> list[Any]:
        """The restrictions, all of which hold."""
        wanted = COOPERATING.intersection(self.states) if self.states else COOPERATING
        table = sql_table(Suggestion)
        found: list[Any] = [table.c.state.in_(wanted)]
        asked = {"leader_id": self.leader, "supplier_id": self.supplier, "cluster_id": self.cluster}
        found += [table.c[name] == value for name, value in asked.items() if value is not None]
        if self.mode is not None:
            found.append(sql_table(Cooperation).c.modes.contains([self.mode]))
        return found


def conclude(session: Session, actor: Actor, item: Item, terms: Terms, now: datetime) -> View:
    """Register the contract of an accepted suggestion. Commits.

    Raises Problems: as every step does, and 422 where the contract is beyond what both agreed.
    """
    return _write_down(session, actor, item, Verb.CONTRACT, "", terms, now)


def amend(session: Session, actor: Actor, item: Item, reason: str, terms: Terms, now: datetime) -> View:
    """Correct a registered contract, with a reason; its purchases are counted anew by the worker. Commits."""
    return _write_down(session, actor, item, Verb.AMEND, reason, terms, now)


def choose_modes(session: Session, actor: Actor, item: Item, modes: tuple[Mode, ...], now: datetime) -> View:
    """Say in which of the five modes a cooperation goes on. Commits. 409 where both have not agreed yet."""
    row = suggestions.take(session, actor, item)
    state = State(row.state)
    if state not in COOPERATING - {State.ENDED}:
        detail = f"该建议{STATE_ZH[state]}，双方同意之后才能选择合作方式。"
        raise conflict("配套建议的状态不允许这样做", detail, "wrong-state")
    _store(session, row.id, {"modes": list(modes)})
    row.version += 1
    said = "合作方式：" + "、".join(MODE_ZH[mode] for mode in modes)
    suggestions.record(session, [suggestions.Step(row.id, state, state)], MODES, actor, said, now)
    session.commit()
    return get(session, actor, row.id)


def list_cooperations(session: Session, actor: Actor, query: Query, after: str | None, limit: int) -> list[View]:
    """Cooperations that the actor may see, the newest first; one more than `limit`, if there are more."""
    conditions = [suggestions.visible(actor), *query.conditions()]
    statement = keyset(_views().where(*conditions), [col(Suggestion.id)], after, limit, descending=True)
    return [View(*row) for row in session.execute(statement)]


def get(session: Session, actor: Actor, suggestion_id: UUID) -> View:
    """One cooperation with the purchases that count to it; a 404 Problem where the actor sees none."""
    seen = (col(Suggestion.id) == suggestion_id, suggestions.visible(actor), *Query().conditions())
    row = session.execute(_views().where(*seen)).first()
    if row is None:
        raise not_found("合作", suggestion_id)
    counted = (
        select(CountedPurchase)
        .where(col(CountedPurchase.suggestion_id) == suggestion_id)
        .order_by(col(CountedPurchase.period), col(CountedPurchase.purchase_id))
    )
    return View(row[0], row[1], tuple(session.execute(counted).scalars()))


def _views() -> Any:
    joined = col(Cooperation.suggestion_id) == Suggestion.id
    return select(Suggestion, Cooperation).outerjoin(Cooperation, joined)


def _write_down(
    session: Session, actor: Actor, item: Item, verb: Verb, reason: str, terms: Terms, now: datetime
) -> View:
    row = suggestions.take(session, actor, item)
    asked = Asked(verb, reason, values=_placed(row, terms), told=terms.amount)
    suggestions.apply(session, actor, [row], asked, now)
    contract = {
        "modes": list(terms.modes),
        "contract_number": terms.number,
        "first_day": terms.first_day,
        "last_day": terms.last_day,
        "amount": terms.amount,
        "document": terms.document,
        "contracted_at": now,
    }
    _store(session, row.id, contract)
    session.commit()
    return get(session, actor, row.id)


def _placed(row: Suggestion, terms: Terms) -> dict[str, Any]:
    """What the contract moves a year: never more than both agreed; the rest is free again."""
    found: dict[str, Any] = {"contracted_amount": terms.amount}
    if row.basis != Basis.VALUE or row.agreed_amount is None:
        return found
    placed = yearly(terms.amount, months(terms.first_day, terms.last_day))
    if placed > row.agreed_amount:
        sentence = f"合同折合每年 {placed} 元，超过双方同意的每年 {row.agreed_amount} 元。"
        raise suggestions.invalid("amount", sentence)
    if placed == 0:
        raise suggestions.invalid("amount", "合同折合每年不足 1 元。")
    quantity = of_amount(Part(row.amount, row.quantity), placed).quantity
    return {**found, "placed_amount": placed, "placed_quantity": quantity}


def _store(session: Session, suggestion_id: UUID, values: dict[str, Any]) -> None:
    table = sql_table(Cooperation)
    statement = insert(table).values(suggestion_id=suggestion_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[table.c.suggestion_id], set_=values))
