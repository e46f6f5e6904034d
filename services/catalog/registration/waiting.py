"""The list: which registrations wait, and for how long; how many there are in each state."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from services.catalog.registration.access import visible
from services.catalog.registration.models import Registration
from services.catalog.registration.reading import conditions
from services.catalog.registration.schemas import Filters, RegistrationCard
from shared.codes.classes import all_classes
from shared.codes.regions import full_name
from shared.db.upserts import Row, sql_table
from shared.http.paging import Page, keyset, page_of
from shared.security.actor import Actor

_TABLE = sql_table(Registration)
_CARD = tuple(RegistrationCard.model_fields)


class Order(StrEnum):
    """How the list is sorted, by when a registration was handed in last."""

    LONGEST_WAITING = "submitted_at"
    NEWEST = "-submitted_at"


def page(
    session: Session, actor: Actor, filters: Filters, order: Order, now: datetime, after: str | None, limit: int
) -> Page:
    """A page of the registrations that the actor sees, each with its place, class and whole days since it was sent."""
    columns = [_TABLE.c[name] for name in _CARD]
    statement = select(*columns).where(visible(actor), *conditions(filters))
    key = [_TABLE.c.submitted_at, _TABLE.c.id]
    turned = keyset(statement, key, after, limit, descending=order is Order.NEWEST)
    rows = session.execute(turned).mappings().all()
    return page_of(rows, limit, lambda row: [row["submitted_at"], row["id"]], lambda row: _card(row, now))


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many registrations that the actor sees are in each state; one query."""
    numbers = select(_TABLE.c.state, func.count().label("number")).where(visible(actor))
    return {row.state: row.number for row in session.execute(numbers.group_by(_TABLE.c.state))}


def _card(row: Any, now: datetime) -> Row:
    known = all_classes().get(row["class_code"] or "")
    return {
        **row,
        "place": full_name(row["region"]) if row["region"] else None,
        "class_name": known.name if known else None,
        "days": max((now - row["submitted_at"]).days, 0),
    }
