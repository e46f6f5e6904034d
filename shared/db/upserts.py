"""Rows in bulk by their natural keys: one query finds what is there, one statement writes what is new or different."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Table, and_, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, SQLModel

from shared.db.ids import new_id

Row = dict[str, Any]

#: The columns that an upsert keeps by itself; no caller writes them.
KEPT = ("id", "version", "created_at", "updated_at")


class Change(StrEnum):
    """What an upsert did with a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Outcome:
    """What became of one row: its id, and which of its fields are not what they were."""

    change: Change
    id: UUID
    changed_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """What became of all rows, in their order; `rows` are those created or changed, as they are now in the table."""

    outcomes: list[Outcome] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def sql_table(model: type[SQLModel]) -> Table:
    """The table of a model, as Core statements want it."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Tell whether a column is one of the values: one array parameter, however many there are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def find(
    session: Session, model: type[SQLModel], fields: Sequence[str], keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], Row]:
    """The rows whose `fields` equal one of `keys`, by that key; one query however many keys there are."""
    if not keys:
        return {}
    table = sql_table(model)
    columns = [table.c[name] for name in fields]
    arrays = [
        bindparam(f"key_{position}", [key[position] for key in keys], type_=ARRAY(column.type))
        for position, column in enumerate(columns)
    ]
    wanted = func.unnest(*arrays).table_valued(*fields, name="wanted").render_derived()
    matches = and_(*(column == wanted.c[column.name] for column in columns))
    rows = session.execute(select(table).join(wanted, matches)).mappings()
    return {tuple(row[name] for name in fields): dict(row) for row in rows}


def upsert(
    session: Session,
    model: type[SQLModel],
    key: Sequence[str],
    rows: Sequence[Row],
    derive: Callable[[Row], Row] | None = None,
) -> Written:
    """Create or change the rows that `key` names; see `write`. No two rows may have the same key."""
    keys = [tuple(row[name] for name in key) for row in rows]
    if len(set(keys)) < len(keys):
        raise ValueError(f"two rows of one batch have the same {', '.join(key)}")
    existing = find(session, model, key, keys)
    return write(session, model, rows, [existing.get(each) for each in keys], derive)


def write(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[Row],
    existing: Sequence[Row | None],
    derive: Callable[[Row], Row] | None = None,
) -> Written:
    """Create each row whose `existing` is None, change the others where they differ; one statement in all.

    A field that a row does not have stays as it is, or takes the model's default in a new row. `derive` gives the
    fields that follow from the others, seeing the whole row. A change adds one to the version. Nothing is committed.
    """
    blank = _blank(model)
    outcomes, pending = [], []
    for row, before in zip(rows, existing, strict=True):
        after = {**(before or blank), **row}
        after.update(derive(after) if derive else {})
        outcome = _compare(before, after)
        outcomes.append(outcome)
        if outcome.change is not Change.UNCHANGED:
            pending.append({**after, "id": outcome.id})
    return Written(outcomes, _store(session, sql_table(model), pending))


def _blank(model: type[SQLModel]) -> Row:
    """The fields of a new row before anything is said about it; the required ones are absent."""
    fields = {name: each for name, each in model.model_fields.items() if name not in KEPT and not each.is_required()}
    return {name: each.get_default(call_default_factory=True) for name, each in fields.items()}


def _compare(before: Row | None, after: Mapping[str, Any]) -> Outcome:
    """Tell what is to be done with a row."""
    if before is None:
        return Outcome(Change.CREATED, new_id(), tuple(name for name in after if name not in KEPT))
    changed = tuple(name for name, value in after.items() if name not in KEPT and before[name] != value)
    return Outcome(Change.CHANGED if changed else Change.UNCHANGED, before["id"], changed)


def _store(session: Session, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Insert the rows, or replace those whose id exists; the rows as they are then, in the same order."""
    if not rows:
        return []
    names = [column.name for column in table.columns if column.name not in KEPT]
    statement = insert(table)
    replaced: dict[str, Any] = {name: statement.excluded[name] for name in names}
    replaced |= {"version": table.c.version + 1, "updated_at": func.now()}
    statement = statement.on_conflict_do_update(index_elements=[table.c.id], set_=replaced)
    values = [{"id": row["id"], "version": 1, **{name: row[name] for name in names}} for row in rows]
    stored = session.execute(statement.returning(table), values).mappings()
    by_id = {row["id"]: dict(row) for row in stored}
    return [by_id[row["id"]] for row in rows]
