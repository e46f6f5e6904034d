"""A preview that packed what it would write: applied as it is while nothing that it stands on has changed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.enterprises.schemas import EnterpriseWrite
from services.catalog.enterprises.service import upsert_enterprises
from services.catalog.imports.outcomes import Mode
from services.catalog.imports.schemas import ImportReport
from services.catalog.imports.stepwise import parcels, steps
from services.catalog.imports.stepwise.undoing import undo
from shared.codes.credit_code import make
from shared.contracts.v1 import CapabilityV1
from shared.db.database import Database
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.spreadsheets import csv_bytes

REVIEWER = Actor("reviewer", Role.REVIEWER)
HEADINGS = [
    "供应商统一社会信用代码",
    "能力编码",
    "产品或工艺",
    "能力描述",
    "参数范围",
    "年剩余产能",
    "产能单位",
    "单价（元）",
]
ROWS = 250
"""More than go in one statement."""


@pytest.fixture
def session(catalog_database: Database) -> Session:
    opened = catalog_database.session()
    firm = EnterpriseWrite(credit_code=make(1), name="第一厂（虚构）", is_chain_leader=False, is_supplier=True)
    upsert_enterprises(opened, REVIEWER, [firm])
    opened.commit()
    return opened


def table(price: str = "12.50", rows: int = ROWS) -> bytes:
    odd = '深沟球轴承\\"n'
    offers = [[make(1), f"C{at}", "法兰", odd, "外径 1~2 m", "0.5", "万元", price] for at in range(rows)]
    return csv_bytes([HEADINGS, *offers])


def previewed(session: Session, content: bytes) -> ImportReport:
    return steps.preview(session, REVIEWER, steps.upload(session, REVIEWER, "供给能力.csv", content).id)


def counts(report: ImportReport) -> tuple[int, int, int]:
    (sheet,) = report.sheets
    return sheet.created, sheet.changed, sheet.unchanged


def kept(session: Session, report: ImportReport) -> int:
    return parcels.count(session, report.id)


def rows_of(session: Session, query: str) -> list[Any]:
    return list(session.execute(text(query)).mappings())


@pytest.fixture
def never_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where rows are decided a second time."""

    def refuse(*_: Any) -> None:
        raise AssertionError("decided anew")

    monkeypatch.setattr(steps, "_decided_anew", refuse)


@pytest.mark.usefixtures("never_anew")
def test_what_was_packed_is_written_with_history_and_told_as_it_stands(session: Session) -> None:
    with session:
        report = previewed(session, table())
        assert kept(session, report) == 1
        assert counts(steps.apply(session, REVIEWER, report.id, Mode.VALID_ROWS)) == (ROWS, 0, 0)
        assert kept(session, report) == 0
        stored = {row["id"]: row for row in rows_of(session, "SELECT * FROM capabilities")}
        told = rows_of(session, "SELECT * FROM outbox WHERE kind = 'capability' ORDER BY id")
        assert len(stored) == len(told) == ROWS
        assert stored[told[0]["entity_id"]]["spare_capacity"] == Decimal("5000.000")
        for event in told:
            assert CapabilityV1.model_validate(event["data"]) == CapabilityV1.model_validate(stored[event["entity_id"]])
        signed = rows_of(session, "SELECT DISTINCT actor, import_id, op FROM history WHERE kind = 'capability'")
        assert signed == [{"actor": "reviewer", "import_id": report.id, "op": "insert"}]


@pytest.mark.usefixtures("never_anew")
def test_changed_rows_go_in_place_of_what_is_there(session: Session) -> None:
    with session:
        first = previewed(session, table())
        steps.apply(session, REVIEWER, first.id, Mode.VALID_ROWS)
        second = previewed(session, table("13", rows=ROWS - 1))
        assert counts(steps.apply(session, REVIEWER, second.id, Mode.VALID_ROWS)) == (0, ROWS - 1, 0)
        found = rows_of(session, "SELECT version, unit_price, count(*) FROM capabilities GROUP BY 1, 2 ORDER BY 1")
        assert [tuple(row.values()) for row in found] == [(1, Decimal("12.5"), 1), (2, Decimal(13), ROWS - 1)]
        events = rows_of(session, "SELECT version, data ->> 'unit_price' AS price FROM outbox ORDER BY id DESC LIMIT 1")
        assert events == [{"version": 2, "price": "13.0000"}]
        assert rows_of(session, "SELECT id FROM capabilities WHERE updated_at < created_at") == []
        undo(session, REVIEWER, second.id, "传错了")
        assert rows_of(session, "SELECT DISTINCT unit_price FROM capabilities") == [{"unit_price": Decimal("12.5")}]


def test_where_what_they_stand_on_has_changed_rows_are_decided_anew(session: Session) -> None:
    with session:
        report = previewed(session, table())
        other = previewed(session, csv_bytes([HEADINGS, [make(1), "C0", "法兰", "", "", "", "", "9"]]))
        steps.apply(session, REVIEWER, other.id, Mode.VALID_ROWS)
        with pytest.raises(Problem, match="预览之后数据有变动"):
            steps.apply(session, REVIEWER, report.id, Mode.VALID_ROWS)
        assert kept(session, report) == 0
        assert counts(steps.apply(session, REVIEWER, report.id, Mode.VALID_ROWS)) == (ROWS - 1, 1, 0)


def test_parcels_that_a_crash_took_are_not_missed(session: Session) -> None:
    with session:
        report = previewed(session, table())
        session.execute(text("DELETE FROM import_parcels"))
        session.commit()
        assert counts(steps.apply(session, REVIEWER, report.id, Mode.VALID_ROWS)) == (ROWS, 0, 0)
        assert len(rows_of(session, "SELECT 1 FROM outbox WHERE kind = 'capability'")) == ROWS


@pytest.mark.parametrize(
    "end",
    [
        lambda session, id: steps.cancel(session, REVIEWER, id),
        lambda session, id: steps.preview(session, Actor("lead", Role.REVIEWER), id),
    ],
)
def test_parcels_end_with_their_preview(session: Session, end: Callable[[Session, Any], ImportReport]) -> None:
    with session:
        report = previewed(session, table())
        before = rows_of(session, "SELECT content FROM import_parcels ORDER BY number")
        end(session, report.id)
        assert rows_of(session, "SELECT content FROM import_parcels ORDER BY number") != before
