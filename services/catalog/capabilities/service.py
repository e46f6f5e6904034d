"""Use cases of capabilities: write in bulk, list. They are seen with their supplier, or as it made them public."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session

from services.catalog.capabilities.models import Capability
from services.catalog.capabilities.rules import Disclosure
from services.catalog.capabilities.schemas import CapabilityFilters, CapabilityWrite
from services.catalog.enterprises import service as enterprises
from services.catalog.feed import service as feed
from services.catalog.history import service as history
from shared.codes import classes
from shared.codes.taxonomy import families
from shared.contracts.v1 import Kind
from shared.db.upserts import Outcome, Row, among, overlaps, sql_table, upsert
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import Problem, not_found
from shared.security.actor import Actor, Role

_TABLE = sql_table(Capability)


def visible(actor: Actor) -> ColumnElement[bool]:
    """The capabilities that an actor sees with all that became of them: those of the enterprises that it sees fully."""
    return enterprises.visible(actor, _TABLE.c.supplier_id)


def listed(actor: Actor) -> ColumnElement[bool]:
    """The capabilities that an actor may see as they are now: a chain leader also what verified suppliers made public.

    Of all others' capacity and price a suggestion tells it what it is to know.
    """
    fully = visible(actor)
    if actor.role is not Role.CHAIN_LEADER:
        return fully
    public = _TABLE.c.disclosure == Disclosure.PUBLIC.value
    return or_(fully, and_(public, _TABLE.c.supplier_id.in_(enterprises.verified_suppliers())))


def upsert_capabilities(session: Session, actor: Actor, rows: Sequence[CapabilityWrite]) -> list[Outcome]:
    """Create or change capabilities by supplier and code; the caller commits."""
    return upsert_checked(session, actor, [_given(row) for row in rows])


def upsert_checked(session: Session, actor: Actor, rows: Sequence[Row]) -> list[Outcome]:
    """The same for rows that hold what `CapabilityWrite` asks for, as the table keeps it: those of a checked import."""
    enterprises.require_own(actor, Role.SUPPLIER, {row["supplier_id"] for row in rows})
    feed.take_turn(session)
    history.sign(session, actor)
    written = upsert(session, Capability, ("supplier_id", "code"), rows, _counted)
    feed.record_rows(session, Kind.CAPABILITY, _TABLE, written.ids)
    return written.outcomes


def _counted(capability: Row) -> Row:
    """Nothing to derive from a capability; what it has to spare must have a unit."""
    if capability["spare_capacity"] is not None and capability["capacity_unit"] is None:
        detail = f"“{capability['name']}”（{capability['code']}）填了年剩余产能，没有填产能单位。"
        raise Problem(422, "unit-missing", "缺少产能单位", detail)
    return {}


def page(session: Session, actor: Actor, filters: CapabilityFilters, after: str | None, limit: int) -> Page:
    """A page of capabilities, oldest first."""
    statement = select(_TABLE).where(listed(actor), *_conditions(filters))
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(_named(session, rows), limit, key=lambda row: [row["id"]], item=dict)


def get(session: Session, actor: Actor, id: UUID) -> Row:
    """One capability; 404 where the actor may not see it."""
    rows = session.execute(select(_TABLE).where(listed(actor), _TABLE.c.id == id)).mappings().all()
    if not rows:
        raise not_found("供给能力", id)
    return _named(session, rows)[0]


def _given(row: CapabilityWrite) -> Row:
    """The fields that the source gave; parameters in their JSON form, as the table keeps them."""
    values = row.model_dump(exclude_unset=True)
    return values | (row.model_dump(mode="json", include={"parameters"}) if "parameters" in values else {})


def _conditions(filters: CapabilityFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.supplier is not None:
        found.append(_TABLE.c.supplier_id == filters.supplier)
    if filters.class_code:
        found.append(among(_TABLE.c.class_code, classes.codes_within(filters.class_code)))
    if filters.process is not None:
        found.append(overlaps(_TABLE.c.processes, families(filters.process)))
    if filters.material is not None:
        found.append(overlaps(_TABLE.c.materials, families(filters.material)))
    if filters.q:
        named = (
            _TABLE.c.name.icontains(filters.q, autoescape=True),
            _TABLE.c.text.icontains(filters.q, autoescape=True),
        )
        found.append(or_(*named))
    return found


def _named(session: Session, rows: Sequence[Any]) -> list[Row]:
    suppliers = enterprises.labels(session, (row["supplier_id"] for row in rows))
    return [{**row, "supplier_name": suppliers[row["supplier_id"]].name} for row in rows]
