"""Files that cannot be read, each with the words that the user gets; and what can be read in many encodings."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from services.catalog.imports.files import reading, workbook_files
from services.catalog.imports.files.reading import read_file
from services.catalog.imports.files.workbook_files import ERROR, FORMULA
from services.catalog.imports.outcomes import FileProblem
from tests.spreadsheets import csv_bytes, saved, xlsx

ROWS = [["集群编码", "集群名称"], ["JQ1", "动力装备（虚构）"]]
BOOK = xlsx({"集群": ROWS})
SHEET = BOOK.index(b"xl/worksheets/sheet1.xml") + 60
OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def problem(filename: str, content: bytes) -> tuple[str, str, str]:
    with pytest.raises(FileProblem) as caught:
        read_file(filename, content)
    return caught.value.code, caught.value.message, caught.value.remedy


def repacked(change: dict[str, bytes | None]) -> bytes:
    """The workbook with parts of its archive replaced, or left out (None)."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in change.items():
            if name not in old.namelist() and content is not None:
                new.writestr(name, content)
    return stream.getvalue()


class TestFilesThatCannotBeRead:
    def test_empty(self) -> None:
        assert problem("企业.xlsx", b"") == ("empty_file", "文件是空的（0 字节）", "请确认文件已保存，再重新上传")

    @pytest.mark.parametrize(
        ("name", "remedy"),
        [
            ("企业.xls", "这是旧版 Excel 格式，请在 Excel 或 WPS 中另存为“Excel 工作簿（.xlsx）”"),
            ("企业.xlsm", "这是带宏的工作簿，请另存为不带宏的 .xlsx"),
            ("企业.et", "这是 WPS 表格格式，请另存为 .xlsx"),
            ("企业.pdf", "请另存为 .xlsx 或 .csv 后再上传"),
        ],
    )
    def test_wrong_extension(self, name: str, remedy: str) -> None:
        suffix = name.removeprefix("企业")
        message = f"不支持的文件类型“{suffix}”，只接受 .xlsx 和 .csv"
        assert problem(name, OLD_EXCEL) == ("wrong_extension", message, remedy)

    def test_no_extension(self) -> None:
        assert problem("企业", b"x")[1] == "不支持的文件类型“（没有扩展名）”，只接受 .xlsx 和 .csv"

    def test_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "MAX_BYTES", 2 * 2**20)
        assert problem("a.csv", b"x" * (2 * 2**20 + 1)) == (
            "file_too_large",
            "文件超过 2 MB",
            "请按产品或期间拆成几个文件，分次导入",
        )

    def test_old_excel_or_password_behind_xlsx(self) -> None:
        assert problem("企业.xlsx", OLD_EXCEL) == (
            "not_xlsx",
            "文件加了密码，或是旧版 .xls 改了扩展名",
            "请去掉打开密码，并另存为 .xlsx 后再上传",
        )

    def test_text_behind_xlsx(self) -> None:
        assert problem("企业.xlsx", "编码,名称".encode()) == (
            "not_xlsx",
            "扩展名是 .xlsx，内容却不是",
            "请用 Excel 或 WPS 打开原文件，另存为 .xlsx",
        )

    def test_workbook_behind_csv(self) -> None:
        assert problem("企业.csv", BOOK) == (
            "not_csv",
            "扩展名是 .csv，内容却是 Excel 工作簿",
            "请把扩展名改为 .xlsx，或在 Excel 中另存为 .csv",
        )

    @pytest.mark.parametrize(
        "content",
        [
            BOOK[: len(BOOK) // 2],
            BOOK[:-30],
            BOOK[:SHEET] + bytes(100) + BOOK[SHEET + 100 :],
            repacked({"xl/workbook.xml": b"<workbook><sheets>"}),
            repacked({"xl/workbook.xml": None}),
            repacked({"xl/_rels/workbook.xml.rels": b""}),
            repacked({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row r='1'><c r="}),
        ],
    )
    def test_a_damaged_workbook(self, content: bytes) -> None:
        code, message, remedy = problem("企业.xlsx", content)
        assert code == "corrupted"
        assert message.startswith("工作簿已损坏")
        assert remedy.startswith("请用 Excel 或 WPS 打开并修复")

    def test_macros(self) -> None:
        assert problem("企业.xlsx", repacked({"xl/vbaProject.bin": b"x"}))[0] == "has_macros"

    def test_a_bomb(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook_files, "MAX_UNPACKED", 2**20)
        assert problem("企业.xlsx", repacked({"xl/media/image1.png": bytes(2**20 + 1)})) == (
            "too_large_unpacked",
            "工作簿展开后超过 1 MB",
            "请删去多余的工作表、图片和空白行列，或拆成几个文件",
        )

    def test_two_cells_far_apart_are_refused_before_they_are_laid_out(self) -> None:
        book = Workbook()
        book.active.title = "企业"
        book.active["A1"] = "编码"
        book.active["XFD1048576"] = " "
        assert problem("企业.xlsx", saved(book)) == (
            "too_many_cells",
            "工作表“企业”的使用区域有 1048576 行 × 16384 列，过大",
            "请删去数据以外的行和列（常见：最末行、最末列有格式或空格），或拆成几个文件",
        )

    def test_other_encodings(self) -> None:
        expected = ("wrong_encoding", "文件编码不是 UTF-8 或 GB18030", "请另存为“CSV UTF-8（逗号分隔）”后再上传")
        assert problem("企业.csv", "编码,名称".encode("utf-16")) == expected
        assert problem("企业.csv", b"a,b\n\xff\xff\xff") == expected

    def test_an_open_quote(self) -> None:
        assert problem("企业.csv", '编码,"名称\n1,2'.encode()) == (
            "corrupted",
            "CSV 的引号或分隔不完整，无法读取",
            "请在 Excel 中重新另存为 .csv",
        )


class TestWhatIsRead:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312"])
    def test_csv_in_the_encodings_of_the_trade(self, encoding: str) -> None:
        (sheet,) = read_file("集群.csv", csv_bytes(ROWS, encoding))
        assert (sheet.title, sheet.rows) == ("集群", ROWS)

    @pytest.mark.parametrize("delimiter", [",", "\t", ";"])
    def test_separators(self, delimiter: str) -> None:
        (sheet,) = read_file("集群.csv", csv_bytes(ROWS, delimiter=delimiter))
        assert sheet.rows == ROWS

    def test_a_line_break_inside_quotes(self) -> None:
        (sheet,) = read_file("a.csv", '编码,名称\r\n1,"上\n下"\r\n'.encode())
        assert sheet.rows == [["编码", "名称"], ["1", "上\n下"]]

    def test_sheets_in_their_order_with_rows_counted_from_the_top(self) -> None:
        book = Workbook()
        book.active.title = "企业"
        book.active["B3"] = "名称"
        book.create_sheet("集群")
        sheets = read_file("a.xlsx", saved(book))
        assert [sheet.title for sheet in sheets] == ["企业", "集群"]
        assert sheets[0].rows[2] == ["", "名称"]
        assert sheets[1].rows == []

    def test_dates_numbers_and_texts_keep_their_kind(self) -> None:
        (sheet,) = read_file("a.xlsx", xlsx({"a": [["x", 1.5, date(2025, 7, 1), "007", True]]}))
        assert sheet.rows == [["x", 1.5, date(2025, 7, 1), "007", True]]

    def test_formulas_without_a_value_and_error_values_are_told(self) -> None:
        book = Workbook()
        book.active.append(["编码", "=1+1", "x"])
        book.active["C1"].data_type = "e"
        book.active["C1"].value = "#REF!"
        (sheet,) = read_file("a.xlsx", saved(book))
        assert sheet.troubles == {(0, 1): FORMULA, (0, 2): ERROR}

    def test_merged_cells_are_told(self) -> None:
        book = Workbook()
        book.active.append(["编码", None, "名称"])
        book.active.merge_cells("A1:B1")
        (sheet,) = read_file("a.xlsx", saved(book))
        assert sheet.merged == [((0, 0), (0, 1))]
