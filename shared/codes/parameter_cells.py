"""Cuts a spreadsheet cell into parameters and reads each piece: name, relation, numbers or values, unit.

What people write: 外径 100~250 mm；壁厚(mm)≥4；φ100-250；M8~M20；IT6；HRC58~62；材质 = 304/316L；长×宽 1200×800 mm.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from shared.codes.intervals import AT_LEAST, AT_MOST, NUMBER, Bounds, UnreadableBounds, read_bounds
from shared.codes.parameter_names import (
    Direction,
    ParameterName,
    aliases,
    find_name,
    find_prefix,
    is_known,
    prefixes,
)
from shared.codes.taxonomy import find_material
from shared.codes.units import COUNT, Unit, known_unit
from shared.text.normalise import unify


@dataclass(frozen=True)
class Reading:
    """A piece as read: numbers in the base unit of `dimension`; `deviation`: a ± without a value in its middle."""

    name: ParameterName
    low: Decimal | None = None
    high: Decimal | None = None
    dimension: str | None = None
    values: tuple[str, ...] = ()
    deviation: bool = False


class UnreadablePiece(ValueError):
    """A piece that is no parameter: the piece, what is wrong and what to do, in Chinese."""

    def __init__(self, piece: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.piece = piece
        self.message = message
        self.remedy = remedy


_AS_TEMPLATE = "请按“名称 数值范围 单位”书写，如：外径 100~250 mm；材质 = 304/316L；文字要求请写入“技术要求”栏"


def read_cell(text: str) -> list[Reading]:
    """The readings of a cell in their order; raises UnreadablePiece."""
    readings: list[Reading] = []
    for piece in _pieces(unify_lines(text)):
        _add(readings, piece)
    return readings


def unify_lines(text: str) -> str:
    """The text unified line by line: a new line parts pieces like a semicolon does."""
    return ";".join(unify(line) for line in text.splitlines())


def _pieces(text: str) -> Iterator[str]:
    """The pieces between semicolons, and between commas where what follows is a parameter of its own."""
    for part in re.split(r"[;\n]|\.(?!\d)(?=\s|$)", text):
        yield from _expanded(_joined(re.split(r",(?!\d{3}(?!\d))", part)))


def _joined(chunks: list[str]) -> list[str]:
    """Commas also part the values of a set (材质 304,316L): such chunks go back to the piece before."""
    pieces: list[str] = []
    for chunk in (chunk.strip() for chunk in chunks):
        if pieces and not _starts_parameter(chunk, pieces[-1]):
            pieces[-1] += "," + chunk
        elif chunk:
            pieces.append(chunk)
    return pieces


def _starts_parameter(chunk: str, before: str) -> bool:
    """Whether a chunk has a name that is known, or at least stands before a relation, or adds a bound."""
    name, rest = _cut_name(chunk)
    if re.match(f"{AT_LEAST}|{AT_MOST}", chunk):
        return True
    if _is_set(before):
        return bool(rest) and (is_known(name) or re.match(r"[:=≥≤]", rest) is not None)
    return bool(rest)


def _is_set(piece: str) -> bool:
    return find_name(_cut_name(piece)[0]).direction is Direction.SET


def _expanded(pieces: Iterable[str]) -> Iterator[str]:
    """长x宽x高 1200x800x600 mm becomes three pieces, M10x1.5 a thread and its pitch, φ100x200 diameter and length."""
    for piece in pieces:
        match = _product().fullmatch(piece)
        names = _product_names(match["name"], match["sign"] or "", match["numbers"].count("x") + 1) if match else None
        if match is None or names is None:
            yield piece
            continue
        for name, number in zip(names, match["numbers"].split("x"), strict=True):
            yield f"{name}{match['relation'] or ''}{number.strip()}{match['unit']}"


@cache
def _product() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<name>[^\d:=≥≤<>~±φ]*?)\s*[:=]?\s*(?P<relation>{AT_LEAST}|{AT_MOST})?\s*(?P<sign>φ|M)?"
        rf"(?P<numbers>{NUMBER}(?:\s*x\s*{NUMBER})+)\s*(?P<unit>[a-zA-Z\u4e00-\u9fff]*)"
    )


def _product_names(name: str, sign: str, count: int) -> list[str] | None:
    named = [part.strip() for part in name.split("x")]
    if len(named) == count and all(named):
        return named
    if sign and count == 2:
        return ["螺纹", "螺距"] if sign == "M" else ["外径", "长度"]
    if name in ("", "尺寸", "外形尺寸", "规格", "外形", "轮廓尺寸", "最大尺寸") and count == 3:
        return ["长度", "宽度", "高度"]
    return None


def _add(readings: list[Reading], piece: str) -> None:
    """One more piece; a bound without a name narrows the parameter before it (壁厚 ≥4 mm, ≤10 mm)."""
    reading = _read(piece, readings[-1] if readings else None)
    if reading is None:
        return
    known = next((i for i, other in enumerate(readings) if other.name.name == reading.name.name), None)
    if known is None:
        readings.append(reading)
    else:
        readings[known] = _narrowed(readings[known], reading, piece)


def _narrowed(first: Reading, second: Reading, piece: str) -> Reading:
    """Two one-sided bounds of one parameter make an interval; anything else would be a contradiction."""
    one_sided = not (first.values or second.values) and (first.low is None) != (first.high is None)
    opposite = one_sided and (second.low is None, second.high is None) == (first.high is None, first.low is None)
    if not opposite or first.dimension != second.dimension:
        raise UnreadablePiece(piece, f"“{second.name.name}”写了两次", "同一参数请只写一次")
    low = first.low if first.low is not None else second.low
    high = first.high if first.high is not None else second.high
    if low is not None and high is not None and low > high:
        raise UnreadablePiece(piece, "下限大于上限", "请核对上下限")
    return replace(first, low=low, high=high)


_AROUND = " .,·_-*\"'"
"""What may stand around a name without belonging to it."""

_UNLIMITED = re.compile(r"不限|任意|无要求|不作要求|/|-|无")
_RELATION = f"{AT_LEAST}|{AT_MOST}"
_NO_NAME = re.compile(rf"[±<>=:~?!+#%&|\"';]|\d|约$|{_RELATION}")
_SUPERLATIVE = re.compile(r"(最大|最高|最多|max\.?|最小|最低|最少|min\.?)\s*(?=\D)(?![:=(])")
_IN_BRACKETS = re.compile(r"(?P<name>[^()\d:=]*?)\s*\((?P<unit>[^()]+)\)\s*(?P<rest>.*)")
_BEHIND_SLASH = re.compile(r"(?P<name>[^/]+)/(?P<unit>[^/]+)")
_HARDNESS_BEHIND = re.compile(r"(?P<value>.*\d)\s*(?P<sign>HRC|HBW|HBS|HB|HV|HA|HS)\d*(?P<more>\D*)", re.IGNORECASE)
_YIELDING_SIGNS = frozenset({"φ", "m"})
"""Signs that give way to a written name (内径 φ50 is an inner diameter); the others make it precise (硬度 HRC58)."""


def _read(piece: str, before: Reading | None) -> Reading | None:
    """The reading of a piece; None where it says that anything goes."""
    if _UNLIMITED.fullmatch(piece):
        return None
    written, unit, rest = _parts(piece)
    if not is_known(written) and (_NO_NAME.search(written) or known_unit(written)):
        raise UnreadablePiece(piece, f"“{written}”不是参数名称", _AS_TEMPLATE)
    value = re.sub(r"^(?:[:=]|为|是)+\s*", "", rest)
    if not value:
        raise UnreadablePiece(piece, "没有数值或取值", _AS_TEMPLATE)
    if _UNLIMITED.fullmatch(value):
        return None
    if not written and before is not None and re.match(_RELATION, value):
        return _numbers(piece, before.name, value, unit)
    if not written:
        written, value = _name_behind(value)
    name = find_name(written)
    if name.direction is Direction.SET or _names_values(rest, value):
        return _values(piece, name, value)
    return _numbers(piece, name, value, unit)


def _parts(piece: str) -> tuple[str, Unit | None, str]:
    """Name, unit written with the name (外径(mm), 外径/mm), and the rest; 最大 before a name goes to the rest as ≤."""
    relation, written, rest = "", *_cut_name(piece)
    if not is_known(written) and (superlative := _SUPERLATIVE.match(written)):
        relation, written = superlative[1], written[superlative.end() :]
    for pattern, text in ((_IN_BRACKETS, piece[piece.find(written) :]), (_BEHIND_SLASH, written)):
        match = pattern.fullmatch(text)
        unit = known_unit(match["unit"]) if match and not is_known(written) else None
        if match and unit:
            return match["name"].strip(), unit, relation + (match["rest"] if "rest" in match.groupdict() else rest)
    return written, None, relation + rest


def _name_behind(value: str) -> tuple[str, str]:
    """M8~M20 螺纹: a known name may also stand behind."""
    match = re.fullmatch(r"(?P<value>.*[\da-zA-Z])\s*(?P<name>[\u4e00-\u9fff]+)", value)
    return (match["name"], match["value"]) if match and is_known(match["name"]) else ("", value)


def _cut_name(piece: str) -> tuple[str, str]:
    """The name, and what follows from the first relation, number or sign before a number on.

    Names of sets come first, for their values may look like anything (材质304), and so do names with digits (Rp0.2).
    """
    known = _special_names().match(piece)
    if known:
        return known["name"], known["rest"].strip()
    match = _named().match(piece)
    name, rest = (match["name"].strip(_AROUND), match["rest"].strip()) if match else (piece.strip(_AROUND), "")
    start = _set_names().match(name)
    if (
        start
        and find_name(start.group()) == find_name("材质")
        and not is_known(name)
        and not is_known(name[start.end() :])
    ):
        return start.group(), piece[start.end() :].strip()
    return name, rest


@cache
def _named() -> re.Pattern[str]:
    signs = "|".join(re.escape(sign) for sign in prefixes())
    number = rf"(?:(?<![a-zA-Z])(?i:{signs})\s*)?{NUMBER}"
    return re.compile(rf"(?P<name>.*?)\s*(?P<rest>(?:[:=]|±\s*\d|(?:{_RELATION})\s*{number}|{number}|不限|任意).*)")


@cache
def _special_names() -> re.Pattern[str]:
    sets = [alias for alias in aliases() if find_name(alias).direction is Direction.SET]
    digits = [alias for alias in aliases() if re.search(r"\d", alias)]
    names = rf"(?:{_any_of(sets)})(?=[\s:=a-zA-Z\d])|(?:[\u4e00-\u9fff]+\s*)?(?:{_any_of(digits)})(?![\d.])"
    return re.compile(rf"(?P<name>{names})(?P<rest>.*)")


@cache
def _set_names() -> re.Pattern[str]:
    return re.compile(_any_of([alias for alias in aliases() if find_name(alias).direction is Direction.SET]))


def _any_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


def _names_values(rest: str, value: str) -> bool:
    """Whether an equals sign is followed by words: 接头 = 快插/螺纹."""
    return rest[0] in ":=" and _named().match(value) is None


def _numbers(piece: str, name: ParameterName, value: str, unit: Unit | None) -> Reading:
    try:
        bounds = read_bounds(_sign_first(value), unit or name.implied)
    except UnreadableBounds as unreadable:
        raise UnreadablePiece(piece, _unknown_unit(value) or str(unreadable), _AS_TEMPLATE) from unreadable
    if bounds.prefix and (not name.name or bounds.prefix.casefold() not in _YIELDING_SIGNS):
        name = find_prefix(bounds.prefix)
    if not name.name:
        raise UnreadablePiece(piece, "缺少参数名称", _AS_TEMPLATE)
    dimension = bounds.unit.dimension if bounds.unit and bounds.unit.dimension != COUNT else None
    _check_dimension(piece, name, dimension, bounds)
    values = tuple(format(value, "f") for value in bounds.values)
    return Reading(name, bounds.low, bounds.high, dimension, values, bounds.deviation)


def _unknown_unit(value: str) -> str:
    """The message for a number with something behind it that is no unit; empty where that is not the trouble."""
    match = re.fullmatch(r"(?:.*\d)\s*(?P<unit>[a-zA-Z/]*)(?P<words>[\u4e00-\u9fff]*)", value)
    written = match["unit"] or match["words"] if match else ""
    return f"“{written}”不是已知的计量单位" if written and known_unit(written) is None else ""


def _sign_first(value: str) -> str:
    """58~62HRC → HRC58~62: hardness is written either way."""
    match = _HARDNESS_BEHIND.fullmatch(value)
    relation = re.match(rf"(?:{_RELATION})\s*", match["value"]) if match else None
    if match is None:
        return value
    at = relation.end() if relation else 0
    return f"{match['value'][:at]}{match['sign']}{match['value'][at:]}{match['more']}"


def _check_dimension(piece: str, name: ParameterName, dimension: str | None, bounds: Bounds) -> None:
    if name.dimension and dimension is None:
        raise UnreadablePiece(piece, f"“{name.name}”缺少单位", f"请写明单位，如 {name.unit.sign if name.unit else ''}")
    if name.dimension and dimension != name.dimension:
        raise UnreadablePiece(
            piece, f"单位与“{name.name}”不符", f"请核对单位，如 {name.unit.sign if name.unit else ''}"
        )
    negative = bounds.low is not None and bounds.low < 0
    if negative and name.dimension in _NEVER_NEGATIVE and name.direction is not Direction.SMALLER:
        raise UnreadablePiece(piece, f"“{name.name}”不应为负", "请核对数值；名称与数值之间请用空格或冒号")


_NEVER_NEGATIVE = frozenset({"length", "mass", "power", "rotation", "flow", "volume", "area", "frequency"})


def _values(piece: str, name: ParameterName, value: str) -> Reading:
    """The values of a set in a fixed order, materials by their grade."""
    if not name.name:
        raise UnreadablePiece(piece, "缺少参数名称", _AS_TEMPLATE)
    if re.search(r"以上|以下|不低于|不高于|[≥≤<>]", value):
        raise UnreadablePiece(piece, "取值不能用“以上”“以下”", "请逐一列出允许的取值，用 / 分开，如：材质 = 304/316L")
    parts = [part.strip(_AROUND) for part in re.split(r"/|\||,|或者|或|及|和", value)]
    found = {canonical_value(part) for part in _rejoined([part for part in parts if part])}
    if not found:
        raise UnreadablePiece(piece, "没有数值或取值", _AS_TEMPLATE)
    return Reading(name, values=tuple(sorted(found)))


def _rejoined(parts: list[str]) -> list[str]:
    """Neighbours that are one grade together (PC/ABS, HC340/590DP) are joined again."""
    joined: list[str] = []
    for part in parts:
        if joined and find_material(f"{joined[-1]}/{part}"):
            joined[-1] = f"{joined[-1]}/{part}"
        else:
            joined.append(part)
    return joined


def canonical_value(text: str) -> str:
    """A value of a set as it is kept: a material by its code, anything else in upper case."""
    material = find_material(text)
    return material.code if material else text.upper()
