"""Tables as files: what people type never becomes a formula, and what is a number stays one."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import IO

import pytest
from openpyxl import load_workbook

from shared.spreadsheets import writing
from shared.spreadsheets.writing import Table, TooManyRows, escaped, write_text, write_workbook

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")']
TABLE = Table(
    "需求/列表",
    ["名称", "数量", "日期"],
    [["=1+1", Decimal("1.50"), date(2026, 1, 2)], [None, -3, None]],
    [("条件", "=无")],
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_looks_like_a_formula_is_told_to_be_text(text: str) -> None:
    assert escaped(text) == f"'{text}"


@pytest.mark.parametrize("text", ["铝合金", "1-2", "a=b", ""])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize("write", [write_text, write_workbook])
def test_control_characters_stop_no_export(write: Callable[[IO[bytes], Table], None]) -> None:
    table = Table("列表", ["名称"], [["示例\x0b厂"], ["\x00=1+1"]], [("条件", "q=\x0b")])
    write(io.BytesIO(), table)
    assert (escaped("示例\x0b厂"), escaped("\x00=1+1")) == ("示例厂", "'=1+1")


def test_a_workbook_has_the_rows_and_what_is_to_be_said_with_them() -> None:
    file = io.BytesIO()
    write_workbook(file, TABLE)
    book = load_workbook(file)
    assert book.sheetnames == ["需求 列表", "说明"]
    rows = [[cell.value for cell in row] for row in book["需求 列表"].iter_rows()]
    assert rows[0] == ["名称", "数量", "日期"]
    assert rows[1][:2] == ["'=1+1", 1.5]
    assert rows[2][:2] == [None, -3]
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert book["说明"]["B1"].value == "'=无"


def test_text_opens_in_excel_and_keeps_every_digit() -> None:
    file = io.BytesIO()
    write_text(file, TABLE)
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))
    assert rows == [["名称", "数量", "日期"], ["'=1+1", "1.50", "2026-01-02"], ["", "-3", ""]]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_ROWS", 2)
    with pytest.raises(TooManyRows):
        write_workbook(io.BytesIO(), TABLE)
