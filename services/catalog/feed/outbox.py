"""Writing the outbox: what changed, whole as it now is, in the transaction that changed it.

The entities go to PostgreSQL as one JSON text for each kind, which is kept as it is written and served as it is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.feed.models import OutboxEvent
from shared.contracts.v1 import ENTITIES, Entity, Kind
from shared.db.copy import Columns, Ready, Same, by_column, copy_columns
from shared.db.upserts import sql_table
from shared.http.responses import json_bytes

_OUTBOX = sql_table(OutboxEvent)
_KINDS = {model: kind for kind, model in ENTITIES.items()}
_ADAPTERS: dict[type[Entity], TypeAdapter[Any]] = {model: TypeAdapter(list[model]) for model in _KINDS}  # type: ignore[valid-type]
#: Events that are sent in one statement: their text is held in memory on both sides.
_CHUNK = 5_000
_WRITE = text(
    """
    INSERT INTO outbox (kind, entity_id, version, op, data)
    SELECT :kind, CAST(told ->> 'id' AS uuid), CAST(told ->> 'version' AS integer), 'upsert', told
    FROM json_array_elements(CAST(:entities AS json)) AS told
    """
)
_RETRACT = text(
    """
    INSERT INTO outbox (kind, entity_id, version, op)
    SELECT :kind, id, version, 'delete'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS integer[])) AS gone(id, version)
    """
)


def record(session: Session, entities: Iterable[Entity]) -> None:
    """Write the entities, whole as they now are, to the outbox; in the transaction that changed them."""
    for model, group in groupby(entities, type):
        told = list(group)
        for start in range(0, len(told), _CHUNK):
            _write(session, _KINDS[model], _ADAPTERS[model].dump_json(told[start : start + _CHUNK]))


def record_rows(session: Session, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows whose columns are the contract's fields, as the table keeps them: checked when they were written.

    For imports of many rows: what a checked row holds need not be read into a model to be told, and goes the way of the
    rows themselves (`shared.db.copy`).
    """
    if not rows:
        return
    names = [name for name in ENTITIES[kind].model_fields if name in rows[0]]
    told = zip(*(_in_json(column) for column in by_column(names, rows).values()), strict=True)
    columns: Columns = {
        "kind": Same(kind.value),
        "entity_id": [row["id"] for row in rows],
        "version": [row["version"] for row in rows],
        "op": Same("upsert"),
        "data": Ready([json_bytes(dict(zip(names, row, strict=True))).decode() for row in told]),
    }
    copy_columns(session, _OUTBOX, columns)


def _in_json(column: list[Any]) -> list[Any]:
    """The values of a column with decimals as texts, as JSON has them: all at once, not each when it is met."""
    if Decimal not in set(map(type, column)):
        return column
    return [None if value is None else format(value, "f") for value in column]


def retract(session: Session, kind: Kind, gone: Iterable[tuple[UUID, int]]) -> None:
    """Tell the followers that entities (id, version) of a kind are no more; in the transaction that deleted them.

    The version is that of the deletion: one more than the last that was told, so that it counts as the newer.
    """
    rows = list(gone)
    if rows:
        ids, versions = zip(*rows, strict=True)
        session.execute(_RETRACT, {"kind": kind.value, "ids": list(ids), "versions": list(versions)})


def _write(session: Session, kind: Kind, entities: bytes) -> None:
    session.execute(_WRITE, {"kind": kind.value, "entities": entities.decode()})
