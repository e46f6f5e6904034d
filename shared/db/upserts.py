"""Rows in bulk by natural keys: one query finds what is there, one COPY writes what is new, one what is different."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Numeric,
    Table,
    Text,
    TypeDecorator,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
)
from sqlmodel import Session, SQLModel

from shared.db.copy import Parcel, Same, array_text, by_column, copy_columns, pack, packed_by, staged
from shared.db.ids import new_ids

Row = dict[str, Any]

#: The columns that an upsert keeps by itself; no caller writes them.
KEPT = ("id", "version", "created_at", "updated_at")


class Change(StrEnum):
    """What an upsert did with a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Outcome(NamedTuple):
    """What became of one row: its id, and which of its fields are not what they were."""

    change: Change
    id: UUID
    changed_fields: tuple[str, ...] = ()


class Written:
    """What became of all rows, in their order; `rows` are those created or changed, as they are now in the table."""

    def __init__(self, outcomes: list[Outcome], stored: Callable[[], list[Row]] = list) -> None:
        """`stored` lays the rows out, when somebody asks for more of them than their ids."""
        self.outcomes = outcomes
        self._stored = stored

    @property
    def ids(self) -> list[UUID]:
        """The ids of the rows created or changed."""
        return [each.id for each in self.outcomes if each.change is not Change.UNCHANGED]

    @cached_property
    def rows(self) -> list[Row]:
        """The rows created or changed, as they are now in the table; none where it was only to compare."""
        stored = {row["id"]: row for row in self._stored()}
        return [stored[id] for id in self.ids if id in stored]


def sql_table(model: type[SQLModel]) -> Table:
    """The table of a model, as Core statements want it."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Tell whether a column is one of the values: one array parameter, however many there are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def overlaps(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Tell whether a column that is an array has one of the values."""
    return column.op("&&", is_comparison=True)(literal(list(values), column.type))


def find(
    session: Session, model: type[SQLModel], fields: Sequence[str], keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], Row]:
    """The rows whose `fields` equal one of `keys`, by that key; one query however many keys there are.

    Each key is looked up by the fields' unique index: OFFSET keeps the planner from reading the whole table instead,
    which it would for some thousands of keys, at the price of every row there is.
    """
    if not keys:
        return {}
    table = sql_table(model)
    columns = [table.c[name] for name in fields]
    texts = [array_text(values, column.type) for column, values in zip(columns, zip(*keys, strict=True), strict=True)]
    arrays = [
        cast(bindparam(f"key_{position}", told, type_=Text), ARRAY(column.type))
        for position, (column, told) in enumerate(zip(columns, texts, strict=True))
    ]
    wanted = func.unnest(*arrays).table_valued(*fields, name="wanted").render_derived()
    matches = and_(*(column == wanted.c[column.name] for column in columns))
    found = select(table).where(matches).offset(literal_column("0")).lateral("found")
    names = [column.name for column in table.columns]
    rows = [
        dict(zip(names, row, strict=True))
        for row in session.execute(select(found).select_from(wanted).join(found, true()))
    ]
    return {tuple(row[name] for name in fields): row for row in rows}


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
    """Create each row whose `existing` is None, change the others where they differ; two statements in all.

    A field that a row does not have stays as it is, or takes the model's default in a new row. `derive` gives the
    fields that follow from the others, seeing the whole row. A change adds one to the version. Nothing is committed.
    While a session `watches`, each difference is noted there, and nothing is written if it is only to compare.
    """
    blank = defaults(model)
    watch: Watch | None = session.info.get(_WATCH)
    outcomes: list[Outcome] = []
    created: list[Row] = []
    changed: list[Row] = []
    ids = iter(new_ids(sum(before is None for before in existing)))
    for row, before in zip(rows, existing, strict=True):
        after = {**(before or blank), **row}
        if derive:
            after.update(derive(after))
        if before is None:
            outcomes.append(Outcome(Change.CREATED, next(ids), tuple(after)))
            after["id"] = outcomes[-1].id
            created.append(after)
            continue
        outcome = _compare(before, after)
        outcomes.append(outcome)
        if outcome.change is Change.CHANGED:
            changed.append({**after, "id": outcome.id})
            if watch:
                watch.note(outcome, before, after)
    if watch and watch.only_compares and packed_by(session) is None:
        return Written(outcomes)
    table = sql_table(model)
    stored = (_insert(session, table, created), _replace(session, table, changed))
    return Written(outcomes, lambda: [row for lay_out in stored for row in lay_out()])


@dataclass
class Watch:
    """What upserts find different, by id: each field with what it was and what it is to be."""

    only_compares: bool
    differences: dict[UUID, dict[str, tuple[Any, Any]]] = field(default_factory=dict)

    def note(self, outcome: Outcome, before: Row, after: Row) -> None:
        """Keep what is different in one row."""
        self.differences[outcome.id] = {name: (before[name], after[name]) for name in outcome.changed_fields}


@contextmanager
def watching(session: Session, *, only_compare: bool = False) -> Iterator[Watch]:
    """Note what the session's upserts find different; `only_compare`: they tell outcomes and write nothing.

    New rows get ids that are theirs only if they are written.
    """
    watch = session.info[_WATCH] = Watch(only_compare)
    try:
        yield watch
    finally:
        del session.info[_WATCH]


_WATCH = "upserts.watch"


def defaults(model: type[SQLModel]) -> Row:
    """The fields of a new row before anything is said about it; the required ones are absent."""
    fields = {name: each for name, each in model.model_fields.items() if name not in KEPT and not each.is_required()}
    return {name: each.get_default(call_default_factory=True) for name, each in fields.items()}


def _compare(before: Row, after: Row) -> Outcome:
    """Tell what is to be done with a row that is there."""
    changed = tuple(name for name, value in after.items() if before[name] != value and name not in KEPT)
    return Outcome(Change.CHANGED if changed else Change.UNCHANGED, before["id"], changed)


def _insert(session: Session, table: Table, rows: Sequence[Row]) -> Callable[[], list[Row]]:
    """Create rows; what lays them out as they are then."""
    if not rows:
        return list
    columns = _values(table, rows)
    copy_columns(session, table, {**columns, "version": Same(1)})

    def stored() -> list[Row]:
        now = session.execute(select(func.now())).scalar_one().astimezone(UTC)
        kept = {"version": 1, "created_at": now, "updated_at": now}
        return [{**row, **kept} for row in _by_row(columns)]

    return stored


def _replace(session: Session, table: Table, rows: Sequence[Row]) -> Callable[[], list[Row]]:
    """Change rows that are there, each to a version of one more; what lays them out as they are then."""
    if not rows:
        return list
    columns = _values(table, rows)
    parcels, packed = pack(table, columns, replace=True), packed_by(session)
    kept: dict[UUID, Row] = {}
    if packed is not None:
        packed += parcels
    else:
        for parcel in parcels:
            kept |= _replaced(session, parcel)
    return lambda: [{**row, **kept[row["id"]]} for row in _by_row(columns)]


def _by_row(columns: Mapping[str, Sequence[Any]]) -> Iterator[Row]:
    names = list(columns)
    return (dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _replaced(session: Session, parcel: Parcel) -> dict[UUID, Row]:
    """Change the rows of a parcel, each to a version of one more; what an upsert keeps of them, by id."""
    with staged(session, parcel) as name:
        found = text(f"WITH written AS ({writing(parcel, name)}) SELECT {', '.join(KEPT)} FROM written")
        return {row["id"]: dict(row) for row in session.execute(found).mappings()}


def writing(parcel: Parcel, staged: str) -> str:
    """SQL that writes the rows of a parcel out of the table that they are staged in, and returns them whole."""
    names = [f'"{name}"' for name in parcel.columns]
    if not parcel.replace:
        told = ", ".join(names)
        return f'INSERT INTO "{parcel.table}" ({told}) SELECT {told} FROM pg_temp.{staged} RETURNING *'
    changes = ", ".join(f"{name} = staged.{name}" for name in names if name != '"id"')
    return (
        f'UPDATE "{parcel.table}" AS stored SET {changes}, version = stored.version + 1, updated_at = now() '
        f"FROM pg_temp.{staged} AS staged WHERE stored.id = staged.id RETURNING stored.*"
    )


def _values(table: Table, rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The rows' columns with decimals as the table keeps them, so that nothing need be read back."""
    names = [column.name for column in table.columns if column.name == "id" or column.name not in KEPT]
    columns = by_column(names, rows)
    for name in names:
        kind = table.c[name].type
        numeric = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
        if isinstance(numeric, Numeric) and numeric.scale is not None:
            step = Decimal(1).scaleb(-numeric.scale)
            rounded = {id(value): _rounded(value, step) for value in columns[name] if value is not None}
            columns[name] = [rounded.get(id(value)) for value in columns[name]]
    return columns


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    """A decimal with the digits of its column, rounded as PostgreSQL does: half away from zero."""
    return Decimal(value).quantize(step, ROUND_HALF_UP, _WIDE)


_WIDE = Context(prec=60)
