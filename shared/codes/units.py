"""Units of measure: names, signs, dimensions, conversion (data: `data/units.csv`, after GB 3100-93 and GB 3101-93).

The dimension's base unit has factor 1 and is the one that engineers of the trade write (mm, kg, MPa, kW, kV). Count
units (台, 件, 套 …) never convert, not even into each other: nobody knows how many pieces a set has.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

from rapidfuzz import process

from shared.codes.tables import read_table, split_cell

COUNT = "count"
CURRENCY = "currency"


@dataclass(frozen=True)
class Unit:
    """A unit: `code` is its Chinese name, `factor` how many base units of its dimension it is."""

    code: str
    dimension: str
    factor: Decimal
    sign: str


class UnknownUnit(ValueError):
    """A text that names no unit; never guessed. A message in Chinese and the nearest units."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.nearest = nearest


class InconvertibleUnits(ValueError):
    """Two units that do not convert into each other."""


@cache
def all_units() -> dict[str, Unit]:
    """Every unit by its code. A unit's sign is its first alias, if that is not Chinese, else its code."""
    return {row["code"]: _unit(row) for row in read_table("shared.codes", "units")}


def find_unit(text: str) -> Unit:
    """The unit with this name or sign, whatever its width; case decides only where it must (mW, MW).

    Raises UnknownUnit.
    """
    found = known_unit(text)
    if found is None:
        nearest = [name for name, _, _ in process.extract(_fold(text), list(all_units()), limit=3, score_cutoff=50)]
        raise UnknownUnit(f"没有名为“{text.strip()}”的计量单位", nearest)
    return found


def known_unit(text: str) -> Unit | None:
    """The unit that `find_unit` finds, or None: for a reader that only tries whether a text is one."""
    folded = _fold(text)
    return _by_name().get(folded) or _by_lower_name().get(folded.lower())


@cache
def names_of(code: str) -> tuple[str, ...]:
    """Every name and sign that a unit goes by, its code first; none for an unknown code."""
    rows = (row for row in read_table("shared.codes", "units") if row["code"] == code)
    return tuple(name for row in rows for name in (row["code"], *split_cell(row["aliases"])))


def convertible(a: Unit, b: Unit) -> bool:
    """Whether amounts in `a` can be told in `b`: the same unit, or one dimension that is no count."""
    return a == b or (a.dimension == b.dimension and a.dimension != COUNT)


def convert(value: Decimal, a: Unit, b: Unit) -> Decimal:
    """`value` in `a`, told in `b`; raises InconvertibleUnits."""
    if not convertible(a, b):
        raise InconvertibleUnits(f"“{a.code}”不能换算为“{b.code}”")
    return value if a == b else _PRECISE.plus(value * a.factor / b.factor)


@cache
def base_unit(dimension: str) -> Unit:
    """The unit of a dimension that has factor 1; counts have none (KeyError)."""
    for unit in all_units().values():
        if unit.dimension == dimension and unit.factor == 1 and dimension != COUNT:
            return unit
    raise KeyError(dimension)


_PRECISE = Context(prec=20)
"""Factors such as 1/60 are rounded to 28 digits; results are rounded to 20, so that 30 min are 0.5 h to the digit."""

_SPACES = re.compile(r"\s+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _unit(row: dict[str, str]) -> Unit:
    first = next((alias for alias in split_cell(row["aliases"]) if not _CHINESE.search(alias)), row["code"])
    sign = row["code"] if row["dimension"] in (COUNT, CURRENCY) else first
    numerator, _, denominator = row["factor"].partition("/")
    return Unit(row["code"], row["dimension"], Decimal(numerator) / Decimal(denominator or 1), sign)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("•", "·").replace("⋅", "·")
    bare = _SPACES.sub("", folded)
    return bare[1:-1] if bare.startswith("(") and bare.endswith(")") else bare


@cache
def _by_name() -> dict[str, Unit]:
    """By code and alias; a name stands in the table once (a test sees to it)."""
    return {
        _fold(name): all_units()[row["code"]]
        for row in read_table("shared.codes", "units")
        for name in (row["code"], *split_cell(row["aliases"]))
    }


@cache
def _by_lower_name() -> dict[str, Unit]:
    """By lower-case name, where that leaves no doubt (mw could be 毫瓦 or 兆瓦)."""
    names: dict[str, set[Unit]] = {}
    for name, unit in _by_name().items():
        names.setdefault(name.lower(), set()).add(unit)
    return {name: next(iter(units)) for name, units in names.items() if len(units) == 1}


@cache
def unit_names() -> tuple[str, ...]:
    """Every folded name and sign, the longest first: what a parser looks for after a number."""
    return tuple(sorted(_by_name(), key=lambda name: (-len(name), name)))
