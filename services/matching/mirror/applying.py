"""Changes into the mirror's tables: one statement per kind, however many changes there are.

PostgreSQL reads the rows out of the contract's own JSON, so that no value is turned over in Python. Where it refuses
one (a number out of range, a character that it does not store), the changes are halved until the bad one stands alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from services.matching.mirror.changes import Fault, Sorted, Upsert, dump, refused
from services.matching.mirror.models import TABLES
from shared.contracts.v1 import Kind

_FORGET_GONE = text("DELETE FROM mirror_gone WHERE at < now() - interval '1 day' OR epoch <> :life")


def write(session: Session, changes: Sorted, life: str) -> list[Fault]:
    """Write the changes under a life of the mirror; the ones that the database refuses. Nothing is committed.

    An older version never replaces or removes a newer one of the same life, and brings nothing back: writers at the
    same time may be told in another order than that in which they committed.
    """
    found: list[Fault] = []
    for kind in Kind:
        found += _upsert(session, kind, changes.upserts.get(kind, []), life)
        _delete(session, kind, changes.deletes.get(kind, []), life)
    return found


def _upsert(session: Session, kind: Kind, upserts: Sequence[Upsert], life: str) -> list[Fault]:
    if not upserts:
        return []
    try:
        with session.begin_nested():
            session.execute(_upsert_statement(kind), {"rows": dump(kind, upserts).decode(), "life": life})
    except (DataError, IntegrityError) as error:
        if len(upserts) == 1:
            return [refused(kind, upserts[0], str(error.orig).partition("\n")[0])]
        half = len(upserts) // 2
        return _upsert(session, kind, upserts[:half], life) + _upsert(session, kind, upserts[half:], life)
    return []


def _delete(session: Session, kind: Kind, gone: Sequence[tuple[UUID, int]], life: str) -> None:
    if gone:
        values: dict[str, Any] = {"ids": [id_ for id_, _ in gone], "versions": [version for _, version in gone]}
        session.execute(_delete_statement(kind), {**values, "life": life})


def forget_gone(session: Session, life: str) -> None:
    """Forget what was deleted a day ago, or in another life: no change that was made before it is still to come."""
    session.execute(_FORGET_GONE, {"life": life})


@cache
def _upsert_statement(kind: Kind) -> TextClause:
    table = TABLES[kind].__table__  # type: ignore[attr-defined]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    columns = {column.name: column.type.compile(dialect) for column in table.c if column.name != "epoch"}
    names = ", ".join(f'"{name}"' for name in columns)
    typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in (*columns, "epoch") if name != "id")
    return text(
        f"""
        INSERT INTO {table.name} ({names}, epoch)
        SELECT {names}, :life FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS told({typed})
        WHERE NOT EXISTS (
            SELECT FROM mirror_gone AS gone
            WHERE gone.id = told.id AND gone.version >= told.version AND gone.epoch = :life
        )
        ON CONFLICT (id) DO UPDATE SET {replaced}
        WHERE {table.name}.version < excluded.version OR {table.name}.epoch <> excluded.epoch
        """
    )


@cache
def _delete_statement(kind: Kind) -> TextClause:
    table = TABLES[kind].__tablename__
    return text(
        f"""
        WITH gone AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS bigint[])) AS told(id, version)),
        removed AS (
            DELETE FROM {table} AS held USING gone
            WHERE held.id = gone.id AND (held.version <= gone.version OR held.epoch <> :life)
        )
        INSERT INTO mirror_gone AS kept (id, version, epoch, at) SELECT id, version, :life, now() FROM gone
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, epoch = excluded.epoch, at = excluded.at
        WHERE kept.version < excluded.version OR kept.epoch <> excluded.epoch
        """
    )
