"""The files: headings of the templates, the ledger in GB18030, and every row read by the importer's own reader."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from services.catalog.imports.cleaning.rows import read_rows
from services.catalog.imports.files.reading import read_file
from services.catalog.imports.headings.layout import kind_of_title, own_layout
from services.catalog.imports.outcomes import Outcome
from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.seed import Scale, Summary, write_province
from services.catalog.seed.province import province
from services.catalog.seed.sheets import ENCODING, file_name, write_file


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """A province in a folder that did not exist before."""
    return write_province(tmp_path_factory.mktemp("省 份") / "input", "small", 1)


def test_there_is_a_file_of_every_kind_and_nothing_else(written: Summary) -> None:
    names = {path.name for path in written.folder.iterdir()}
    assert names == set(written.rows)
    assert {Path(name).stem for name in names} == {TEMPLATES[kind].title for kind in province(Scale.SMALL, 1)}
    assert "采购台账.csv" in names and "企业.xlsx" in names


def test_the_ledger_is_what_an_old_erp_exports(written: Summary) -> None:
    content = (written.folder / "采购台账.csv").read_bytes()
    assert "供应商所在地" in content.decode(ENCODING).splitlines()[0]
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_the_importer_refuses_no_row_and_sets_few_aside(written: Summary) -> None:
    for path in written.folder.iterdir():
        [sheet] = read_file(path.name, path.read_bytes())
        kind = kind_of_title(sheet.title)
        assert kind is not None
        layout = own_layout(sheet, kind)
        rows = read_rows(layout)
        assert not layout.problems
        assert len(rows) == written.rows[path.name]
        outcomes = [row.outcome for row in rows]
        assert Outcome.REFUSED not in outcomes
        assert outcomes.count(Outcome.TO_BE_LOOKED_AT) < 20


def test_credit_codes_are_text_and_quantities_are_numbers(written: Summary) -> None:
    sheet = load_workbook(written.folder / "供给能力.xlsx", read_only=True).active
    assert sheet is not None
    headings, first = list(sheet.iter_rows(max_row=2, values_only=True))
    row = dict(zip(headings, first, strict=True))
    assert isinstance(row["供应商统一社会信用代码"], str)
    assert isinstance(row["年剩余产能"], int)


def test_writing_again_leaves_the_same_cells(written: Summary, tmp_path: Path) -> None:
    sheets = province(Scale.SMALL, 1)
    for kind in (ImportKind.CERTIFICATES, ImportKind.PURCHASES):
        write_file(tmp_path, kind, sheets[kind])
        name = file_name(kind)
        assert read_file(name, (tmp_path / name).read_bytes()) == read_file(name, (written.folder / name).read_bytes())


def test_an_unknown_scale_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="galactic"):
        write_province(tmp_path, "galactic", 1)
