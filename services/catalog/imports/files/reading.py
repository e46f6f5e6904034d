"""Reading of files: .xlsx and .csv into sheets of cells, or a FileProblem that says what is wrong with the file.

python-calamine reads the workbook; what it cannot tell (formulas without a value, error values) comes from
`workbook_files`, which looks into the archive first and refuses what would not fit into memory.
"""

import codecs
import csv
import io
from dataclasses import dataclass, field
from pathlib import PurePath

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from services.catalog.imports.cleaning.cells import Cell
from services.catalog.imports.files.workbook_files import MAX_ROWS, Place, cell_troubles, check_archive
from services.catalog.imports.outcomes import FileProblem

MAX_BYTES = 50 * 2**20
MAX_LINE = 500_000
"""Bytes without a line break that no table has; a row of twice the length is seen wherever it begins."""

_STEP = 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"

Area = tuple[Place, Place]


@dataclass(frozen=True)
class RawSheet:
    """A sheet as it was sent: `rows` from its first row and column on, and what is special about single cells.

    `troubles` says which cells hold an error value or a formula without a value; `merged` are areas of cells made one.
    """

    title: str
    rows: list[list[Cell]]
    troubles: dict[Place, str] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)


def read_file(filename: str, content: bytes) -> list[RawSheet]:
    """Return the sheets of a file, which may be empty ones. Raises FileProblem."""
    path = PurePath(filename.replace("\\", "/"))
    check_size(content)
    match path.suffix.lower():
        case ".xlsx":
            return _read_workbook(content)
        case ".csv":
            return [_read_csv(path.stem, content)]
        case suffix:
            raise _wrong_extension(suffix)


def check_size(content: bytes) -> None:
    """Refuse a file that is empty or too large, before anything is done with it. Raises FileProblem."""
    if not content:
        raise FileProblem("empty_file", "文件是空的（0 字节）", "请确认文件已保存，再重新上传")
    if len(content) > MAX_BYTES:
        raise FileProblem("file_too_large", f"文件超过 {MAX_BYTES // 2**20} MB", "请按产品或期间拆成几个文件，分次导入")


def _wrong_extension(suffix: str) -> FileProblem:
    advice = {
        ".xls": "这是旧版 Excel 格式，请在 Excel 或 WPS 中另存为“Excel 工作簿（.xlsx）”",
        ".et": "这是 WPS 表格格式，请另存为 .xlsx",
        ".xlsm": "这是带宏的工作簿，请另存为不带宏的 .xlsx",
        ".xlsb": "这是二进制工作簿，请另存为 .xlsx",
        ".ods": "请另存为 .xlsx",
        ".txt": "请另存为 .csv（逗号分隔）或 .xlsx",
    }
    return FileProblem(
        "wrong_extension",
        f"不支持的文件类型“{suffix or '（没有扩展名）'}”，只接受 .xlsx 和 .csv",
        advice.get(suffix, "请另存为 .xlsx 或 .csv 后再上传"),
    )


def _read_workbook(content: bytes) -> list[RawSheet]:
    if content.startswith(_OLE):
        raise FileProblem(
            "not_xlsx", "文件加了密码，或是旧版 .xls 改了扩展名", "请去掉打开密码，并另存为 .xlsx 后再上传"
        )
    if not content.startswith(_ZIP):
        raise FileProblem("not_xlsx", "扩展名是 .xlsx，内容却不是", "请用 Excel 或 WPS 打开原文件，另存为 .xlsx")
    parts = check_archive(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            _sheet(workbook, meta.name, cell_troubles(_part(parts, meta.name)))
            for meta in workbook.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet
        ]
    except CalamineError as error:
        raise _corrupted() from error


def _part(parts: dict[str, bytes], title: str) -> bytes:
    """Return the XML of a sheet; one whose extent could not be checked is never laid out."""
    if title not in parts:
        raise _corrupted()
    return parts[title]


def _corrupted() -> FileProblem:
    return FileProblem("corrupted", "工作簿已损坏，无法读取", "请用 Excel 或 WPS 打开并修复，另存为 .xlsx 后再上传")


def _sheet(workbook: CalamineWorkbook, title: str, troubles: dict[Place, str]) -> RawSheet:
    sheet = workbook.get_sheet_by_name(title)
    rows: list[list[Cell]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    # the reader ends with the last value; rows of nothing but formulas without one may follow
    rows += [[] for _ in range(len(rows), max((row for row, _ in troubles), default=-1) + 1)]
    return RawSheet(title, rows, troubles, list(sheet.merged_cell_ranges or []))


def _read_csv(title: str, content: bytes) -> RawSheet:
    if content.startswith(_ZIP) or content.startswith(_OLE):
        raise FileProblem(
            "not_csv", "扩展名是 .csv，内容却是 Excel 工作簿", "请把扩展名改为 .xlsx，或在 Excel 中另存为 .csv"
        )
    encoding = _encoding(content)
    if any(_has_no_end(content[start : start + MAX_LINE]) for start in range(0, len(content) - MAX_LINE, MAX_LINE)):
        raise FileProblem(
            "one_long_line",
            f"有一行超过 {MAX_LINE // 1000} KB，不是表格",
            "请确认各行之间有换行；在 Excel 中重新另存为 .csv",
        )
    try:
        lines = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
        rows: list[list[Cell]] = [list(row) for row in csv.reader(lines, _dialect(content, encoding))]
    except csv.Error as error:
        raise FileProblem("corrupted", "CSV 的引号或分隔不完整，无法读取", "请在 Excel 中重新另存为 .csv") from error
    if len(rows) > MAX_ROWS:
        raise FileProblem("too_many_rows", f"超过 {MAX_ROWS} 行", "请拆成几个文件，分次导入")
    return RawSheet(title, rows)


def _has_no_end(piece: bytes) -> bool:
    return b"\n" not in piece and b"\r" not in piece


def _encoding(content: bytes) -> str:
    """Tell UTF-8, with its mark or without, from GB18030 (of which GBK and GB2312 are parts); no copy in memory."""
    encodings = () if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), _STEP):
                decoder.decode(content[start : start + _STEP])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileProblem("wrong_encoding", "文件编码不是 UTF-8 或 GB18030", "请另存为“CSV UTF-8（逗号分隔）”后再上传")


def _dialect(content: bytes, encoding: str) -> type[csv.Dialect]:
    """Take the separator that the first line has most of; the rest is as spreadsheets write it."""
    first = content.partition(b"\n")[0].decode(encoding, "replace")

    class Written(csv.excel):
        delimiter = max((",", "\t", ";"), key=first.count)
        strict = True

    return Written
