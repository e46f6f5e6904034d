"""Rows into a table in bulk, column by column: a few microseconds a row where single INSERTs take twenty.

The values are written as PostgreSQL's text format has them; what a column needs (JSON, arrays) its type tells. Many
rows go by COPY into a temporary table and from there by INSERT … SELECT: tables under row-level security take no COPY.
A few go as one statement. While a session packs (`packing`), rows are put into words and kept, to be sent later.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from psycopg import Cursor, sql
from sqlalchemy import ARRAY, JSON, Boolean, Table, TypeDecorator, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

CHUNK = 4_000
"""Rows that are put into words at a time: the server reads them while the next are prepared."""

LOAD = 20_000
"""Rows of one parcel."""

FEW = 200
"""Rows for which a temporary table is not worth its while."""

_PART = "\0"
_NULL = r"\N"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_PACKED = "copy.packed"

Encode = Callable[[Any], str]


@dataclass(frozen=True)
class Same:
    """A column that has one value in all rows."""

    value: Any


Columns = Mapping[str, "Sequence[Any] | Same"]


@dataclass(frozen=True)
class Parcel:
    """Rows in words, ready to be sent: COPY text of these columns of a table. `replace`: rows that are there, by id."""

    table: str
    columns: tuple[str, ...]
    content: bytes
    replace: bool = False


def copy_columns(session: Session, table: Table, columns: Columns) -> int:
    """Write rows given as columns (all of one length) in the session's transaction; how many there were.

    Raises ValueError for text with NUL, which PostgreSQL does not keep.
    """
    rows = count(columns)
    packed: list[Parcel] | None = session.info.get(_PACKED)
    if packed is not None:
        packed += pack(table, columns)
    elif rows > FEW:
        for parcel in pack(table, columns):
            send(session, parcel)
    elif rows:
        _insert_few(session, table, columns)
    return rows


@contextmanager
def packing(session: Session) -> Iterator[list[Parcel]]:
    """Keep what the session's bulk writes would send, in their order, and send none of it."""
    packed: list[Parcel] = []
    session.info[_PACKED] = packed
    try:
        yield packed
    finally:
        del session.info[_PACKED]


def packed_by(session: Session) -> list[Parcel] | None:
    """What the session has packed so far; None when it sends what it writes."""
    found: list[Parcel] | None = session.info.get(_PACKED)
    return found


def pack(table: Table, columns: Columns, *, replace: bool = False) -> list[Parcel]:
    """Put rows into words. Raises ValueError for text with NUL."""
    lines = _lines(table, columns)
    loads = iter(lambda: "".join(islice(lines, LOAD // CHUNK)), "")
    return [Parcel(table.name, tuple(columns), load.encode(), replace) for load in loads]


def send(session: Session, parcel: Parcel) -> None:
    """Insert the rows of a parcel."""
    told = ", ".join(f'"{column}"' for column in parcel.columns)
    with staged(session, parcel) as name:
        session.connection().exec_driver_sql(f'INSERT INTO "{parcel.table}" ({told}) SELECT {told} FROM pg_temp.{name}')


@contextmanager
def staged(session: Session, parcel: Parcel) -> Iterator[str]:
    """A temporary table with the columns and rows of a parcel; its name."""
    name = f"staged_{parcel.table}"
    told = ", ".join(f'"{column}"' for column in parcel.columns)
    make = f'CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {told} FROM "{parcel.table}" WITH NO DATA'
    connection = session.connection()
    connection.exec_driver_sql(make)
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier("pg_temp", name))
    with _cursor(session) as cursor, cursor.copy(statement) as copy:
        copy.write(parcel.content)
    yield name
    connection.exec_driver_sql(f"DROP TABLE pg_temp.{name}")


def array_text(values: Sequence[Any], kind: TypeEngine[Any]) -> str:
    """An array of values of a column's type as PostgreSQL's text has it: a parameter of thousands in one piece."""
    encode = _encoder(kind) or str
    return "{" + ",".join("NULL" if value is None else _quoted(encode(value)) for value in values) + "}"


def by_column(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows into columns; every row must have every name."""
    return {name: [row[name] for row in rows] for name in names}


def count(columns: Columns) -> int:
    """How many rows columns hold."""
    for column in columns.values():
        if not isinstance(column, Same):
            return len(column)
    return 0


def _cursor(session: Session) -> Cursor[Any]:
    """A cursor of the driver, inside the session's transaction and behind all that the session has to say first."""
    session.flush()
    cursor: Cursor[Any] = session.connection().connection.cursor()  # type: ignore[assignment]
    return cursor


def _insert_few(session: Session, table: Table, columns: Columns) -> None:
    """Insert rows by one statement: each column an array of words, which the server reads as the column's type."""
    kinds = {name: table.c[name].type.compile(dialect=_DIALECT) for name in columns}
    arrays = [array_text(_words(table, name, columns), _TEXT) for name in columns]
    told = ", ".join(f'"{name}"' for name in columns)
    read = ", ".join(f'"{name}"::{kind}' for name, kind in kinds.items())
    asked = ", ".join(["%s::text[]"] * len(arrays))
    if any(_PART in words for words in arrays):
        raise ValueError("text with a NUL character")
    statement = f'INSERT INTO "{table.name}" ({told}) SELECT {read} FROM unnest({asked}) AS given ({told})'
    with _cursor(session) as cursor:
        cursor.execute(statement, arrays)


def _words(table: Table, name: str, columns: Columns) -> Sequence[str | None]:
    """The values of a column in words; None is NULL."""
    column, encode = columns[name], _encoder(table.c[name].type) or str
    values = [column.value] * count(columns) if isinstance(column, Same) else column
    return [None if value is None else encode(value) for value in values]


def _lines(table: Table, columns: Columns) -> Iterator[str]:
    """The rows as COPY reads them, some thousands at a time."""
    encoders = [_encoder(table.c[name].type) for name in columns]
    for start in range(0, rows := count(columns), CHUNK):
        end = min(start + CHUNK, rows)
        parts = [_part(column, encode, start, end) for column, encode in zip(columns.values(), encoders, strict=True)]
        yield "\n".join(map("\t".join, zip(*parts, strict=True))) + "\n"


def _part(column: Sequence[Any] | Same, encode: Encode | None, start: int, end: int) -> list[str]:
    if isinstance(column, Same):
        return _texts([column.value], encode) * (end - start)
    return _texts(column[start:end], encode)


def _texts(values: Sequence[Any], encode: Encode | None) -> list[str]:
    """Put the values of a column into words; special characters are looked for in all of them at once."""
    if encode is None and None not in values:
        return _escaped(list(values))
    keys = list(map(id, values))
    # each object once, however often it stands in the column
    distinct = dict(zip(keys, values, strict=True))
    distinct.pop(id(None), None)
    words = list(distinct.values()) if encode is None else list(map(encode, distinct.values()))
    told = dict(zip(distinct, _escaped(words), strict=True))
    told[id(None)] = _NULL
    return list(map(told.__getitem__, keys))


def _escaped(words: list[str]) -> list[str]:
    if not words:
        return words
    whole = _PART.join(words)
    if whole.count(_PART) != len(words) - 1:
        raise ValueError("text with a NUL character")
    if not any(special in whole for special in "\\\t\n\r"):
        return words
    whole = whole.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return whole.split(_PART)


_TEXT = postgresql.TEXT()


def _encoder(kind: TypeEngine[Any]) -> Encode | None:
    """How a column's values are written; None where they are text already."""
    kind = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if isinstance(kind, JSON):
        return json_text
    if isinstance(kind, ARRAY):
        return _array
    if isinstance(kind, Uuid):
        return _uuid
    if isinstance(kind, Boolean):
        return _truth
    return None if kind.python_type is str else str


def json_text(value: Any) -> str:
    """A value as JSON, decimals as texts."""
    return orjson.dumps(value, default=_exact).decode()


def _exact(value: Any) -> str:
    """A decimal as text, so that no reader makes a binary float of it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _uuid(value: UUID) -> str:
    return f"{value.int:032x}"


def _truth(value: bool) -> str:
    return "t" if value else "f"


def _array(values: Sequence[Any]) -> str:
    return "{" + ",".join(_quoted(str(value)) for value in values) + "}" if values else "{}"


def _quoted(word: str) -> str:
    if "\\" in word or '"' in word:
        word = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{word}"'
