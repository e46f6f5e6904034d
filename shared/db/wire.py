"""Rows as their JSON will say them, worded by PostgreSQL: a list makes no object of Python of any value.

What a list answers with goes out as text. Read the usual way, each value becomes an object first, and text again
after it. Here each row comes as one JSON array whose values have the forms that `shared.http.responses` gives them:
decimals as strings, instants in UTC, all else as JSON says it.
"""

from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ClauseElement,
    ColumnElement,
    Date,
    DateTime,
    Executable,
    Float,
    Integer,
    Numeric,
    Select,
    String,
    Text,
    Uuid,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared.db.tables import Whole
from shared.db.upserts import Row

_PLAIN = (Uuid, Integer, Boolean, String, Date, JSON)
_UTC: Any = literal_column("'UTC'")
_INSTANT: Any = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'""")
_NO_FRACTION: Any = literal_column("'.000000'")
_NOTHING: Any = literal_column("''")
_COMMA: Any = literal_column("','")


class _Worded(Executable, ClauseElement):
    """A statement whose rows are to be worded: how, is worked out once for all statements of its shape."""

    inherit_cache = True
    _traverse_internals = [("statement", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as SQLAlchemy asks
    _all_selected_columns: Any = ()  # the two of the answer are read by their places

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


def wire_rows(session: Session, statement: Select[Any]) -> list[Row]:
    """The rows of a statement, in its order, by the names of its columns; their values are those of JSON."""
    names, told = session.execute(_Worded(statement)).one()
    if told is None:
        return []
    columns = names.split(",")
    return [dict(zip(columns, values, strict=True)) for values in orjson.loads(f"[{told}]")]


@compiles(_Worded)
def _compile(element: _Worded, compiler: SQLCompiler, **given: Any) -> str:
    """Names and rows in one row: the names are known before the database is asked, and told with its answer."""
    page = element.statement.subquery("page")
    row = cast(func.json_build_array(*(_worded(column) for column in page.c)), Text)
    names: Any = literal_column("'" + ",".join(page.c.keys()) + "'")
    return compiler.process(select(names, func.string_agg(row, _COMMA)).select_from(page), **given)


def _worded(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as JSON takes it in."""
    kind = _stored(column.type)
    each = kind.item_type if isinstance(kind, ARRAY) else kind
    if isinstance(column.type, Whole) or isinstance(each, _PLAIN):
        return column
    if isinstance(kind, DateTime) and kind.timezone:
        return func.replace(func.to_char(func.timezone(_UTC, column), _INSTANT), _NO_FRACTION, _NOTHING)
    if isinstance(kind, Numeric) and not isinstance(kind, Float):
        return cast(column, Text)
    raise TypeError(f"{column.type!r} has no form in JSON that is known here")


def _stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """What a decorated type wraps."""
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind
