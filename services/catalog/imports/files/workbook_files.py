"""A look into the archive of a workbook before it is opened: its sizes, and what the reader would hide.

The reader lays a sheet out in full, from its first to its last used cell, so that two far cells could ask for more
memory than any machine has; and it shows formulas without a stored value, and error values, as blanks.
"""

import io
import re
import struct
import zipfile
import zlib
from posixpath import join, normpath
from xml.etree import ElementTree

from services.catalog.imports.outcomes import FileProblem

MAX_ROWS = 1_048_576
MAX_CELLS = 16_000_000
MAX_UNPACKED = 400 * 2**20

Place = tuple[int, int]
"""Row and column of a cell, both from 0."""

FORMULA, ERROR = "formula", "error"

_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError),
    *(ElementTree.ParseError, LookupError, ValueError, RuntimeError),
)
"""What zipfile and ElementTree raise for archives and XML with wrong bytes in them; fuzzing found them."""

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_COLUMNS = re.compile(rb"""\sr=["']([A-Z]{1,3})\d""")
_ROWS = re.compile(rb"""\sr=["'][A-Z]{0,3}(\d{1,9})["']""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,9})["']""")
_IS_ERROR = re.compile(rb"""\bt=["']e["']""")
_HAS_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_HAS_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]|<(?:\w+:)?t(?:\s[^>]*)?>[^<]")


def check_archive(content: bytes) -> dict[str, bytes]:
    """Check an archive and return the XML of each of its sheets by the sheet's title. Raises FileProblem."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_sizes(archive)
            sheets = {title: archive.read(path) for title, path in _sheet_paths(archive).items()}
    except _DAMAGE as error:
        raise FileProblem(
            "corrupted", "工作簿已损坏或不完整，无法打开", "请用 Excel 或 WPS 打开并修复，另存为 .xlsx 后再上传"
        ) from error
    for title, xml in sheets.items():
        _check_extent(title, xml)
    return sheets


def cell_troubles(xml: bytes) -> dict[Place, str]:
    """Return the cells of a sheet that hold an error value, or a formula of which no value was stored."""
    if b"<f" not in xml and b":f" not in xml and not _IS_ERROR.search(xml):
        return {}
    return {
        _place(match[1]): ERROR if _IS_ERROR.search(match[1]) else FORMULA
        for match in _CELL.finditer(xml)
        if _PLACE.search(match[1]) and _is_trouble(match[1], match[2] or b"")
    }


def _check_sizes(archive: zipfile.ZipFile) -> None:
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise FileProblem("encrypted", "工作簿加了密码", "请去掉密码后再上传")
    if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
        raise FileProblem("has_macros", "工作簿里有宏", "请另存为不带宏的 .xlsx 后再上传")
    if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
        raise FileProblem(
            "too_large_unpacked",
            f"工作簿展开后超过 {MAX_UNPACKED // 2**20} MB",
            "请删去多余的工作表、图片和空白行列，或拆成几个文件",
        )


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return where in the archive each sheet stands; the workbook's relations tell it."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    paths = {
        item.get("name", ""): _absolute(targets.get(item.get(_RELATION), "")) for item in book.findall(".//{*}sheet")
    }
    present = set(archive.namelist())
    return {title: path for title, path in paths.items() if path in present}


def _absolute(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))


def _check_extent(title: str, xml: bytes) -> None:
    """Refuse a sheet whose used area is too large, however few of its cells are filled."""
    rows = max(map(int, _ROWS.findall(xml)), default=0)
    columns = max(map(_column_number, set(_COLUMNS.findall(xml))), default=0)
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise FileProblem(
            "too_many_cells",
            f"工作表“{title}”的使用区域有 {rows} 行 × {columns} 列，过大",
            "请删去数据以外的行和列（常见：最末行、最末列有格式或空格），或拆成几个文件",
        )


def _is_trouble(attributes: bytes, body: bytes) -> bool:
    return bool(_IS_ERROR.search(attributes)) or bool(_HAS_FORMULA.search(body) and not _HAS_VALUE.search(body))


def _place(attributes: bytes) -> Place:
    match = _PLACE.search(attributes)
    return (int(match[2]) - 1, _column_number(match[1]) - 1) if match else (0, 0)


def _column_number(letters: bytes) -> int:
    """Return the number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
