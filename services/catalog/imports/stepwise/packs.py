"""Rows of an import kept some hundred in one record, column by column: a field is named once, and no row has an index.

A pack holds rows of one sheet and kind in the order of the file. Rows that a person is to decide on lie in none: each
stands in the table of rows by itself. The rows of an import have ids that count on from its first one.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, RowMapping, Text, delete, insert, literal, select, update
from sqlmodel import Session

from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.models import ImportPack
from services.catalog.imports.outcomes import Outcome, told
from shared.db.copy import json_text
from shared.db.ids import new_id
from shared.db.upserts import sql_table

PACK = 250
"""Rows of one pack: who reads a page of rows opens one or two."""

Values = dict[str, Any]

_PACKS = sql_table(ImportPack)
_LACKING = object()
_UNDECIDED = {"decided_by": None, "decided_at": None, "reason": None}


def ids_of(count: int) -> list[UUID]:
    """Identifiers for the rows of an import, in their order."""
    first = new_id().int >> 32 << 32
    return [UUID(int=first + at) for at in range(count)]


def keep(session: Session, import_id: UUID, rows: Sequence[tuple[UUID, Row]]) -> None:
    """Pack rows, which come in the order of their ids."""
    for _, run in groupby(rows, lambda each: (each[1].sheet, each[1].kind, id(each[1].sent))):
        alike = list(run)
        for start in range(0, len(alike), PACK):
            session.execute(insert(_PACKS), {"import_id": import_id, **_packed(alike[start : start + PACK])})


def forget(session: Session, import_id: UUID) -> None:
    """Delete the packs of an import."""
    session.execute(delete(_PACKS).where(_PACKS.c.import_id == import_id))


def read(
    session: Session, import_id: UUID, outcomes: Collection[Outcome] = tuple(Outcome), after: UUID | None = None
) -> Iterator[Values]:
    """The packed rows of an import that have one of these outcomes, in their order; one pack at a time in memory.

    As they were sent (`raw`), as they were understood (`cleaned`), with the outcome, problems and changes of each.
    """
    any_of_them = _PACKS.c.outcomes.has_any(literal([outcome.value for outcome in outcomes], ARRAY(Text)))
    wanted = select(_PACKS.c.id).where(_PACKS.c.import_id == import_id, any_of_them)
    if after is not None:
        wanted = wanted.where(_PACKS.c.last > after)
    for id in session.execute(wanted.order_by(_PACKS.c.id)).scalars().all():
        for row in _opened(session.execute(select(_PACKS).where(_PACKS.c.id == id)).mappings().one()):
            if row["outcome"] in outcomes and (after is None or row["id"] > after):
                yield row


def holds(session: Session, id: UUID) -> bool:
    """Tell whether a row lies in a pack."""
    before = select(_PACKS).where(_PACKS.c.id <= id).order_by(_PACKS.c.id.desc()).limit(1)
    pack = session.execute(before).mappings().first()
    return pack is not None and any(row["id"] == id for row in _opened(pack))


def change(session: Session, import_id: UUID, rows: Mapping[UUID, Row]) -> None:
    """Write what became of single rows, by their ids; those that lie in no pack are passed over."""
    for id in session.execute(select(_PACKS.c.id).where(_PACKS.c.import_id == import_id)).scalars().all():
        content = orjson.loads(session.execute(select(_PACKS.c.content).where(_PACKS.c.id == id)).scalar_one())
        found = {place: row for place, at in enumerate(content["at"]) if (row := rows.get(UUID(int=id.int + at)))}
        if not found:
            continue
        for place, row in found.items():
            content["outcome"][place] = row.outcome
        for name, findings in _findings(found).items():
            others = {place: each for place, each in content[name].items() if int(place) not in found}
            content[name] = others | findings
        values = {"outcomes": Counter(content["outcome"]), "content": json_text(content)}
        session.execute(update(_PACKS).where(_PACKS.c.id == id).values(values))


def counted(session: Session, import_id: UUID) -> Counter[tuple[str, str, str]]:
    """How many packed rows of an import each sheet, kind and outcome has."""
    found: Counter[tuple[str, str, str]] = Counter()
    columns = select(_PACKS.c.sheet, _PACKS.c.kind, _PACKS.c.outcomes).where(_PACKS.c.import_id == import_id)
    for sheet, kind, outcomes in session.execute(columns):
        found.update({(sheet, kind, outcome): count for outcome, count in outcomes.items()})
    return found


def _packed(rows: Sequence[tuple[UUID, Row]]) -> Values:
    """The record of some rows of one sheet and kind."""
    first, row = rows[0]
    alone = [row for _, row in rows]
    outcome = [row.outcome or Outcome.REFUSED for row in alone]
    cleaned, lacking = _columns([row.values for row in alone])
    content = {
        "at": [id.int - first.int for id, _ in rows],
        "row": [row.number for row in alone],
        "outcome": outcome,
        "raw": row.sent.rows([row.place for row in alone]),
        "cleaned": cleaned,
        "lacking": lacking,
        **_findings(dict(enumerate(alone))),
    }
    of_all = {"id": first, "last": rows[-1][0], "sheet": row.sheet, "kind": row.kind, "outcomes": Counter(outcome)}
    return {**of_all, "content": json_text(content)}


def _columns(rows: Sequence[Values]) -> tuple[dict[str, list[Any]], dict[str, list[int]]]:
    """Values by field, and where a row lacks a field that others have: there None stands for nothing."""
    columns: dict[str, list[Any]] = {}
    lacking: dict[str, list[int]] = {}
    for name in dict.fromkeys(name for names in dict.fromkeys(map(tuple, rows)) for name in names):
        column = columns[name] = [row.get(name, _LACKING) for row in rows]
        if _LACKING in column:
            lacking[name] = [place for place, value in enumerate(column) if value is _LACKING]
            columns[name] = [None if value is _LACKING else value for value in column]
    return columns, lacking


def _findings(rows: Mapping[int, Row]) -> dict[str, Values]:
    """The changes and problems of those rows that have any, by their places, which are texts in JSON."""
    return {
        "changes": {str(place): row.changes for place, row in rows.items() if row.changes},
        "problems": {str(place): told(row.problems) for place, row in rows.items() if row.problems},
    }


def _opened(pack: RowMapping) -> Iterator[Values]:
    """The rows of a pack one by one."""
    content = orjson.loads(pack["content"])
    raw, cleaned = _rows(content["raw"]), _rows(content["cleaned"])
    for name, places in content["lacking"].items():
        for place in places:
            del cleaned[place][name]
    for place, at in enumerate(content["at"]):
        yield {
            "id": UUID(int=pack["id"].int + at),
            "sheet": pack["sheet"],
            "row": content["row"][place],
            "kind": pack["kind"],
            "outcome": Outcome(content["outcome"][place]),
            "raw": {heading: text for heading, text in raw[place].items() if text} if raw else {},
            "cleaned": (cleaned[place] or None) if cleaned else None,
            "changes": content["changes"].get(str(place)),
            "problems": content["problems"].get(str(place), []),
            **_UNDECIDED,
        }


def _rows(columns: Mapping[str, Sequence[Any]]) -> list[Values]:
    """Columns as rows; none where there is no column."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
