"""Reading the audit: pages of entries with their first changes, and all changes of one."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Integer, RowMapping, Select, column, func, select, text
from sqlmodel import Session

from shared.audit.tables import CHANGES, ENTRY, SEAL, Source
from shared.db.upserts import KEPT
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found

FIRST = 20
"""Changes that are told with an entry."""

Change = dict[str, Any]
Complete = Callable[[Session, Sequence[Change]], None]
"""Fills in what a history does not hold of changes: `after` of rows that nobody has changed since."""


@dataclass(frozen=True)
class Trail:
    """What a service's audit consists of beside its own tables."""

    histories: tuple[Source, ...] = ()
    complete: Complete | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where changes are read from."""
        return (CHANGES, *self.histories)


@dataclass(frozen=True)
class Query:
    """Which entries are asked for; what is not set does not restrict."""

    actor: str | None = None
    verb: str | None = None
    kind: str | None = None
    entity: str | None = None
    on_behalf_of: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(session: Session, trail: Trail, query: Query, after: str | None, limit: int) -> Page:
    """A page of entries, the newest first."""
    statement = _entries().where(*_conditions(trail, query))
    rows = session.execute(keyset(statement, [ENTRY.c.id], after, limit, descending=True)).mappings().all()
    first = _first(session, trail, [row["id"] for row in rows[:limit]])
    return page_of(rows, limit, lambda row: [row["id"]], lambda row: {**row, "what": first.get(row["id"], [])})


def entry(session: Session, id: int) -> dict[str, Any]:
    """One entry without its changes; 404 for none."""
    row = session.execute(_entries().where(ENTRY.c.id == id)).mappings().first()
    if row is None:
        raise not_found("审计记录", id)
    return dict(row)


def changes(session: Session, trail: Trail, id: int, after: str | None, limit: int) -> Page:
    """A page of the changes of one entry, the first first; 404 for no entry."""
    if session.execute(select(ENTRY.c.id).where(ENTRY.c.id == id)).first() is None:
        raise not_found("审计记录", id)
    parts = " UNION ALL ".join(
        f"(SELECT {at} AS part, told.* FROM audit_entry AS e CROSS JOIN LATERAL ("
        f"SELECT row_number() OVER (ORDER BY c.{source.order}) AS n, {_told(source)} FROM {source.table} AS c "
        f"WHERE c.xid = e.xid AND c.{source.moment} = e.at) AS told WHERE e.id = :entry)"
        for at, source in enumerate(trail.sources)
    )
    shown: list[Any] = [column(name) for name in ("kind", "entity", "op", "before", "after", "concealed")]
    told = text(parts).bindparams(entry=id).columns(column("part", Integer), column("n", BigInteger), *shown).subquery()
    rows = session.execute(keyset(select(told), [told.c.part, told.c.n], after, limit)).mappings().all()
    found = [_change(row) for row in rows[:limit]]
    _settle(session, trail, found)
    whole = page_of(rows, limit, lambda row: [row["part"], row["n"]], dict)
    return Page(items=found, next=whole.next)


def _entries() -> Select[Any]:
    """Entries with their seals, once they have one."""
    columns = [each for each in ENTRY.c if each.name not in ("xid", "enterprise_id")]
    sealed = [
        SEAL.c.number.label("seq"),
        func.encode(SEAL.c.hash, "hex").label("hash"),
        SEAL.c.changes.label("change_count"),
    ]
    told = select(*columns, ENTRY.c.enterprise_id.label("on_behalf_of"), *sealed)
    return told.join_from(ENTRY, SEAL, SEAL.c.entry_id == ENTRY.c.id, isouter=True)


def _conditions(trail: Trail, query: Query) -> Iterable[ColumnElement[bool]]:
    asked = {"actor": query.actor, "verb": query.verb, "enterprise_id": query.on_behalf_of}
    found = [ENTRY.c[name] == value for name, value in asked.items() if value is not None]
    if query.since is not None:
        found.append(ENTRY.c.at >= query.since)
    if query.until is not None:
        found.append(ENTRY.c.at < query.until)
    if (query.kind, query.entity) != (None, None):
        found.append(_about(trail, query))
    return found


def _about(trail: Trail, query: Query) -> Any:
    """The entries that have a change of a kind, or of an entity, or both."""
    given = {"kind": query.kind, "entity": query.entity, "id": _uuid(query.entity)}
    parts, used = [], set()
    for source in trail.sources:
        asked = [f"{source.kind} = :kind"] if query.kind is not None else []
        asked += [source.about] if query.entity is not None else []
        used |= {name for name in given if any(f":{name}" in part for part in asked)}
        parts.append(f"SELECT c.xid, c.{source.moment} FROM {source.table} AS c WHERE {' AND '.join(asked)}")
    condition = text(f"(audit_entry.xid, audit_entry.at) IN ({' UNION ALL '.join(parts)})")
    return condition.bindparams(**{name: given[name] for name in used})


def _first(session: Session, trail: Trail, ids: Sequence[int]) -> dict[int, list[Change]]:
    """The first changes of each of these entries.

    An entry's number is asked for as a range, so that its changes are read in the order of the index:
    asked for as equal, PostgreSQL takes the order of all changes, and passes by a hundred thousand to find twenty.
    """
    found: dict[int, list[Change]] = {}
    for source in trail.sources:
        statement = text(
            f"SELECT e.id AS entry_id, told.* FROM audit_entry AS e CROSS JOIN LATERAL (SELECT {_told(source)} "
            f"FROM {source.table} AS c WHERE c.xid BETWEEN e.xid AND e.xid AND c.{source.moment} = e.at "
            f"ORDER BY c.xid, c.{source.moment}, c.{source.order} LIMIT {FIRST}) AS told "
            "WHERE e.id = ANY(:ids) ORDER BY e.id"
        )
        for row in session.execute(statement, {"ids": list(ids)}).mappings():
            found.setdefault(row["entry_id"], []).append(_change(row))
    found = {id: told[:FIRST] for id, told in found.items()}
    _settle(session, trail, [change for told in found.values() for change in told])
    return found


def _told(source: Source) -> str:
    """A change's columns; states as text, so that decimals stay exact."""
    states = f"({source.before})::text AS before, ({source.after})::text AS after, {source.concealed} AS concealed"
    return f"{source.kind} AS kind, {source.subject} AS entity, {source.op} AS op, {states}"


def _change(row: RowMapping) -> Change:
    states = {name: None if row[name] is None else json.loads(row[name], parse_float=Decimal) for name in _STATES}
    return {**{name: row[name] for name in ("kind", "entity", "op")}, **states, "concealed": list(row["concealed"])}


_STATES = ("before", "after")


def _settle(session: Session, trail: Trail, found: Sequence[Change]) -> None:
    """Fill in what is lacking, then leave of both states only the fields that differ."""
    if trail.complete is not None:
        trail.complete(session, found)
    for change in found:
        before, after = change["before"] or {}, change["after"] or {}
        names = [name for name in {**after, **before} if name not in KEPT and before.get(name) != after.get(name)]
        for state, values in (("before", before), ("after", after)):
            if change[state] is not None:
                change[state] = {name: values[name] for name in names if name in values}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
