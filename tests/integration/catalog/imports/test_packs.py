"""Rows kept in packs, and beside them those that wait for a decision: read as one list, in the order of the file."""

from uuid import UUID

import pytest
from sqlmodel import Session

from services.catalog.enterprises.schemas import EnterpriseWrite
from services.catalog.enterprises.service import upsert_enterprises
from services.catalog.imports import service
from services.catalog.imports.outcomes import Outcome
from services.catalog.imports.schemas import ImportRowOut
from services.catalog.imports.stepwise import inbox, packs
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.spreadsheets import csv_bytes

REVIEWER = Actor("reviewer", Role.REVIEWER)
HEADINGS = ["供应商统一社会信用代码", "能力编码", "产品或工艺", "单价（元）", "备注"]
NAMES = ["法兰", "商品房租赁", "轴承座", "法兰", "配件", "齿轮", "其他", "阀体", "泵体"]
"""Of these two are refused, one is to be looked at, and one says again what an earlier one said."""


@pytest.fixture
def session(catalog_database: Database, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(packs, "PACK", 2)
    opened = catalog_database.session()
    firm = EnterpriseWrite(credit_code=make(1), name="第一厂（虚构）", is_chain_leader=False, is_supplier=True)
    upsert_enterprises(opened, REVIEWER, [firm])
    opened.commit()
    return opened


def imported(session: Session) -> UUID:
    rows = [[make(1), f"C{NAMES.index(name)}", name, "", "赠" if name == "齿轮" else ""] for name in NAMES]
    return service.import_file(session, REVIEWER, "供给能力.csv", csv_bytes([HEADINGS, *rows])).id


def listed(session: Session, id: UUID, outcome: Outcome | None, limit: int) -> list[ImportRowOut]:
    found: list[ImportRowOut] = []
    after: str | None = None
    while True:
        page = service.page_rows(session, REVIEWER, id, outcome, after, limit)
        found += page.items
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_all_rows_come_in_their_order_however_they_are_kept(session: Session, limit: int) -> None:
    with session:
        id = imported(session)
        rows = listed(session, id, None, limit)
        assert [row.row for row in rows] == [2, 3, 4, 6, 7, 8, 9, 10]
        assert [row.id for row in rows] == sorted({row.id for row in rows})
        gear = rows[4]
        assert gear.raw == {HEADINGS[0]: make(1), HEADINGS[1]: "C5", HEADINGS[2]: "齿轮", "备注": "赠"}
        assert gear.cleaned is not None
        assert (gear.cleaned["name"], gear.cleaned["unit_price"]) == ("齿轮", None)
        for outcome in Outcome:
            of_one = [row for row in rows if row.outcome is outcome]
            assert listed(session, id, outcome, limit) == of_one
        assert [row.problems[0].code for row in rows if row.outcome is Outcome.REFUSED] == [
            "letting",
            "accounting_line",
        ]


def test_a_packed_row_waits_for_nobody(session: Session) -> None:
    with session:
        id = imported(session)
        for row in listed(session, id, None, 100):
            if row.outcome is not Outcome.TO_BE_LOOKED_AT:
                with pytest.raises(Problem, match="不在待查看之列"):
                    inbox.refuse(session, REVIEWER, row.id, "不是产品")
        (waiting,) = listed(session, id, Outcome.TO_BE_LOOKED_AT, 100)
        assert inbox.refuse(session, REVIEWER, waiting.id, "不是产品").decided_by == "reviewer"
        report = service.get(session, REVIEWER, id)
        assert [(sheet.created, sheet.refused, sheet.to_be_looked_at) for sheet in report.sheets] == [(5, 3, 0)]
