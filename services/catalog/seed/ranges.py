"""The parameter ranges that a supplier states: around what is asked, for one part or for several, or short of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from services.catalog.seed.dice import Dice
from services.catalog.seed.wording import figure, grade_cell
from shared.codes.units import convert, find_unit

_PIECE = re.compile(r"^(?P<name>[^=≤]+)(?P<sign>[=≤])(?P<value>.+)$")
_NUMBER = re.compile(r"^(?P<number>\d+(?:\.\d+)?)(?P<unit>\D.*)?$")
_LARGER = {"mm": ("cm", Decimal(10)), "kg": ("t", Decimal(1000)), "MPa": ("bar", Decimal("0.1"))}
_MATERIAL = "材质"
_NEIGHBOURS = {
    "HT250": ("HT200", "HT300"),
    "QT450-10": ("QT400-15", "QT500-7"),
    "45钢": ("40Cr",),
    "40Cr": ("45钢", "42CrMo"),
    "42CrMo": ("40Cr",),
    "304": ("316L",),
    "Q355B": ("Q235B",),
}
_STEPS = {
    "公差等级": ("IT4", "IT5", "IT6", "IT7", "IT8", "IT9", "IT10", "IT11", "IT12"),
    "精度等级": ("2", "3", "4", "5", "6", "7", "8", "9"),
    "强度等级": ("4.8", "5.6", "6.8", "8.8", "9.8", "10.9", "12.9"),
}
_STATED_ONE_BY_ONE = frozenset({"强度等级"})
_LESS_IS_BETTER = frozenset({"噪声"})


@dataclass
class _Asked:
    """What is asked under one name, by all the parts together."""

    name: str
    sign: str
    unit: str
    values: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[Decimal]:
        return [Decimal(value) for value in self.values]


def parameter_cell(dice: Dice, asked: Sequence[str], *, narrow: bool = False) -> str:
    """The ranges around what the parts ask (one text of the data each); `narrow`: one of them does not reach it."""
    found = _together(asked)
    short = dice.pick([each for each in found if _can_be_narrow(each)] or [None]) if narrow else None
    return "；".join(_offered(dice, each, each is short) for each in found)


def _together(asked: Sequence[str]) -> list[_Asked]:
    """What the parts ask, by name; a name that comes in two units is told in the first one's."""
    found: dict[str, _Asked] = {}
    for piece in (piece for text in asked for piece in text.split(";") if piece):
        match = _PIECE.match(piece)
        if match is None:
            raise ValueError(f"a parameter of the data that nobody can read: {piece}")
        name, value, unit = match["name"], match["value"], ""
        if name != _MATERIAL and name not in _STEPS:
            value, unit = _number(value)
        asked_so_far = found.setdefault(name, _Asked(name, match["sign"], unit))
        asked_so_far.values.append(value if unit == asked_so_far.unit else _told(value, unit, asked_so_far.unit))
    return list(found.values())


def _number(value: str) -> tuple[str, str]:
    match = _NUMBER.match(value)
    if match is None:
        raise ValueError(f"a number of the data that nobody can read: {value}")
    return match["number"], match["unit"] or ""


def _told(value: str, unit: str, other: str) -> str:
    return figure(convert(Decimal(value), find_unit(unit), find_unit(other)))


def _offered(dice: Dice, asked: _Asked, narrow: bool) -> str:
    if asked.name == _MATERIAL:
        return _materials(dice, asked.values, narrow)
    if asked.name in _STEPS:
        return _steps(dice, asked, narrow)
    low, high = _around(dice, asked.numbers, narrow != (asked.name in _LESS_IS_BETTER))
    if asked.sign == "≤":
        return f"{asked.name} ≤{figure(high)} {asked.unit}"
    return _range(dice, asked.name, low, high, asked.unit)


def _around(dice: Dice, values: Sequence[Decimal], narrow: bool) -> tuple[Decimal, Decimal]:
    """A range with round ends around the values, or ending below the largest."""
    least, most = min(values), max(values)
    if narrow:
        least = min(least, most / 2)
        return _round(least * _factor(dice, 0.4, 0.8), ROUND_FLOOR), _round(
            most * _factor(dice, 0.75, 0.9), ROUND_FLOOR
        )
    return _round(least * _factor(dice, 0.3, 0.85), ROUND_FLOOR), _round(most * _factor(dice, 1.1, 2.4), ROUND_CEILING)


def _factor(dice: Dice, low: float, high: float) -> Decimal:
    return Decimal(str(round(dice.between(low, high), 3)))


def _round(value: Decimal, how: str) -> Decimal:
    step = Decimal(1).scaleb(value.adjusted() - 1)
    return (value / step).to_integral_value(how) * step


def _range(dice: Dice, name: str, low: Decimal, high: Decimal, unit: str) -> str:
    """A range in the unit asked, or now and then in a larger one."""
    if unit in _LARGER and high >= 100 and dice.chance(0.12):
        unit, factor = _LARGER[unit]
        low, high = low / factor, high / factor
    dash = dice.pick(("~", "~", "～", "-"))
    return f"{name} {figure(low)}{dash}{figure(high)} {unit}".rstrip()


def _steps(dice: Dice, asked: _Asked, narrow: bool) -> str:
    """A range of grades around the asked ones, or beside the first of them."""
    grades = _STEPS[asked.name]
    places = sorted(grades.index(value) for value in asked.values)
    first, last = max(0, places[0] - dice.whole(0, 1)), min(len(grades) - 1, places[-1] + dice.whole(1, 3))
    if narrow:
        first, last = (places[-1] + 1, len(grades) - 1) if places[-1] + 1 < len(grades) else (0, places[0] - 1)
    if asked.name in _STATED_ONE_BY_ONE:
        return f"{asked.name} = {'/'.join(grades[first : last + 1])}"
    return f"{asked.name} {grades[first]}~{grades[last]}"


def _materials(dice: Dice, asked: Sequence[str], narrow: bool) -> str:
    """The materials that are worked: the asked ones among their neighbours, or the first one's neighbours alone."""
    others = [other for grade in asked for other in _NEIGHBOURS.get(grade, ()) if other not in asked]
    stated = list(_NEIGHBOURS[asked[0]]) if narrow else list(dict.fromkeys([*others, *asked]))
    return f"{_MATERIAL} = {'/'.join(grade_cell(dice, each) for each in stated)}"


def _can_be_narrow(asked: _Asked) -> bool:
    return asked.name != _MATERIAL or asked.values[0] in _NEIGHBOURS
