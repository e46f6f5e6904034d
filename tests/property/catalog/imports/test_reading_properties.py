"""Whatever bytes come in, the answer is rows or a problem with its remedy, never another exception."""

from hypothesis import example, given
from hypothesis import strategies as st

from services.catalog.imports.files.reading import read_file
from services.catalog.imports.outcomes import FileProblem
from services.catalog.imports.plan import plan_import
from tests.spreadsheets import csv_bytes, xlsx

ROWS = [
    ["统一社会信用代码", "企业名称", "角色", "从业人员"],
    ["91", "甲（虚构）", 1.5, True],
    ["92", "乙", "供应商", 5],
]
BOOK, TEXT = xlsx({"企业": ROWS}), csv_bytes(ROWS, "gb18030")


def changes(content: bytes) -> st.SearchStrategy[list[tuple[int, int]]]:
    place = st.integers(0, len(content) - 1)
    return st.lists(st.tuples(place, st.integers(0, 255)), min_size=1, max_size=6)


def changed(content: bytes, where: list[tuple[int, int]]) -> bytes:
    damaged = bytearray(content)
    for place, byte in where:
        damaged[place] = byte
    return bytes(damaged)


@given(changes(BOOK))
@example([(len(BOOK) - 6, 255), (len(BOOK) - 5, 255)])  # the directory would begin before the file
def test_a_workbook_with_wrong_bytes(where: list[tuple[int, int]]) -> None:
    assert_answered("企业.xlsx", changed(BOOK, where))


@given(changes(TEXT))
def test_a_text_with_wrong_bytes(where: list[tuple[int, int]]) -> None:
    assert_answered("企业.csv", changed(TEXT, where))


@given(st.binary(max_size=300), st.sampled_from(["企业.xlsx", "企业.csv"]))
def test_any_bytes(content: bytes, filename: str) -> None:
    assert_answered(filename, content)
    assert_answered(filename, BOOK[:4] + content)


@given(
    st.lists(st.lists(st.one_of(st.text(max_size=20), st.integers(), st.floats()), min_size=4, max_size=4), max_size=4)
)
def test_any_cells(rows: list[list[object]]) -> None:
    assert_answered("企业.csv", csv_bytes([ROWS[0], *rows], "utf-8"))


def assert_answered(filename: str, content: bytes) -> None:
    try:
        plan = plan_import(filename, read_file(filename, content))
    except FileProblem as problem:
        assert problem.message
        assert problem.remedy
    else:
        assert all(problem.message and problem.remedy for row in plan.all_rows for problem in row.problems)
