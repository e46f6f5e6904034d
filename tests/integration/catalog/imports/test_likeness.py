"""Rows of new enterprises that say which registered ones have names like theirs, before anything is written."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from services.catalog.imports import service
from services.catalog.imports.outcomes import Mode
from services.catalog.imports.schemas import ImportRowOut
from services.catalog.imports.stepwise import steps
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.spreadsheets import csv_bytes

REVIEWER = Actor("reviewer", Role.REVIEWER)
HEADINGS = ["统一社会信用代码", "企业名称", "角色"]


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    with catalog_database.session() as opened:
        registered = csv_bytes([HEADINGS, [make(1), "青岛海纳轴承制造有限公司（虚构）", "供应商"]])
        service.import_file(opened, REVIEWER, "企业.csv", registered)
        yield opened


def rows(session: Session, *names: str) -> dict[str, ImportRowOut]:
    table = csv_bytes([HEADINGS, *([make(number), name, "供应商"] for number, name in enumerate(names, start=2))])
    report = steps.preview(session, REVIEWER, steps.upload(session, REVIEWER, "企业.csv", table).id)
    before = {
        row.raw["企业名称"]: row for row in service.page_rows(session, REVIEWER, report.id, None, None, 100).items
    }
    steps.apply(session, REVIEWER, report.id, Mode.VALID_ROWS)
    after = {row.raw["企业名称"]: row for row in service.page_rows(session, REVIEWER, report.id, None, None, 100).items}
    told = {name: [each.name for each in row.similar] for name, row in before.items()}
    assert told == {name: [each.name for each in row.similar] for name, row in after.items()}
    return before


def test_a_near_namesake_is_flagged_in_the_preview_and_no_other(session: Session) -> None:
    found = rows(session, "青岛海纳轴承制造股份有限公司（虚构）", "潍坊远山铸造有限公司（虚构）")
    (alike,) = found["青岛海纳轴承制造股份有限公司（虚构）"].similar
    assert (alike.name, alike.credit_code, alike.score) == ("青岛海纳轴承制造有限公司（虚构）", make(1), 100)
    assert found["潍坊远山铸造有限公司（虚构）"].similar == []
