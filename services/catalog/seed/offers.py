"""What a supplier offers for a part: parameter ranges around what is asked, price, quantities, days, and shortfalls.

A newcomer's offer may fall short in one thing (a narrow range, a price above the ceiling, a large minimum order, long
lead time): these are the near misses that a reviewer can act on.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from services.catalog.seed.book import Leader, Part
from services.catalog.seed.dice import Dice, price_like, rounded
from services.catalog.seed.wording import figure, grade_cell

_ASKED = re.compile(r"^(?P<name>[^=≤]+)(?P<sign>[=≤])(?P<number>\d+(?:\.\d+)?)(?P<unit>[^\d].*)?$")
_LARGER = {"mm": ("cm", Decimal(10)), "kg": ("t", Decimal(1000)), "MPa": ("bar", Decimal("0.1"))}
_MATERIALS = {
    "HT250": ("HT200", "HT250", "HT300"),
    "QT450-10": ("QT400-15", "QT450-10", "QT500-7"),
    "45钢": ("45钢", "40Cr"),
    "40Cr": ("45钢", "40Cr", "42CrMo"),
    "42CrMo": ("40Cr", "42CrMo"),
    "304": ("304", "316L"),
    "Q355B": ("Q235B", "Q355B"),
}
_STEPS = {
    "公差等级": ("IT4", "IT5", "IT6", "IT7", "IT8", "IT9", "IT10", "IT11", "IT12"),
    "精度等级": ("2", "3", "4", "5", "6", "7", "8", "9"),
    "强度等级": ("4.8", "5.6", "6.8", "8.8", "9.8", "10.9", "12.9"),
}


_LISTED = frozenset({"强度等级"})
_LESS_IS_BETTER = frozenset({"噪声"})


class Shortfall(StrEnum):
    """The one thing in which an offer falls short of what is asked."""

    NONE = "none"
    PARAMETER = "parameter"
    PRICE = "price"
    MOQ = "moq"
    LEAD_TIME = "lead_time"


@dataclass(frozen=True)
class Terms:
    """What a leader asks for beyond the part itself; None where it does not say."""

    lead_time_days: int | None
    max_moq: int | None
    price_ceiling: Decimal | None
    release: Decimal


def terms(seed: int, leader: Leader, part: Part) -> Terms:
    """The leader's terms for a part, the same for all its products."""
    dice = Dice(seed, "terms", part.code)
    days = dice.whole(*leader.days)
    moq = rounded(float(leader.yearly(part)) * dice.between(0.02, 0.06), 1)
    ceiling = price_like(part.price * Decimal(str(round(dice.between(1.0, 1.05), 3))))
    release = Decimal(dice.weighted((10, 8, 7, 6, 5, 3), (50, 16, 10, 10, 8, 6))) / 10
    return Terms(
        lead_time_days=days if dice.chance(0.6) else None,
        max_moq=moq if dice.chance(0.4) else None,
        price_ceiling=max(ceiling, part.price) if dice.chance(0.5) else None,
        release=part.release if part.release is not None else release,
    )


def shortfall(dice: Dice, asked: Terms, parameters: str) -> Shortfall:
    """Whether an offer falls short, and in what; only in what the leader asks for."""
    drawn = dice.weighted(list(Shortfall), (70, 9, 10, 5, 6))
    possible = {
        Shortfall.PARAMETER: bool(parameters),
        Shortfall.PRICE: asked.price_ceiling is not None,
        Shortfall.MOQ: asked.max_moq is not None,
        Shortfall.LEAD_TIME: asked.lead_time_days is not None,
    }
    return drawn if possible.get(drawn) else Shortfall.NONE


def price(dice: Dice, part: Part, asked: Terms, short: Shortfall) -> Decimal:
    """The price offered: near the leader's, above its ceiling if that is the shortfall."""
    if short is Shortfall.PRICE and asked.price_ceiling is not None:
        return price_like(asked.price_ceiling * Decimal(str(round(dice.between(1.04, 1.2), 3))))
    offered = price_like(part.price * Decimal(str(round(dice.between(0.88, 1.02), 3))))
    return min(offered, asked.price_ceiling or offered)


def moq(dice: Dice, yearly: Decimal, asked: Terms, short: Shortfall) -> int | None:
    """The minimum order: mostly small, above what is acceptable if that is the shortfall."""
    if short is Shortfall.MOQ and asked.max_moq is not None:
        return rounded(asked.max_moq * dice.between(1.5, 4), 1) + 1
    small = rounded(float(yearly) * dice.between(0.001, 0.01), 1)
    limit = asked.max_moq if asked.max_moq is not None else small
    return min(small, limit) if dice.chance(0.45) else None


def lead_time(dice: Dice, leader: Leader, asked: Terms, short: Shortfall) -> int:
    """Days to deliver: within what is asked, or half as long again and more."""
    if short is Shortfall.LEAD_TIME and asked.lead_time_days is not None:
        return int(asked.lead_time_days * dice.between(1.3, 2.0)) + 1
    most = asked.lead_time_days or leader.days[1]
    return max(1, int(most * dice.between(0.5, 1.0)))


def parameter_cell(dice: Dice, asked: str, short: Shortfall) -> str:
    """The ranges that a supplier states around the asked values; one of them too narrow if that is the shortfall."""
    pieces = [piece for piece in asked.split(";") if piece]
    narrow = -1
    if short is Shortfall.PARAMETER:
        narrow = dice.pick([place for place, piece in enumerate(pieces) if _can_be_narrow(piece)] or [-1])
    return "；".join(_offered(dice, piece, position == narrow) for position, piece in enumerate(pieces))


def _offered(dice: Dice, piece: str, narrow: bool) -> str:
    """What is stated where this piece is asked; `narrow`: it does not reach it."""
    name = re.split("[=≤]", piece)[0]
    if name == "材质":
        return _materials(dice, piece.removeprefix("材质="), narrow)
    if name in _STEPS:
        return _steps(dice, name, piece.removeprefix(f"{name}="), narrow)
    match = _ASKED.match(piece)
    if match is None:
        raise ValueError(f"a parameter of the data that nobody can read: {piece}")
    low, high = _around(dice, Decimal(match["number"]), narrow != (name in _LESS_IS_BETTER))
    unit = match["unit"] or ""
    return f"{name} ≤{figure(high)} {unit}" if match["sign"] == "≤" else _said(dice, name, low, high, unit)


def _around(dice: Dice, value: Decimal, narrow: bool) -> tuple[Decimal, Decimal]:
    """A range with round ends around a value, or ending below it."""
    down, up = (0.2, 0.4), (0.75, 0.9)
    if not narrow:
        down, up = (0.3, 0.85), (1.1, 2.4)
    low = _round(value * Decimal(str(round(dice.between(*down), 3))), ROUND_FLOOR)
    high = _round(value * Decimal(str(round(dice.between(*up), 3))), ROUND_FLOOR if narrow else ROUND_CEILING)
    return low, high


def _round(value: Decimal, how: str) -> Decimal:
    step = Decimal(1).scaleb(value.adjusted() - 1)
    return (value / step).to_integral_value(how) * step


def _said(dice: Dice, name: str, low: Decimal, high: Decimal, unit: str) -> str:
    """A range in the unit asked, or now and then in a larger one."""
    if unit in _LARGER and high >= 100 and dice.chance(0.12):
        unit, factor = _LARGER[unit][0], _LARGER[unit][1]
        low, high = low / factor, high / factor
    dash = dice.pick(("~", "~", "～", "-"))
    return f"{name} {figure(low)}{dash}{figure(high)} {unit}".rstrip()


def _steps(dice: Dice, name: str, asked: str, narrow: bool) -> str:
    """A range of grades around the asked one, or just short of it."""
    grades = _STEPS[name]
    place = grades.index(asked)
    first = place + 1 if narrow and place + 1 < len(grades) else max(0, place - dice.whole(0, 1))
    last = place - 1 if narrow and first <= place else min(len(grades) - 1, first + dice.whole(2, 3))
    first = min(first, last)
    if name in _LISTED:
        return f"{name} = {'/'.join(grades[first : last + 1])}"
    return f"{name} {grades[first]}~{grades[last]}"


def _materials(dice: Dice, grade: str, narrow: bool) -> str:
    """The materials that are worked: the asked one among its neighbours, or the neighbours alone."""
    others = [other for other in _MATERIALS.get(grade, ()) if other != grade]
    stated = others if narrow else [*others, grade]
    return f"材质 = {'/'.join(grade_cell(dice, each) for each in stated)}"


def _can_be_narrow(piece: str) -> bool:
    return not piece.startswith("材质=") or len(_MATERIALS.get(piece.removeprefix("材质="), ())) > 1
