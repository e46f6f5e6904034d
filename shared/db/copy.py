"""Rows into a table by COPY, column by column: a few microseconds a row where INSERT takes twenty.

The values are written as PostgreSQL's text format has them. What a column needs (JSON, arrays) its type tells.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from psycopg import Cursor, sql
from sqlalchemy import ARRAY, JSON, Boolean, Table, TypeDecorator, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

CHUNK = 4_000
"""Rows that are put into words at a time: the server reads them while the next are prepared."""

_PART = "\0"
_NULL = r"\N"

Encode = Callable[[Any], str]


def copy_columns(session: Session, table: Table, columns: Mapping[str, Sequence[Any]], into: str | None = None) -> int:
    """Write rows given as columns (all of one length) in the session's transaction; how many there were.

    `into` names another table of the same columns, such as a temporary one. Raises ValueError for text with NUL, which
    PostgreSQL does not keep.
    """
    count = len(next(iter(columns.values()), ()))
    if not count:
        return 0
    names = list(columns)
    encoders = [_encoder(table.c[name].type) for name in names]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(into or table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with _cursor(session) as cursor, cursor.copy(statement) as copy:
        for start in range(0, count, CHUNK):
            parts = [
                _texts(columns[name][start : start + CHUNK], encode)
                for name, encode in zip(names, encoders, strict=True)
            ]
            copy.write("\n".join(map("\t".join, zip(*parts, strict=True))) + "\n")
    return count


def array_text(values: Sequence[Any], kind: TypeEngine[Any]) -> str:
    """An array of values of a column's type as PostgreSQL's text has it: a parameter of thousands in one piece."""
    encode = _encoder(kind) or str
    return "{" + ",".join("NULL" if value is None else _quoted(encode(value)) for value in values) + "}"


def by_column(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows into columns; every row must have every name."""
    return {name: [row[name] for row in rows] for name in names}


def _cursor(session: Session) -> Cursor[Any]:
    """A cursor of the driver, inside the session's transaction and behind all that the session has to say first."""
    session.flush()
    cursor: Cursor[Any] = session.connection().connection.cursor()  # type: ignore[assignment]
    return cursor


def _texts(values: Sequence[Any], encode: Encode | None) -> list[str]:
    """Put the values of a column into words; special characters are looked for in all of them at once."""
    has_null = None in values
    if encode is not None:
        words = ["" if value is None else encode(value) for value in values] if has_null else list(map(encode, values))
    else:
        words = ["" if value is None else value for value in values] if has_null else list(values)
    words = _escaped(words)
    return [_NULL if value is None else word for value, word in zip(values, words, strict=True)] if has_null else words


def _escaped(words: list[str]) -> list[str]:
    whole = _PART.join(words)
    if whole.count(_PART) != len(words) - 1:
        raise ValueError("text with a NUL character")
    if not any(special in whole for special in "\\\t\n\r"):
        return words
    whole = whole.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return whole.split(_PART)


def _encoder(kind: TypeEngine[Any]) -> Encode | None:
    """How a column's values are written; None where they are text already."""
    kind = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if isinstance(kind, JSON):
        return _json
    if isinstance(kind, ARRAY):
        return _array
    if isinstance(kind, Uuid):
        return _uuid
    if isinstance(kind, Boolean):
        return _truth
    return None if kind.python_type is str else str


def _json(value: Any) -> str:
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
