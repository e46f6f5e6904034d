"""Snapshot and plan as JSON: what is stored with a run, and what goes to the child process and back.

The bytes are deterministic: columns in the order of the fields, numbers normalised, nothing of the clock or of a
process in them, so that a hash of the bytes names the content.
"""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from services.matching.engine.plan import Plan
from services.matching.engine.snapshot import (
    Capability,
    Certificate,
    Cluster,
    Commitment,
    Exclusion,
    Incumbent,
    Line,
    Preference,
    Product,
    Proposal,
    Snapshot,
    Supplier,
)
from shared.codes.parameters import Parameter

TABLES: dict[str, type] = {
    "suppliers": Supplier,
    "certificates": Certificate,
    "capabilities": Capability,
    "clusters": Cluster,
    "products": Product,
    "lines": Line,
    "incumbents": Incumbent,
    "commitments": Commitment,
    "exclusions": Exclusion,
    "proposals": Proposal,
    "preferences": Preference,
}
"""The snapshot's tables with the class of their rows."""

_SINCE_VERSION_1 = frozenset({"proposals", "preferences"})


def snapshot_to_json(snapshot: Snapshot) -> bytes:
    """The snapshot in columns, {"as_of", …, table: {column: [values]}}; equal content gives equal bytes."""
    tables = {name: _columns(row_class, getattr(snapshot, name)) for name, row_class in TABLES.items()}
    head = {"as_of": snapshot.as_of, "cursor": snapshot.cursor, "period": snapshot.period}
    return orjson.dumps({**head, **tables}, default=_plain)


def snapshot_from_json(data: bytes) -> Snapshot:
    """Read what `snapshot_to_json` wrote; raises ValueError when it is no snapshot."""
    content = orjson.loads(data)
    tables = {name: _rows(row_class, _table(content, name)) for name, row_class in TABLES.items()}
    as_of = date.fromisoformat(content["as_of"])
    return Snapshot(as_of=as_of, cursor=content["cursor"], period=content.get("period"), **tables)


def _table(content: dict[str, Any], name: str) -> dict[str, list[Any]]:
    """A table's columns; snapshots that were stored before a table existed have none of it."""
    columns: dict[str, list[Any]] = content.get(name, {}) if name in _SINCE_VERSION_1 else content[name]
    return columns


def plan_to_json(plan: Plan) -> bytes:
    """The plan as JSON; rules and classes by their codes."""
    return orjson.dumps(plan, option=orjson.OPT_NON_STR_KEYS)


def plan_from_json(data: bytes) -> Plan:
    """Read what `plan_to_json` wrote; raises ValueError when it is no plan."""
    return _adapter(Plan).validate_json(data)  # type: ignore[no-any-return]


def _columns(row_class: type, rows: list[Any]) -> dict[str, list[Any]]:
    return {column.name: [getattr(row, column.name) for row in rows] for column in fields(row_class)}


def _rows(row_class: type, columns: dict[str, list[Any]]) -> list[Any]:
    names = list(columns)
    records = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return _adapter(list[row_class]).validate_python(records)  # type: ignore[no-any-return, valid-type]


@cache
def _adapter(of: Any) -> TypeAdapter[Any]:
    return TypeAdapter(of)


def _plain(value: object) -> object:
    if isinstance(value, Parameter):
        return value.model_dump(mode="python")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    raise TypeError(f"no wire form for {type(value).__name__}")
