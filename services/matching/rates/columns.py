"""Queries of the mirror as arrays: numbers as PostgreSQL's own arrays, names as Python objects, once each."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from psycopg.rows import namedtuple_row
from sqlalchemy import text
from sqlmodel import Session

from services.matching.rates.sharing import Ints


def ints(values: Iterable[int]) -> Ints:
    """Whole numbers as an array."""
    return np.fromiter(values, np.int64)


def rows(session: Session, statement: str, asked: Mapping[str, Any]) -> list[Any]:
    """The rows of a query with parameters, by the names of their columns."""
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        found: list[Any] = cursor.execute(statement, asked).fetchall()
    return found


def numbers(session: Session, statement: str, width: int, asked: Mapping[str, Any] | None = None) -> list[Ints]:
    """The columns of a query of whole numbers, none of them null, each as one array in its binary form.

    An array is twenty bytes of header, then each value's length in four bytes and the value in eight (array_send of
    PostgreSQL's arrayfuncs.c). COPY would send a message for each row. What is ranked is to be sorted in memory.
    """
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    connection: Any = session.connection().connection.driver_connection
    columns = ", ".join(f"array_send(array_agg(c{at}::int8))" for at in range(width))
    names = ", ".join(f"c{at}" for at in range(width))
    with connection.cursor(binary=True) as cursor:
        found = cursor.execute(f"SELECT {columns} FROM ({statement}) numbers ({names})", asked).fetchone()
    value = np.dtype([("length", ">i4"), ("value", ">i8")])
    return [np.frombuffer(each or b"", value, offset=20 if each else 0)["value"].astype(np.int64) for each in found]
