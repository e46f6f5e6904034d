"""Pages by keyset over real rows: nothing twice, nothing missed, in any order, whatever is written meanwhile."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, Uuid, select
from sqlmodel import Session

from shared.db.database import Database
from shared.db.ids import new_id
from shared.db.tables import Money, UtcDateTime
from shared.http.paging import Page, decode_cursor, encode_cursor, keyset, page_of
from shared.http.problems import Problem

ROWS = Table(
    "rows",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("amount", Money),
    Column("name", String),
    Column("day", Date),
    Column("at", UtcDateTime),
    Column("score", Integer),
    prefixes=["TEMPORARY"],
)


@pytest.fixture
def session(catalog_database: Database):
    with catalog_database.session() as session:
        ROWS.metadata.create_all(session.connection())
        values = [
            {
                "id": new_id(),
                "amount": Decimal(index % 3) + Decimal("0.50"),
                "name": f"轴承{index % 4}",
                "day": date(2026, 1, 1 + index % 5),
                "at": datetime(2026, 1, 1, index % 2, tzinfo=UTC),
                "score": index % 2,
            }
            for index in range(23)
        ]
        session.connection().execute(ROWS.insert(), values)
        yield session


def read(session: Session, names: list[str], after: str | None, limit: int, descending: bool) -> Page:
    columns = [ROWS.c[name] for name in names]
    rows = session.connection().execute(keyset(select(ROWS), columns, after, limit, descending=descending)).all()
    return page_of(rows, limit, lambda row: [getattr(row, name) for name in names], lambda row: row.id)


def read_all(session: Session, names: list[str], limit: int, descending: bool) -> list[UUID]:
    found: list[UUID] = []
    after = None
    while True:
        page = read(session, names, after, limit, descending)
        assert 0 < len(page.items) <= limit
        found += page.items
        after = page.next
        if after is None:
            return found


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [4, 23])
@pytest.mark.parametrize("by", ["amount", "name", "day", "at", "score"])
def test_pages_are_the_whole_list_in_order(session: Session, by: str, limit: int, descending: bool) -> None:
    names = [by, "id"]
    columns = [ROWS.c[name].desc() if descending else ROWS.c[name] for name in names]
    expected = list(session.connection().execute(select(ROWS.c.id).order_by(*columns)).scalars())
    assert read_all(session, names, limit, descending) == expected


def test_a_row_written_meanwhile_moves_no_other(session: Session) -> None:
    first = read(session, ["id"], None, 10, False)
    session.connection().execute(ROWS.insert(), {"id": UUID(int=0), "name": "早"})
    second = read(session, ["id"], first.next, 30, False)
    assert len({*first.items, *second.items}) == 23


def test_an_empty_list_is_one_empty_page(session: Session) -> None:
    session.connection().execute(ROWS.delete())
    assert read(session, ["id"], None, 10, False) == Page(items=[], next=None)


@pytest.mark.parametrize(
    "text",
    ["", "%%", "轴承", "AAAA", encode_cursor([]), encode_cursor([1, 2]), encode_cursor(["x"]), encode_cursor([1])],
)
def test_a_cursor_that_is_none_of_ours(session: Session, text: str) -> None:
    with pytest.raises(Problem) as raised:
        read(session, ["id"], text, 10, False)
    assert (raised.value.status, raised.value.kind) == (400, "bad-cursor")


def test_cursors_keep_values() -> None:
    identifier = new_id()
    cursor = encode_cursor([identifier, Decimal("12.30"), date(2026, 1, 2), 5, "轴承"])
    assert decode_cursor(cursor) == [str(identifier), "12.30", "2026-01-02", 5, "轴承"]
