"""Signing what is written, and reading what became of a row. The entries themselves are written by triggers."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, Table, Text, case, cast, func, select
from sqlmodel import Session

from services.catalog.history.models import HistoryEntry
from shared.db.acting import beyond
from shared.db.upserts import KEPT, sql_table
from shared.http.paging import Page, keyset, page_of
from shared.security.actor import Actor

_TABLE = sql_table(HistoryEntry)


def sign(session: Session, actor: Actor, *, reason: str = "", import_id: UUID | None = None) -> None:
    """Say who writes in this transaction, why, and for which import; every writing use case does so first.

    What is not given stays as an outer use case of the same transaction has said it; all ends with the transaction.
    """
    said = {"actor": actor.subject, "reason": reason, "import_id": str(import_id) if import_id else ""}
    settings = [func.set_config(f"xieshou.{name}", value, True) for name, value in said.items() if value]
    session.execute(select(*settings))


def page(session: Session, kind: str, rows: Table, id: UUID, after: str | None, limit: int) -> Page:
    """A page of what became of one row of the table `rows`, the latest change first; whether it may be seen is
    the caller's to decide."""
    told = _told(kind, rows, id).subquery()
    statement = keyset(select(told), [told.c.id], after, limit, descending=True)
    with beyond(session):
        found = session.execute(statement).mappings().all()
    return page_of(found, limit, key=lambda entry: [entry["id"]], item=_step)


def course_of(session: Session, kind: str, rows: Table, id: UUID, field: str) -> list[dict[str, Any]]:
    """What became of one field of a row of the table `rows`, the oldest change first, as text: before, after, by whom,
    why and when.
    """
    before = _TABLE.c.before[field].astext
    now = select(rows.c[field]).where(rows.c.id == id).scalar_subquery()
    after = func.coalesce(func.lead(before).over(order_by=_TABLE.c.id), now)
    columns = (before.label("before"), after.label("after"), _TABLE.c.actor, _TABLE.c.reason, _TABLE.c.at)
    told = select(_TABLE.c.id, *columns).where(_TABLE.c.kind == kind, _TABLE.c.entity_id == id).subquery()
    steps = select(told).where(told.c.before != told.c.after).order_by(told.c.id)
    with beyond(session):
        return [dict(step) for step in session.execute(steps).mappings()]


def deletion(session: Session, kind: str, id: UUID) -> int | None:
    """The number of the entry that tells of a row's deletion; None for a row that was not deleted, or never was."""
    latest = select(_TABLE.c.id, _TABLE.c.op).where(_TABLE.c.kind == kind, _TABLE.c.entity_id == id)
    entry = session.execute(latest.order_by(_TABLE.c.id.desc()).limit(1)).first()
    return entry.id if entry is not None and entry.op == "delete" else None


def actor_of(session: Session, entry: int) -> str:
    """Who signed an entry."""
    return str(session.execute(select(_TABLE.c.actor).where(_TABLE.c.id == entry)).scalar_one())


def created_by(session: Session, import_id: UUID, kind: str) -> list[UUID]:
    """The rows of a kind that an import created, in its order."""
    own = select(_TABLE.c.entity_id).where(_TABLE.c.import_id == import_id, _TABLE.c.kind == kind)
    return list(session.execute(own.where(_TABLE.c.op == "insert").order_by(_TABLE.c.id)).scalars())


def _told(kind: str, rows: Table, id: UUID) -> Select[Any]:
    """Each entry with the row before and after it, as text: what came after is what the next entry had before."""
    now = select(func.to_jsonb(rows.table_valued())).where(rows.c.id == id).scalar_subquery()
    following = func.lead(_TABLE.c.before).over(order_by=_TABLE.c.id)
    after = case((_TABLE.c.op == "delete", None), else_=func.coalesce(following, now))
    columns = [_TABLE.c[name] for name in ("id", "version", "op", "actor", "reason", "import_id", "at")]
    states = (cast(_TABLE.c.before, Text).label("before"), cast(after, Text).label("after"))
    return select(*columns, *states).where(_TABLE.c.kind == kind, _TABLE.c.entity_id == id)


def _step(entry: RowMapping) -> dict[str, Any]:
    """An entry as people read it: which fields went from what to what."""
    before, after = _fields(entry["before"]), _fields(entry["after"])
    names = [name for name in {**after, **before} if name not in KEPT and before.get(name) != after.get(name)]
    changes = [{"field": name, "before": before.get(name), "after": after.get(name)} for name in names]
    told = {name: entry[name] for name in ("version", "op", "actor", "reason", "import_id", "at")}
    return {**told, "changes": changes}


def _fields(row: str | None) -> dict[str, Any]:
    """A row out of its JSON; decimals stay exact."""
    fields: dict[str, Any] = json.loads(row, parse_float=Decimal) if row else {}
    return fields
