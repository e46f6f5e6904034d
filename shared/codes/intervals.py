"""Reads what people write for a range of numbers: 100~250 mm, ≥4, 不大于 0.5 kg, 0.1~0.25 m, 10±0.5, M8～M20, 12/24 V.

Bounds are closed: "大于 4" counts as ≥ 4, for nobody buys by the difference.
"""

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

from shared.codes.parameter_names import find_prefix, prefixes
from shared.codes.units import COUNT, Unit, UnknownUnit, base_unit, convert, find_unit, unit_names
from shared.text.normalise import unify

AT_LEAST = r"≥|>=|>|不小于|不低于|不少于|大于等于|大于或等于|大于|高于|超过|至少|最小|最低|不短于|不轻于|min\.?"
AT_MOST = r"≤|<=|<|不大于|不高于|不超过|小于等于|小于或等于|小于|低于|至多|最大|最高|最多|不长于|不重于|max\.?"
NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_OR_MORE = r"(?:及|或|\()?以上\)?|及更大|起"
_OR_LESS = r"(?:及|或|\()?以下\)?|(?:以|之)内|及更小"
_COUNTERS = "层芯极路位孔级道齿档挡缸次点股瓣轴倍通道号"
_MULTIPLIERS = {"万": 10**4, "亿": 10**8}
_EXACT = Context(prec=20)


@dataclass(frozen=True)
class Bounds:
    """What was read: bounds or a list of numbers in the base unit of `unit`'s dimension (None: a pure number)."""

    low: Decimal | None
    high: Decimal | None
    unit: Unit | None
    prefix: str = ""
    values: tuple[Decimal, ...] = ()
    deviation: bool = False


class UnreadableBounds(ValueError):
    """A text that is no range of numbers; the message says in Chinese what is wrong."""


def read_bounds(text: str, implied: Unit | None = None) -> Bounds:
    """The bounds that `text` (already unified) names; numbers without any unit take `implied`.

    In "0.1~0.25 m" the first number takes the second's unit, in "100mm~250" the second the first's.
    Raises UnreadableBounds.
    """
    for pattern, read in ((_one(), _read_one), (_two(), _read_two), (_around(), _read_around), (_list(), _read_list)):
        if match := pattern.fullmatch(text.strip()):
            return read(match, implied)
    raise UnreadableBounds(f"“{text.strip()}”不是可识别的数值范围")


def plain(number: Decimal) -> Decimal:
    """The number without trailing zeros or exponent, rounded to 20 digits: one number, one spelling."""
    return Decimal(format(_EXACT.plus(number).normalize(), "f"))


@dataclass(frozen=True)
class _Figure:
    """One number as written, the unit behind it and the sign before it."""

    number: Decimal
    unit: Unit | None
    prefix: str

    def told_in(self, unit: Unit | None) -> Decimal:
        """The number in the base unit, where it has no unit of its own in `unit`."""
        own = self.unit or unit
        if own is None or own.dimension == COUNT:
            return plain(self.number)
        return plain(convert(self.number, own, base_unit(own.dimension)))


def _figure_pattern(group: str) -> str:
    """One number with its sign and unit; the groups are named after `group`."""
    units = "|".join(re.escape(name) for name in _spellings())
    signs = "|".join(re.escape(sign) for sign in prefixes())
    return (
        rf"(?:(?P<{group}_sign>(?i:{signs}))\s*)?(?P<{group}>{NUMBER})\s*"
        rf"(?P<{group}_unit>(?i:{units})(?![a-zA-Z]))?(?P<{group}_times>[万亿]?)[{_COUNTERS}]?\s*"
    )


@cache
def _spellings() -> tuple[str, ...]:
    names = {unify(name) for name in unit_names()} - _MULTIPLIERS.keys()
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


@cache
def _one() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<least>{AT_LEAST})?(?P<most>{AT_MOST})?\s*{_figure_pattern('a')}(?:(?P<up>{_OR_MORE})|(?P<down>{_OR_LESS}))?"
    )


@cache
def _two() -> re.Pattern[str]:
    between = r"(?:[~-]|至|到|to)"
    return re.compile(rf"{_figure_pattern('a')}{between}\s*{_figure_pattern('b')}(?:之间)?")


@cache
def _around() -> re.Pattern[str]:
    sides = rf"\+\s*{_figure_pattern('b')}[/,]?\s*-\s*{_figure_pattern('c')}"
    return re.compile(rf"(?:{_figure_pattern('a')})?(?:(?:±|\+/-)\s*{_figure_pattern('half')}|\(?{sides}\)?)")


@cache
def _list() -> re.Pattern[str]:
    more = rf"(?:\s*(?:/|,|或)\s*{NUMBER})+"
    return re.compile(rf"(?P<first>{NUMBER}){more}\s*(?P<unit>\D*)")


def _figure(match: re.Match[str], group: str) -> _Figure:
    number = Decimal(match[group].replace(",", "")) * _MULTIPLIERS.get(match[f"{group}_times"], 1)
    unit = find_unit(match[f"{group}_unit"]) if match[f"{group}_unit"] else None
    return _Figure(number, unit, match[f"{group}_sign"] or "")


def _read_one(match: re.Match[str], implied: Unit | None) -> Bounds:
    figure = _figure(match, "a")
    unit = figure.unit or _implied(implied, figure.prefix)
    number = figure.told_in(unit)
    if (match["least"] or match["up"]) and (match["most"] or match["down"]):
        raise UnreadableBounds(f"“{match.group().strip()}”同时写了上限和下限的说法")
    low = None if match["most"] or match["down"] else number
    high = None if match["least"] or match["up"] else number
    return Bounds(low, high, unit, figure.prefix)


def _read_two(match: re.Match[str], implied: Unit | None) -> Bounds:
    first, second = _figure(match, "a"), _figure(match, "b")
    prefix = first.prefix or second.prefix
    unit = _same_dimension(first.unit or second.unit, second.unit or first.unit) or _implied(implied, prefix)
    low, high = first.told_in(second.unit or unit), second.told_in(first.unit or unit)
    if low > high:
        raise UnreadableBounds(f"“{match.group().strip()}”的下限大于上限")
    return Bounds(low, high, second.unit or unit, prefix)


def _read_around(match: re.Match[str], implied: Unit | None) -> Bounds:
    """A value with its deviations: 10±0.5, 10+0.5/-0.2; deviations alone (±0.05) lie around nought."""
    groups = ("half", "half") if match["half"] else ("b", "c")
    more, less = (_figure(match, group) for group in groups)
    middle = _figure(match, "a") if match["a"] else _Figure(Decimal(0), None, "")
    unit = _same_dimension(middle.unit, more.unit or less.unit) or _implied(implied, middle.prefix)
    value = middle.told_in(unit)
    if less.number < 0 or more.number < 0:
        raise UnreadableBounds(f"“{match.group().strip()}”的偏差不应为负")
    deviation = match["a"] is None
    return Bounds(
        plain(value - less.told_in(unit)), plain(value + more.told_in(unit)), unit, middle.prefix, (), deviation
    )


def _read_list(match: re.Match[str], implied: Unit | None) -> Bounds:
    try:
        unit = find_unit(match["unit"]) if match["unit"].strip() else implied
    except UnknownUnit as unknown:
        raise UnreadableBounds(unknown.message) from unknown
    numbers = [
        Decimal(found.replace(",", ""))
        for found in re.findall(NUMBER, match.group()[: match.start("unit") - match.start()])
    ]
    values = sorted({_Figure(number, unit, "").told_in(unit) for number in numbers})
    if len(values) == 1:
        return Bounds(values[0], values[0], unit)
    return Bounds(None, None, unit, "", tuple(values))


def _implied(unit: Unit | None, prefix: str) -> Unit | None:
    """The unit that the sign before the number implies (φ: mm), else the one that the name implies."""
    return find_prefix(prefix).implied if prefix else unit


def _same_dimension(a: Unit | None, b: Unit | None) -> Unit | None:
    if a and b and a.dimension != b.dimension:
        raise UnreadableBounds(f"“{a.code}”与“{b.code}”不是同一种量")
    return a or b
