"""Texts that an export kept from being formulas come back as they were, in every kind of row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.imports.cleaning.fields import columns
from services.catalog.imports.files.reading import RawSheet
from services.catalog.imports.plan import plan_import
from services.catalog.imports.templates import TEMPLATES, ImportKind
from shared.codes.credit_code import make
from shared.spreadsheets.writing import escaped, unescaped

FORMULA = "=HYPERLINK(1)"
GIVEN = {
    "credit_code": make(1),
    "enterprise": make(1),
    "supplier": make(2),
    "leader": make(1),
    "owner": make(1),
    "owned": make(2),
    "roles": "供应商",
    "region": "山东省青岛市",
    "scheme": "ISO 9001",
    "valid_until": "2027-01-01",
    "title": "专精特新中小企业",
    "stance": "优先",
    "tier": "省级",
    "cities": "青岛",
    "period": "2025",
    "amount": "5",
}
TEXTS = {"name", "part_name", "text", "scope", "issuer", "reason", "supplier_name", "short_name"}
CODES = {"code", "part_code", "number", "document", "product", "cluster", "parent"}


def row_of(kind: ImportKind) -> dict[str, str]:
    """A row of a kind with every text and every code as an export writes one that begins like a formula."""
    fields = [name for name in columns(kind) if name in GIVEN or name in TEXTS | CODES]
    return {name: GIVEN.get(name) or escaped(f"{FORMULA} {name}") for name in fields if name != "source_key"}


@pytest.mark.parametrize("kind", ImportKind)
def test_every_kind_reads_what_was_escaped(kind: ImportKind) -> None:
    row = row_of(kind)
    headings = [columns(kind)[name].heading for name in row]
    plan = plan_import(
        f"{TEMPLATES[kind].title}.csv", [RawSheet(TEMPLATES[kind].title, [headings, list(row.values())])]
    )
    (read,) = plan.rows[kind]
    assert [problem.message for problem in read.problems if problem.code != "unnamed"] == []
    for name in row.keys() & (TEXTS | CODES):
        assert read.values[name] == f"{FORMULA} {name}"
        # as it was sent it is kept
        assert read.raw[columns(kind)[name].heading].startswith("'=")


@given(st.text(alphabet="'=+-@ab中\t\n"))
def test_what_was_put_in_front_is_taken_away_and_no_more(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_a_formula_that_nobody_escaped_is_refused() -> None:
    sheet = RawSheet("集群", [["集群编码", "集群名称", "层级", "所含城市"], ["C1", "=A1", "省级", "青岛"]])
    (row,) = plan_import("集群.csv", [sheet]).rows[ImportKind.CLUSTERS]
    assert [problem.message for problem in row.problems] == ["单元格是公式的文字，不是内容"]
