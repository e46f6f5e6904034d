"""Rows that PostgreSQL words are, byte for byte, what the same rows become that Python reads and writes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Uuid,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session

from shared.db.database import Database
from shared.db.tables import Money, Price, Quantity, UtcDateTime, Whole
from shared.db.wire import wire_rows
from shared.http.responses import json_bytes

ODD = 'a"b\\c/\b\f\n\r\t\x01\x1f\x7f é€ \u2028\u2029 𠮷 😀 </script> %s %% :x'
ROWS = Table(
    "rows",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("key", Uuid),
    Column("amount", Money),
    Column("quantity", Quantity),
    Column("price", Price),
    Column("name", String),
    Column("day", Date),
    Column("at", UtcDateTime),
    Column("many", BigInteger),
    Column("holds", Boolean),
    Column("told", JSONB(none_as_null=True)),
    Column("words", ARRAY(String())),
    Column("keys", ARRAY(Uuid())),
    prefixes=["TEMPORARY"],
)
NOTHING = dict.fromkeys(ROWS.c.keys())
GIVEN: list[dict[str, Any]] = [
    {
        "id": 1,
        "key": UUID(int=2**127 + 5),
        "amount": Decimal("-0.05"),
        "quantity": Decimal("123456789012345.678"),
        "price": Decimal("0"),
        "name": ODD,
        "day": date(2026, 2, 28),
        "at": datetime(2026, 1, 1, 23, 59, 59, 120_000, UTC),
        "many": 2**62,
        "holds": True,
        "told": [{"b": 1.5, "a": None, "text": ODD, "deep": {"z": [1, "2", 1.0, -0.25]}}],
        "words": [ODD, "", "轴承"],
        "keys": [UUID(int=1)],
    },
    {**NOTHING, "id": 2, "at": datetime(1999, 12, 31, tzinfo=UTC), "words": [], "told": {}, "keys": [], "name": ""},
    {**NOTHING, "id": 3, "at": datetime(2026, 7, 1, 12, 0, 0, 1, UTC), "holds": False, "many": -1},
    {**NOTHING, "id": 4},
]


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    with catalog_database.session() as session:
        ROWS.metadata.create_all(session.connection())
        session.execute(ROWS.insert(), GIVEN)
        yield session


def as_read(session: Session, statement: Select[Any]) -> bytes:
    return json_bytes([dict(row) for row in session.execute(statement).mappings()])


def as_worded(session: Session, statement: Select[Any]) -> bytes:
    return json_bytes(wire_rows(session, statement))


def test_every_kind_of_value_has_the_form_of_our_json(session: Session) -> None:
    statement = select(ROWS).order_by(ROWS.c.id)
    assert as_worded(session, statement) == as_read(session, statement)
    assert len(wire_rows(session, statement)) == len(GIVEN)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/St_Johns", "UTC"])
def test_instants_are_in_utc_whatever_the_session_says(session: Session, zone: str) -> None:
    session.execute(select(func.set_config("TimeZone", zone, True)))
    statement = select(ROWS.c.at, ROWS.c.day).order_by(ROWS.c.id)
    assert as_worded(session, statement) == as_read(session, statement)


def test_the_order_limit_and_values_of_a_statement_hold_though_its_shape_was_seen(session: Session) -> None:
    for least, most in ((1, 2), (3, 1), (2, 9)):
        statement = select(ROWS.c.id, ROWS.c.name).where(ROWS.c.id >= least).order_by(ROWS.c.id.desc()).limit(most)
        assert as_worded(session, statement) == as_read(session, statement)


def test_whole_numbers_that_a_statement_works_out_stay_numbers(session: Session) -> None:
    whole = cast(func.round(ROWS.c.quantity * Decimal("1.5")), Whole).label("whole")
    statement = select(whole, ROWS.c.name.label("called")).order_by(ROWS.c.id)
    assert as_worded(session, statement) == as_read(session, statement)
    assert wire_rows(session, statement)[0] == {"whole": 185185183518519, "called": ODD}


def test_no_row_is_an_empty_list(session: Session) -> None:
    assert wire_rows(session, select(ROWS).where(ROWS.c.id > 9)) == []


def test_what_has_no_known_form_is_refused(session: Session) -> None:
    with pytest.raises(TypeError, match="has no form in JSON that is known here"):
        wire_rows(session, select(cast(ROWS.c.id, Float).label("half")))
