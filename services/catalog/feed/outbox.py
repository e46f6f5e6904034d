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

from services.catalog.feed.models import OutboxEvent
from shared.contracts.v1 import ENTITIES, Entity, Kind
from shared.db.copy import Parcel, Same, pack, packed_by, staged
from shared.db.upserts import sql_table

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


def record_rows(session: Session, kind: Kind, table: Table, ids: Sequence[UUID]) -> None:
    """Write rows of a table whose columns are the contract's fields: checked when they were written, told as they are.

    For imports of many rows: what a checked row holds need not be read into a model, nor leave the server. Goes the way
    of the rows themselves: into a parcel while the session packs (`shared.db.copy`).
    """
    packed = packed_by(session)
    parcels = pack(_OUTBOX, {"kind": Same(kind.value), "entity_id": ids})
    if packed is not None:
        packed += parcels
        return
    for parcel in parcels:
        send_rows(session, kind, table, parcel)


def send_rows(session: Session, kind: Kind, table: Table, parcel: Parcel) -> None:
    """Write the rows of a table that a parcel names, as they now are; each is looked up by its id (see `find`)."""
    names = [name for name in ENTITIES[kind].model_fields if name in table.c]
    fields = ", ".join(f"'{name}', {_in_json(table.c[name])}" for name in names)
    with staged(session, parcel) as named:
        session.connection().exec_driver_sql(
            f"INSERT INTO outbox (kind, entity_id, version, op, data) "
            f"SELECT named.kind, told.id, told.version, 'upsert', json_build_object({fields}) "
            f"FROM pg_temp.{named} AS named "
            f'CROSS JOIN LATERAL (SELECT * FROM "{table.name}" WHERE id = named.entity_id OFFSET 0) AS told'
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
