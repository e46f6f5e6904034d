"""Lists by keyset: a page ends with a cursor that says after which row the next one starts."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, TypeDecorator, literal, tuple_
from sqlalchemy.orm import Session

from shared.http.problems import FieldError, Problem
from shared.http.responses import json_bytes, json_response

After = Annotated[str | None, Query(description="上一页返回的 next", max_length=2000)]
Limit = Annotated[int, Query(ge=1, le=1000, description="每页行数")]

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
R = TypeVar("R")
T = TypeVar("T")

_READERS: dict[type, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
    int: int,
    str: str,
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `next` is missing on the last one. orjson writes it out as it is."""

    items: list[Any]
    next: str | None


class PageOf(BaseModel, Generic[T]):
    """A page as the API's documentation describes it, with the type of its items."""

    items: list[T]
    next: str | None


def bad_cursor() -> Problem:
    """The cursor is not one that we gave out for this list."""
    error = FieldError(pointer="/after", detail="请使用上一页返回的 next，不要改动。", code="cursor", location="query")
    return Problem(400, "bad-cursor", "翻页位置无效", errors=[error])


def encode_cursor(values: list[Any]) -> str:
    """The cursor for a row: the values of its ordering columns."""
    return base64.urlsafe_b64encode(json_bytes(values)).rstrip(b"=").decode()


def decode_cursor(text: str) -> list[Any]:
    """The values in a cursor; a Problem 400 when it is none of ours."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError) as error:
        raise bad_cursor() from error
    if not isinstance(values, list):
        raise bad_cursor()
    return values


def position(columns: Sequence[ColumnElement[Any]], after: str) -> list[Any]:
    """The values of the ordering columns in a cursor; a Problem 400 when it is none of ours."""
    values = decode_cursor(after)
    if len(values) != len(columns):
        raise bad_cursor()
    try:
        return [_READERS[_python_type(column)](value) for column, value in zip(columns, values, strict=True)]
    except (TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise bad_cursor() from error


def _python_type(column: ColumnElement[Any]) -> type:
    """What a column's values are in Python; a decorated type (SQLModel's text is one) is asked for what it wraps."""
    kind = column.type
    return kind.impl_instance.python_type if isinstance(kind, TypeDecorator) else kind.python_type


def keyset(
    statement: S,
    columns: Sequence[Any],
    after: str | None,
    limit: int,
    *,
    descending: bool = False,
) -> S:
    """Order by `columns`, start behind the cursor, and read one row more than `limit` (it tells if there is a next).

    The columns must not be null and must tell every two rows apart; end with the id. All go one way: `descending`
    turns them all.
    """
    if after is not None:
        values = zip(position(columns, after), columns, strict=True)
        row, start = tuple_(*columns), tuple_(*(literal(value, column.type) for value, column in values))
        statement = statement.where(row < start if descending else row > start)
    ordering = [column.desc() if descending else column.asc() for column in columns]
    return statement.order_by(*ordering).limit(limit + 1)


def page_of(rows: Sequence[R], limit: int, key: Callable[[R], list[Any]], item: Callable[[R], Any]) -> Page:
    """The page out of what a `keyset` statement returned: `key` gives a row's ordering values, `item` its wire form."""
    shown = rows[:limit]
    following = encode_cursor(key(shown[-1])) if len(rows) > limit else None
    return Page(items=[item(row) for row in shown], next=following)


def part_of(rows: Sequence[T], after: str | None, limit: int) -> tuple[Sequence[T], str | None]:
    """A page of rows that are at hand, and the cursor to the next one; it is a position, for their order lasts."""
    start = 0 if after is None else _start(decode_cursor(after))
    end = start + limit
    return rows[start:end], encode_cursor([end]) if end < len(rows) else None


def _start(values: list[object]) -> int:
    match values:
        case [int(start)] if start >= 0:
            return start
        case _:
            raise bad_cursor()


def page_response(session: Session, page: Page) -> Response:
    """A page as the answer; the session's connection goes back before, in the thread that has read from it."""
    session.close()
    return json_response(page)
