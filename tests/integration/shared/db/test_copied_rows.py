"""Rows written by COPY read back as what they were: text, nulls, lists, JSON, decimals; what upserts say of them."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from services.catalog.capabilities.models import Capability
from services.catalog.clusters.models import Cluster
from services.catalog.enterprises.models import Enterprise
from shared.db.copy import FEW, Columns, Same, copy_columns
from shared.db.database import Database
from shared.db.ids import new_ids
from shared.db.upserts import Change, find, sql_table, upsert, watching

ODD = ["a\tb", "line\nbreak\r\n", "back\\slash \\N", '"quoted", {braces}', "携手 😀", " ", "\\"]


@pytest.fixture
def session(catalog_database: Database) -> Session:
    return catalog_database.session()


def firm(session: Session) -> Enterprise:
    made = Enterprise(credit_code="X", name="某厂（虚构）", is_supplier=True)
    session.add(made)
    session.flush()
    return made


def test_whatever_a_text_holds_it_comes_back(session: Session) -> None:
    with session:
        owner = firm(session)
        rows = [
            {
                "supplier_id": owner.id,
                "code": str(at),
                "name": odd,
                "text": odd,
                "parameters": [{"name": odd, "low": None}],
            }
            for at, odd in enumerate(ODD)
        ]
        upsert(session, Capability, ("supplier_id", "code"), rows)
        stored = session.exec(select(Capability).order_by(Capability.code)).all()
        assert [row.text for row in stored] == ODD
        assert [row.parameters[0]["name"] for row in stored] == ODD
        assert {row.unit_price for row in stored} == {None}


def test_lists_and_what_is_in_them(session: Session) -> None:
    with session:
        upsert(
            session,
            Cluster,
            ("code",),
            [{"code": "C", "name": "集群", "tier": "world", "cities": ['a"b', "c,d", "e\\f"]}],
        )
        assert session.exec(select(Cluster)).one().cities == ['a"b', "c,d", "e\\f"]


def test_what_is_told_of_a_row_is_what_the_table_has(session: Session) -> None:
    with session:
        owner = firm(session)
        given = {
            "supplier_id": owner.id,
            "code": "N",
            "name": "法兰",
            "unit_price": Decimal("1.5"),
            "moq": Decimal("1E+3"),
        }
        for change in (Change.CREATED, Change.CHANGED):
            written = upsert(session, Capability, ("supplier_id", "code"), [given])
            stored = session.execute(text("SELECT * FROM capabilities")).mappings().one()
            assert [outcome.change for outcome in written.outcomes] == [change]
            assert written.rows == [dict(stored)]
            assert str(written.rows[0]["unit_price"]) == str(stored["unit_price"])
            given = given | {"unit_price": Decimal("2.25"), "text": "锻造"}
        assert upsert(session, Capability, ("supplier_id", "code"), [given]).outcomes[0].change is Change.UNCHANGED


def test_a_watched_session_notes_differences_and_may_only_compare(session: Session) -> None:
    with session:
        owner = firm(session)
        given = {"supplier_id": owner.id, "code": "N", "name": "法兰"}
        with watching(session, only_compare=True):
            assert upsert(session, Capability, ("supplier_id", "code"), [given]).outcomes[0].change is Change.CREATED
        assert session.exec(select(Capability)).all() == []
        upsert(session, Capability, ("supplier_id", "code"), [given])
        with watching(session) as watch:
            (outcome,) = upsert(session, Capability, ("supplier_id", "code"), [given | {"name": "盲法兰"}]).outcomes
        assert watch.differences == {outcome.id: {"name": ("法兰", "盲法兰")}}


def test_text_that_postgresql_does_not_keep(session: Session) -> None:
    with session, pytest.raises(ValueError, match="NUL"):
        copy_columns(session, sql_table(Cluster), {"id": [uuid4()], "code": ["a\0b"]})


def offers(owner: Enterprise, size: int, name: str = "法兰") -> Columns:
    """Capabilities, numbered through."""
    price = Decimal("12.5")
    return {
        "id": new_ids(size),
        "version": Same(1),
        "supplier_id": [owner.id] * size,
        "code": [f"C{at}" for at in range(size)],
        "name": [name] * size,
        "text": Same(""),
        "parameters": Same([]),
        "unit_price": [price if at % 2 else None for at in range(size)],
        "processes": Same([]),
        "materials": Same([]),
    }


@pytest.mark.parametrize("size", [0, 2, FEW, FEW + 1])
def test_rows_are_all_written_whatever_their_number(session: Session, size: int) -> None:
    with session:
        copy_columns(session, sql_table(Capability), offers(firm(session), size))
        stored = session.exec(select(Capability)).all()
        assert {row.code for row in stored} == {f"C{at}" for at in range(size)}
        assert {row.unit_price for row in stored} == ({None, Decimal("12.5")} if size else set())


@pytest.mark.parametrize("size", [3, FEW + 1])
def test_rows_that_cannot_be_written_are_told(session: Session, size: int) -> None:
    with session, pytest.raises(ValueError, match="NUL"):
        copy_columns(session, sql_table(Capability), offers(firm(session), size, name="a\0b"))


def test_rows_are_found_by_their_keys_and_no_others(session: Session) -> None:
    with session:
        owner = firm(session)
        copy_columns(session, sql_table(Capability), offers(owner, 5))
        keys = [(owner.id, "C1"), (owner.id, "C9"), (uuid4(), "C2"), (owner.id, "C4")]
        found = find(session, Capability, ("supplier_id", "code"), keys)
        assert found.keys() == {keys[0], keys[3]}
        assert {row["name"] for row in found.values()} == {"法兰"}
        assert {type(name) for row in found.values() for name in row} == {str}
