"""Cleaning of single cells: from what a spreadsheet holds to a value, or a CellProblem that says what to do.

Pure functions. A cell is what the reader gives: text, a number (spreadsheets know only floats), a date, a truth value
or nothing. Blank cells never reach a cleaner.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.catalog.imports.outcomes import CellProblem
from shared.spreadsheets.writing import unescaped

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Cleaner = Callable[[Any], Any]

EXACT_DIGITS = 15
"""A spreadsheet's numbers hold this many decimal digits; what is longer has lost some."""

LARGEST = Decimal(10) ** 12
_BLANKS = frozenset({"", "-", "—", "–", "/", "--", "——", "N/A", "n/a"})
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?")
_PLAIN_NUMBER = re.compile(r"\d{1,15}(\.\d{1,15})?", re.ASCII)
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_MONEY_UNITS = {"元": Decimal(1), "万元": Decimal(10_000), "万": Decimal(10_000), "亿元": Decimal(10**8)}
_STEPS = [Decimal(1).scaleb(-places) for places in range(10)]
_CONTROL = dict.fromkeys(number for number in range(32) if chr(number) not in "\t\n")
_MONEY = re.compile(r"(.*?\d)\s*(亿元|万元|元|万)")
_EPOCH = date(1899, 12, 30)


class Quoted(str):
    """Text that said of itself that it is no formula: an apostrophe stood before it, as our exports write it."""


def unquoted(cell: Cell) -> Cell:
    """Return a cell without the apostrophe that an export put before text which begins like a formula."""
    if isinstance(cell, str) and cell.startswith("'") and (bare := unescaped(cell)) != cell:
        return Quoted(bare)
    return cell


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell holds nothing, or one of the signs that people write for nothing."""
    return cell is None or (isinstance(cell, str) and cell.strip() in _BLANKS)


def as_text(cell: Cell) -> str:
    """Return a cell as its reader saw it: whole numbers without a point, dates as 2024-05-01."""
    if isinstance(cell, str):
        # control characters come from exports of old systems; PostgreSQL keeps no NUL
        return (cell if cell.isprintable() else cell.translate(_CONTROL)).strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**EXACT_DIGITS else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return "" if cell is None else str(cell)


def plain(cell: Cell) -> str:
    """Return a cell as text in half width, with single spaces."""
    written = as_text(cell)
    if written.isascii() and written.isprintable() and "  " not in written:
        return written
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", written)).strip()


def text(longest: int) -> Cleaner:
    """Return a cleaner of free text: kept as it was written, of at most `longest` characters."""

    def clean(cell: Cell) -> str:
        value = as_text(cell)
        if value.startswith(("=", "@")) and not isinstance(cell, Quoted):
            raise CellProblem("formula_text", "单元格是公式的文字，不是内容", "请把公式换成它的结果后再导入")
        if len(value) > longest:
            raise CellProblem("too_long", f"文字过长：{len(value)} 字，最多 {longest} 字", "请缩短文字")
        return value

    return clean


def code(cell: Cell) -> str:
    """Clean an identifying code: half width, without spaces around; numbers that lost digits are refused."""
    refuse_lost_digits(cell)
    value = plain(cell)
    return str(text(100)(Quoted(value) if isinstance(cell, Quoted) else value))


def refuse_lost_digits(cell: Cell) -> None:
    """Refuse a long number in a place for codes: a spreadsheet keeps only its first fifteen digits."""
    lost = isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= 10**EXACT_DIGITS
    if lost or (isinstance(cell, str) and _SCIENTIFIC.fullmatch(plain(cell))):
        raise CellProblem(
            "lost_digits",
            "长编码被当作数字存储，末几位已经丢失",
            "请把这一列设为“文本”格式，再按原件重新填写",
        )


def number(places: int, *, zero: bool = True) -> Cleaner:
    """Return a cleaner of a number that is not negative, with at most `places` decimals (more are rounded)."""

    exact = _exact(places)

    def clean(cell: Cell) -> Decimal:
        if isinstance(cell, str) and exact.fullmatch(cell):
            return Decimal(cell)
        return _checked(read_number(cell), places, zero=zero)

    return clean


def money(places: int, unit: str = "元") -> Cleaner:
    """Return a cleaner of money told in `unit`; a cell may say its own (3.5万元, 2 亿元)."""

    exact = _exact(places)

    def clean(cell: Cell) -> Decimal:
        if isinstance(cell, str) and exact.fullmatch(cell):
            return Decimal(cell)
        value, factor = _split_money(cell)
        return _checked(value * factor / _MONEY_UNITS[unit] if factor else value, places)

    return clean


def _exact(places: int) -> re.Pattern[str]:
    """What is spelt as `_checked` leaves it: greater than nought, within bounds, with no digit too many."""
    decimals = rf"\.\d{{0,{places - 1}}}[1-9]"
    return re.compile(rf"[1-9]\d{{0,11}}(?:{decimals})?|0{decimals}" if places else r"[1-9]\d{0,11}", re.ASCII)


def signed(cleaner: Cleaner) -> Cleaner:
    """Return a cleaner that takes negative numbers too: reversals (红字) in a ledger."""

    def clean(cell: Cell) -> Decimal:
        written = plain(cell).replace(" ", "")
        bracketed = re.fullmatch(r"\((.*)\)", written)
        if bracketed or written.startswith("-"):
            return -Decimal(cleaner(bracketed[1] if bracketed else written[1:]))
        return Decimal(cleaner(cell))

    return clean


def whole(cell: Cell) -> int:
    """Clean a whole number that is not negative (staff, days, kilometres)."""
    value = _checked(read_number(re.sub(r"(人|天|日|公里|km)$", "", plain(cell))), 3)
    if value != value.to_integral_value():
        raise CellProblem("not_whole", "应为整数", "请填写整数，不带小数")
    if value > 2_000_000_000:
        raise CellProblem("too_large", "数值过大", "请核对单位和位数")
    return int(value)


def share(cell: Cell) -> Decimal:
    """Clean a share: 80%, 80 ％ and 0.8 are the same; between 0 and 1."""
    value = fraction(cell)
    if not 0 <= value <= 1:
        raise CellProblem("not_a_share", "应在 0% 到 100% 之间", "请填写百分数（如 80%）或不大于 1 的小数（如 0.8）")
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize() + 0


def part_share(cell: Cell) -> Decimal:
    """Clean a share that is not nought: one that may have nothing is not written down at all."""
    value = share(cell)
    if not value:
        raise CellProblem("zero", "应大于零", "请填写大于零的百分数，或留空")
    return value


def fraction(cell: Cell) -> Decimal:
    """Clean a fraction of any sign and size, as 12.5% or 0.125 (the share of revenue in a product list)."""
    written = plain(cell)
    if written.endswith("%"):
        return read_number(written[:-1].strip()) / 100
    return read_number(cell)


def truth(cell: Cell) -> bool:
    """Clean a yes or no."""
    found = _TRUTHS.get(plain(cell).lower())
    if found is None:
        raise CellProblem("not_yes_or_no", "应为“是”或“否”", "请填写 是 或 否")
    return found


def day(cell: Cell) -> date:
    """Clean a date: a date cell, a serial number that lost its format, or text such as 2024-05-01 and 2024年5月1日."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    written = plain(cell)
    if re.fullmatch(r"\d{5}(\.\d+)?", written):
        return _EPOCH + timedelta(days=int(float(written)))
    match = _DAY.fullmatch(written) or _COMPACT_DAY.fullmatch(written)
    if match is None:
        raise CellProblem("no_date", "不是日期", "请填写如 2027-04-30 的日期")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise CellProblem("no_date", "没有这一天", "请核对年、月、日") from error


def period(cell: Cell) -> str:
    """Clean a period: a year, a quarter or a month, as 2025, 2025Q3 or 2025-07; a date means its month."""
    if isinstance(cell, (date, datetime)):
        return f"{cell.year:04d}-{cell.month:02d}"
    written = plain(cell).upper().replace(" ", "")
    if _YEAR_AND_A_TENTH.fullmatch(written):
        raise CellProblem(
            "ambiguous_period", "看不出是 1 月还是 10 月：表格会把 2025.10 存成 2025.1", "请填写如 2025-01 或 2025-10"
        )
    for pattern, wire in _PERIODS:
        match = pattern.fullmatch(written)
        if match:
            return wire(match)
    raise CellProblem("no_period", "不是年度、季度或月份", "请填写如 2025、2025Q3 或 2025-07")


def one_of(choices: dict[str, str]) -> Cleaner:
    """Return a cleaner of a word out of a short list (as written, in upper case → as stored)."""
    shown: dict[str, str] = {}
    for written, stored in choices.items():
        # the first spelling of a value is the one that the templates show
        shown.setdefault(stored, written)
    allowed = "、".join(shown.values())

    def clean(cell: Cell) -> str:
        found = choices.get(plain(cell).upper())
        if found is None:
            raise CellProblem("not_in_list", "不在可选的值之内", f"请填写其中之一：{allowed}")
        return found

    return clean


def parts(cell: Cell) -> list[str]:
    """Split a cell that lists several things: 、 ; , / and line breaks separate them."""
    return [part.strip() for part in re.split(r"[、;；,，/\n]+", as_text(cell)) if part.strip()]


def read_number(cell: Cell) -> Decimal:
    """Read a number: thousands separators, full width and spaces are understood, words are not."""
    if isinstance(cell, (bool, date, datetime, time, timedelta)):
        raise CellProblem("not_a_number", "应为数字", "请填写数字，并把这一列设为“数值”格式")
    if isinstance(cell, str) and _PLAIN_NUMBER.fullmatch(cell):
        return Decimal(cell)
    if isinstance(cell, float):
        # 15 significant digits are what the spreadsheet shows: 0.30000000000000004 was 0.3
        return Decimal(f"{cell:.{EXACT_DIGITS}g}")
    written = plain(cell).replace(" ", "").lstrip("¥￥")
    if _GROUPED.fullmatch(written):
        written = written.replace(",", "")
    if _NUMBER.fullmatch(written):
        return Decimal(written)
    raise _no_number(written)


def _no_number(written: str) -> CellProblem:
    """Tell apart a number with a unit behind it and a text that is none."""
    if re.match(r"[-+]?\d[\d,.]*\s*[^\d\s,.~～-]{1,6}$", written):
        return CellProblem("unit_in_number", "数字后面带有单位或文字", "请只填数字，单位写在计量单位列")
    if re.search(r"\d\s*[~～至-]\s*\d", written):
        return CellProblem("range_for_number", "应为一个数字，这里是范围", "请填写一个数字，不要写范围")
    return CellProblem("not_a_number", "应为数字", "请填写数字，不要写文字")


def _checked(value: Decimal, places: int, *, zero: bool = True) -> Decimal:
    """Refuse what is negative, zero where that means nothing, too large, or too fine for the column."""
    if value < 0:
        raise CellProblem("negative", "不能为负数", "请核对后填写正数")
    if value == 0 and not zero:
        raise CellProblem("zero", "应大于零", "请填写大于零的数字")
    if value >= LARGEST:
        raise CellProblem("too_large", "数值过大", "请核对单位和位数")
    rounded = value.quantize(_STEPS[places], ROUND_HALF_UP)
    if rounded != value and abs(rounded - value) * 100 > value:
        raise CellProblem("too_fine", f"小数位数过多，最多 {places} 位", "请改用更小的计量单位，或四舍五入后填写")
    return rounded.normalize() + 0


def _split_money(cell: Cell) -> tuple[Decimal, Decimal | None]:
    """Split money into its number and the factor of the unit written behind it, if there is one."""
    if isinstance(cell, (str, int)) and not isinstance(cell, bool):
        written = plain(cell)
        match = _MONEY.fullmatch(written) if written.endswith(("元", "万")) else None
        if match:
            return read_number(match.group(1)), _MONEY_UNITS[match.group(2)]
    return read_number(cell), None


_TRUTHS = {
    **dict.fromkeys(("是", "y", "yes", "true", "1", "√", "有"), True),
    **dict.fromkeys(("否", "n", "no", "false", "0", "×", "x", "无"), False),
}
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_YEAR = r"((?:19|20)\d\d)"
_YEAR_AND_A_TENTH = re.compile(rf"{_YEAR}\.1")
_PERIODS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"{_YEAR}(?:年|年度)?"), lambda m: m[1]),
    (re.compile(rf"{_YEAR}[-年]?Q([1-4])"), lambda m: f"{m[1]}Q{m[2]}"),
    (re.compile(rf"{_YEAR}年?第?([1-4一二三四])季度?"), lambda m: f"{m[1]}Q{_QUARTERS.get(m[2], m[2])}"),
    (re.compile(rf"{_YEAR}[-./年]?(0?[1-9]|1[0-2])月?"), lambda m: f"{m[1]}-{int(m[2]):02d}"),
    (re.compile(rf"{_YEAR}[-./年](0?[1-9]|1[0-2])[-./月]\d{{1,2}}日?"), lambda m: f"{m[1]}-{int(m[2]):02d}"),
)
