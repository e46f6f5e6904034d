"""What holds of every import: the order of rows and sheets does not matter, a second time changes nothing, and
all-or-nothing is either all or nothing."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.imports import service
from services.catalog.imports.outcomes import Mode
from services.catalog.imports.schemas import ImportReport
from shared.codes.credit_code import make
from shared.security.actor import Actor, Role
from tests.spreadsheets import Sheets, xlsx

Empty = Callable[[], AbstractContextManager[Session]]

REVIEWER = Actor("reviewer", Role.REVIEWER)
EXAMPLES = settings(max_examples=10, suppress_health_check=list(HealthCheck))

FIRMS = [make(serial) for serial in range(1, 5)]
PARTS = ["A", "B", "C", "D"]
SOMETIMES_BAD = st.one_of(st.integers(1, 9), st.integers(1, 9), st.sampled_from([-1, "几个", None, "3,000"]))

firm = st.sampled_from(FIRMS)
product = st.sampled_from(["P1", "P2"])
part = st.sampled_from(PARTS)

HEADS = {
    "企业": ["统一社会信用代码", "企业名称", "角色", "所在地区", "从业人员"],
    "主导产品": ["产品编码", "产品名称", "链主统一社会信用代码", "年产量"],
    "物料清单": ["产品编码", "上级编码", "零部件编码", "零部件名称", "单位用量"],
    "配套需求": ["产品编码", "零部件编码", "零部件名称", "单价（元）"],
    "采购台账": [
        "链主统一社会信用代码",
        "单据号",
        "零部件编码",
        "供应商统一社会信用代码",
        "期间",
        "金额（元，不含税）",
    ],
    "供给能力": ["供应商统一社会信用代码", "产品或工艺", "年剩余产能", "产能单位"],
}
ROWS = {
    "企业": st.tuples(
        firm,
        st.sampled_from(["甲（虚构）", "乙（虚构）"]),
        st.just("链主企业、供应商"),
        st.sampled_from(["青岛", "火星", None]),
        SOMETIMES_BAD,
    ),
    "主导产品": st.tuples(product, st.just("整机"), st.one_of(firm, st.none()), SOMETIMES_BAD),
    "物料清单": st.tuples(product, st.one_of(st.none(), part), part, st.just("件"), SOMETIMES_BAD),
    "配套需求": st.tuples(product, part, st.just("件"), SOMETIMES_BAD),
    "采购台账": st.tuples(
        firm, st.sampled_from(["F1", "F2"]), part, st.one_of(firm, st.none()), st.just("2025"), SOMETIMES_BAD
    ),
    "供给能力": st.tuples(
        firm,
        st.sampled_from(["连杆", "曲轴", "平衡项目", "废料"]),
        SOMETIMES_BAD,
        st.sampled_from(["件", "万元", "堆"]),
    ),
}


@st.composite
def workbooks(draw: st.DrawFn) -> Sheets:
    """Workbooks with good, bad, repeated, contradicting and circular rows."""
    return {title: [HEADS[title], *draw(st.lists(rows, min_size=1, max_size=8))] for title, rows in ROWS.items()}


@EXAMPLES
@given(workbooks(), st.integers(0, 2**32))
def test_the_order_of_rows_and_sheets_does_not_matter(empty_catalog: Empty, sheets: Sheets, seed: int) -> None:
    chance = random.Random(seed)
    titles = chance.sample(list(sheets), len(sheets))
    mixed = {title: [sheets[title][0], *chance.sample(sheets[title][1:], len(sheets[title]) - 1)] for title in titles}
    with empty_catalog() as session:
        report = take(session, sheets)
        state = state_of(session)
    with empty_catalog() as session:
        assert counts(take(session, mixed)) == counts(report)
        assert state_of(session) == state


@EXAMPLES
@given(workbooks())
def test_the_same_file_a_second_time_changes_nothing(empty_catalog: Empty, sheets: Sheets) -> None:
    with empty_catalog() as session:
        first = take(session, sheets)
        state, told = state_of(session), outbox(session)
        second = take(session, sheets)
        assert state_of(session) == state
        assert outbox(session) == told
    assert [(sheet.created, sheet.changed) for sheet in second.sheets] == [(0, 0)] * len(second.sheets)
    assert [sheet.unchanged for sheet in second.sheets] == [sheet.created for sheet in first.sheets]
    assert second.problems == first.problems


@EXAMPLES
@given(workbooks())
def test_all_or_nothing_writes_all_or_nothing(empty_catalog: Empty, sheets: Sheets) -> None:
    with empty_catalog() as session:
        valid = take(session, sheets)
        written = state_of(session)
    with empty_catalog() as session:
        report = take(session, sheets, Mode.ALL_OR_NOTHING)
        refused = sum(sheet.refused for sheet in valid.sheets)
        assert report.applied is (refused == 0)
        assert state_of(session) == (written if refused == 0 else {name: [] for name in written})
        assert outbox(session) > 0 if refused == 0 else outbox(session) == 0
    assert counts(report) == counts(valid)


@EXAMPLES
@given(workbooks())
def test_every_row_has_one_outcome_and_every_refused_row_a_reason(empty_catalog: Empty, sheets: Sheets) -> None:
    with empty_catalog() as session:
        report = take(session, sheets)
    for sheet in report.sheets:
        assert sheet.rows == len(sheets[sheet.sheet]) - 1
        with_reason = {problem.row for problem in report.problems if problem.sheet == sheet.sheet}
        assert len(with_reason) == sheet.refused + sheet.to_be_looked_at
    assert all(problem.message and problem.remedy for problem in report.problems)


def take(session: Session, sheets: Sheets, mode: Mode = Mode.VALID_ROWS) -> ImportReport:
    return service.import_file(session, REVIEWER, "数据.xlsx", xlsx(sheets), mode)


def counts(report: ImportReport) -> dict[str, Any]:
    return {sheet.sheet: sheet.model_dump() for sheet in report.sheets}


def outbox(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM outbox")).scalar_one())


TABLES = ("enterprises", "products", "bom_lines", "needs", "purchases", "capabilities")
NAMES = """
    SELECT id, credit_code AS name FROM enterprises UNION ALL SELECT id, code FROM products
"""


def state_of(session: Session) -> dict[str, list[str]]:
    """What is stored, by natural keys: without ids and times, and in an order of its own."""
    names: dict[UUID, str] = {row.id: row.name for row in session.execute(text(NAMES))}
    return {
        table: sorted(_row(row, names) for row in session.execute(text(f"SELECT * FROM {table}"))) for table in TABLES
    }


def _row(row: Any, names: dict[UUID, str]) -> str:
    hidden = ("id", "created_at", "updated_at", "version")
    values = {name: value for name, value in row._mapping.items() if name not in hidden}
    return repr({name: names.get(value, value) if isinstance(value, UUID) else value for name, value in values.items()})
