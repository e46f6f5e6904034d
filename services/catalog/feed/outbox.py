"""Writing the outbox: what changed, whole as it now is, in the transaction that changed it.

The entities go to PostgreSQL as one JSON text for each kind, which is kept as it is written and served as it is kept.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Column, Numeric, Table, TypeDecorator, text
from sqlmodel import Session

from shared.contracts.v1 import ENTITIES, Entity, Kind
from shared.db.copy import Parcel, array_text, packed_by, staged
from shared.db.upserts import writing

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


def record_rows(session: Session, kind: Kind, table: Table, ids: Sequence[UUID]) -> None:
    """Write rows of a table whose columns are the contract's fields: checked when they were written, told as they are.

    For imports of many rows: what a checked row holds need not be read into a model, nor leave the server. Each is
    looked up by its id (see `find`). While the session packs (`shared.db.copy`) nothing is told: see `write_parcel`.
    """
    if ids and packed_by(session) is None:
        one = f'SELECT * FROM "{table.name}" WHERE id = named.id OFFSET 0'
        named = f"unnest(CAST(:ids AS uuid[])) AS named(id) CROSS JOIN LATERAL ({one}) AS told"
        session.execute(text(_telling(kind, table, named)), {"ids": array_text(ids, table.c.id.type)})


def write_parcel(session: Session, kind: Kind, table: Table, parcel: Parcel) -> None:
    """Write the rows of a parcel, and tell of each as it then is."""
    with staged(session, parcel) as name:
        telling = _telling(kind, table, "told")
        session.connection().exec_driver_sql(f"WITH told AS ({writing(parcel, name)}) {telling}")


def _telling(kind: Kind, table: Table, rows: str) -> str:
    """SQL that writes rows of a table to the outbox; `rows` is where they come `FROM`, under the name of `told`."""
    names = [name for name in ENTITIES[kind].model_fields if name in table.c]
    fields = ", ".join(f"'{name}', {_in_json(table.c[name])}" for name in names)
    return (
        f"INSERT INTO outbox (kind, entity_id, version, op, data) "
        f"SELECT '{kind.value}', told.id, told.version, 'upsert', json_build_object({fields}) FROM {rows}"
    )


def _in_json(column: Column[Any]) -> str:
    """A column as JSON has it: decimals as texts, so that no reader makes a binary float of them."""
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return f'told."{column.name}"' + ("::text" if isinstance(kind, Numeric) else "")


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
