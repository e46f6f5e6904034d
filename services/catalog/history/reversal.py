"""Taking rows out and putting them back as they were: single ones, and those of an import that is undone.

The rows themselves, the feed and what follows for other rows; who may do so is the use case's to decide. Callers have
taken their turn, and signed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import errors
from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.kinds import KINDS, EntityKind
from shared.db.upserts import Row, among, defaults
from shared.http.problems import Problem, conflict
from shared.http.responses import json_bytes


def remove(session: Session, kind: EntityKind, rows: Sequence[Row]) -> None:
    """Delete rows, and tell the feed; their histories stay. 409 naming the kind that still refers to one of them."""
    with _referred(kind):
        session.execute(delete(kind.table).where(among(kind.table.c.id, [row["id"] for row in rows])))
    if kind.contract is not None:
        feed.retract(session, kind.contract, [(row["id"], row["version"] + 1) for row in rows])
    if kind.settle is not None:
        kind.settle(session, rows)


def put_back(session: Session, kind: EntityKind, entries: Sequence[int]) -> list[Row]:
    """Give rows the content that they had before these entries of the history, one entry per row; the rows then.

    Rows that are gone come back under their old ids. Each gets a version above all that it had, and goes to the feed.
    Columns that did not exist yet take their defaults. 409 where another row has taken a row's place meanwhile, or
    what it belonged to is gone.
    """
    with _referred(kind):
        found = session.execute(_putting_back(kind), {"entries": list(entries), "blank": _blank(kind)})
        ids = [row.id for row in found]
    restored = session.execute(select(kind.table).where(among(kind.table.c.id, ids))).mappings()
    rows = [dict(row) for row in restored]
    if kind.publish is not None:
        kind.publish(session, rows)
    if kind.settle is not None:
        kind.settle(session, rows)
    return rows


def _putting_back(kind: EntityKind) -> Any:
    """PostgreSQL makes the row out of its JSON by itself, so that no value takes a way through another type."""
    names = [column.name for column in kind.table.columns]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ("id", "created_at"))
    statement = f"""
        INSERT INTO {kind.table.name} ({", ".join(names)})
        SELECT {", ".join(f"was.{name}" for name in names)}
        FROM history CROSS JOIN LATERAL jsonb_populate_record(
            NULL::{kind.table.name},
            cast(:blank AS jsonb) || history.before || jsonb_build_object(
                'updated_at', now(),
                'version', (SELECT max(version) + 1 FROM history AS any_of WHERE any_of.entity_id = history.entity_id)
            )
        ) AS was
        WHERE history.id = ANY(:entries)
        ORDER BY history.id
        ON CONFLICT (id) DO UPDATE SET {replaced}
        RETURNING id
    """
    return text(statement).bindparams(bindparam("entries"), bindparam("blank"))


def _blank(kind: EntityKind) -> str:
    """The defaults of a kind's columns as JSON, for rows that are older than a column."""
    return json_bytes(defaults(kind.model)).decode()


@contextmanager
def _referred(kind: EntityKind) -> Iterator[None]:
    """Say in words which rows stand in the way."""
    try:
        yield
    except IntegrityError as error:
        raise _obstacle(kind, error) from error


def _obstacle(kind: EntityKind, error: IntegrityError) -> Problem:
    if isinstance(error.orig, errors.UniqueViolation):
        return conflict(f"已有同一{kind.label}", "被删除之后又登记了一条；请先删除那一条，或直接修改它。", "replaced")
    if isinstance(error.orig, errors.ForeignKeyViolation):
        return _of_reference(kind, str(error.orig.diag.table_name))
    return conflict(f"{kind.label}不能恢复原状", "内容不再符合现在的规则，请修改后重新登记。")


def _of_reference(kind: EntityKind, table: str) -> Problem:
    """A foreign key in the way: of the rows themselves when what they belong to is gone, else of those that refer."""
    if table == kind.table.name:
        return conflict(f"{kind.label}不能恢复", "它所属的企业、产品或集群已不存在，请先恢复它们。", "owner-gone")
    labels = {each.table.name: each.label for each in KINDS.values()}
    label = labels.get(table, "其他数据")
    return conflict(f"{kind.label}仍被引用", f"还有{label}属于它；请先删除这些{label}。", "referred-to")
