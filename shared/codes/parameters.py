"""Technical parameters: intervals with units, or sets of allowed values.

`parse_parameters` reads what people write in one spreadsheet cell; `contains` is the rule of eligibility.
"""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from shared.codes.parameter_cells import Reading, UnreadablePiece, canonical_value, read_cell
from shared.codes.parameter_names import Direction, ParameterName, find_name
from shared.codes.taxonomy import families
from shared.codes.units import COUNT, Unit, UnknownUnit, base_unit, convert, find_unit

_MOST_DIGITS = 15


class Parameter(BaseModel):
    """One parameter: an interval [low, high] in the dimension's base unit, or a set of values (materials).

    A missing bound is open. `unit` is the base unit after conversion (mm, kg, MPa …) or None for a pure number.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    values: tuple[str, ...] = ()


class InvalidParameter(ValueError):
    """A piece of a cell that is no parameter: the piece, what is wrong and what to do, in Chinese."""

    def __init__(self, piece: str, message: str, remedy: str) -> None:
        super().__init__(f"“{piece}”：{message}")
        self.piece = piece
        self.message = f"“{piece}”：{message}"
        self.remedy = remedy


def parse_parameters(text: str) -> list[Parameter]:
    """The parameters of a cell, pieces parted by ；or new lines (by commas where that is clear), in their order.

    Values come in base units with canonical names and material grades. Two forms are brought to one interval so that
    `contains` is plain containment: who attains a grade or a deviation (公差等级 IT6, Ra ≤ 0.8, ±0.02) attains every
    coarser one, [6, ∞); who attains a strength (抗拉强度 ≥ 600 MPa) attains every lower one, (−∞, 600].

    Raises InvalidParameter, naming the piece.

    >>> [say(p) for p in parse_parameters("外径 0.1～0.25 m；壁厚不小于4；材质：06Cr19Ni10、316L")]
    ['外径 100~250 mm', '壁厚 ≥ 4 mm', '材质 = 304/316L']
    """
    try:
        readings = read_cell(text)
    except UnreadablePiece as unreadable:
        raise InvalidParameter(unreadable.piece, unreadable.message, unreadable.remedy) from unreadable
    return [_parameter(reading) for reading in readings]


def fault(parameter: Parameter) -> str | None:
    """What keeps a parameter from being compared with others, in Chinese; None for one that `parse_parameters` makes.

    Its name and materials must be the canonical ones, its unit the base unit of the dimension that the name measures.
    """
    name = find_name(parameter.name)
    if name.name != parameter.name:
        return f"参数“{parameter.name}”请写为“{name.name}”"
    if parameter.low is not None and parameter.high is not None and parameter.low > parameter.high:
        return f"参数“{name.name}”的下限大于上限"
    foreign = [value for value in parameter.values if canonical_value(value) != value]
    if foreign:
        return f"参数“{name.name}”的取值“{foreign[0]}”请写为“{canonical_value(foreign[0])}”"
    return _unit_fault(parameter, name)


def contains(asked: Parameter, offered: Parameter) -> bool:
    """Whether everything that is asked lies in what is offered; reflexive and transitive.

    Of one name and one unit; a grade lies in its family (304 in 不锈钢). A missing bound is open: who asks for
    "≤ 500 kg" without a lower bound asks for every weight down to nought.
    """
    if (asked.name, asked.unit) != (offered.name, offered.unit):
        return False
    if asked.values:
        return all(_has(offered, value) for value in asked.values)
    if offered.values:
        point = point_of(asked)
        return point is not None and _has(offered, point)
    return _not_below(asked.low, offered.low) and _not_above(asked.high, offered.high)


def margin(asked: Parameter, offered: Parameter) -> float:
    """How comfortably the asked lies in the offered: 0 at its edge or not contained, 1 in the middle or far inside.

    Between two bounds, the distance to the nearer one as a share of half the offered width; at one bound, as a share of
    the larger of the two numbers. Sets and open intervals have no edge: 1.
    """
    if not contains(asked, offered):
        return 0.0
    if asked.values or offered.values:
        return 1.0
    width = None if offered.low is None or offered.high is None else offered.high - offered.low
    slacks = [_slack(asked.low, offered.low, width), _slack(asked.high, offered.high, width)]
    return min(1.0, *slacks)


def point_of(parameter: Parameter) -> str | None:
    """The value that an interval of one number reads as, so that a set may hold it; None for anything else."""
    single = not parameter.values and parameter.low is not None and parameter.low == parameter.high
    return _text(parameter.low) if single and parameter.low is not None else None


def say(parameter: Parameter) -> str:
    """The parameter as people write it; `parse_parameters` reads it back as the same."""
    name = find_name(parameter.name)
    if parameter.values:
        return _say_values(parameter, name)
    unit = _unit_text(parameter, name)
    prefix = name.prefixes[0] if name.prefixes and not unit else ""
    low, high = _say_bound(parameter.low, parameter, name, prefix), _say_bound(parameter.high, parameter, name, prefix)
    if name.direction is Direction.SMALLER and high is None and low is not None:
        return f"{parameter.name} {low}" if prefix else f"{parameter.name} ≤ {low}{unit}"
    if name.direction is Direction.LARGER and low is None and high is not None:
        return f"{parameter.name} ≥ {high}{unit}"
    return f"{parameter.name} {_say_interval(low, high)}{unit if low or high else ''}"


def _unit_fault(parameter: Parameter, name: ParameterName) -> str | None:
    if parameter.unit is None:
        missing = name.dimension and not parameter.values
        return f"参数“{name.name}”缺少单位" if missing and name.dimension else None
    try:
        unit = find_unit(parameter.unit)
    except UnknownUnit as error:
        return f"参数“{name.name}”的单位：{error.message}"
    base = parameter.unit if unit.dimension == COUNT else base_unit(unit.dimension).sign
    if name.dimension and unit.dimension != name.dimension:
        return f"参数“{name.name}”的单位与名称不符"
    return None if base == parameter.unit else f"参数“{name.name}”请换算为“{base}”"


def _parameter(reading: Reading) -> Parameter:
    """The reading with the direction of its name applied."""
    low, high = reading.low, reading.high
    if reading.name.direction is Direction.SMALLER and not reading.values:
        low, high = (high if reading.deviation or low is None else low), None
    if reading.name.direction is Direction.LARGER and not reading.values:
        low, high = None, (low if high is None else high)
    unit = base_unit(reading.dimension).sign if reading.dimension else None
    return Parameter(name=reading.name.name, low=low, high=high, unit=unit, values=reading.values)


def _has(offered: Parameter, value: str) -> bool:
    if offered.values:
        return any(name in offered.values for name in families(value))
    try:
        number = Decimal(value)
    except ArithmeticError:
        return False
    return _not_below(number, offered.low) and _not_above(number, offered.high)


def _not_below(asked: Decimal | None, offered: Decimal | None) -> bool:
    return offered is None or (asked is not None and asked >= offered)


def _not_above(asked: Decimal | None, offered: Decimal | None) -> bool:
    return offered is None or (asked is not None and asked <= offered)


def _slack(asked: Decimal | None, offered: Decimal | None, width: Decimal | None) -> float:
    """The distance to one bound by its scale; an open bound is far away, and of a single point nothing is left over."""
    if asked is None or offered is None:
        return 1.0
    scale = width / 2 if width is not None else max(abs(asked), abs(offered))
    return float(abs(asked - offered) / scale) if scale else 0.0


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _shown_unit(parameter: Parameter, name: ParameterName) -> str:
    """The unit to show: the name's usual one where it tells every number exactly, else the base unit."""
    if parameter.unit is None or name.unit is None:
        return parameter.unit or ""
    base, shown = find_unit(parameter.unit), name.unit
    numbers = [bound for bound in (parameter.low, parameter.high, *map(Decimal, parameter.values)) if bound is not None]
    exact = base.dimension == shown.dimension and all(_told_exactly(number, base, shown) for number in numbers)
    return shown.sign if exact else parameter.unit


def _told_exactly(number: Decimal, base: Unit, shown: Unit) -> bool:
    told = convert(number, base, shown)
    return len(told.normalize().as_tuple().digits) < _MOST_DIGITS and convert(told, shown, base) == number


def _unit_text(parameter: Parameter, name: ParameterName) -> str:
    unit = _shown_unit(parameter, name)
    return f" {unit}" if unit else ""


def _say_bound(bound: Decimal | None, parameter: Parameter, name: ParameterName, prefix: str) -> str | None:
    if bound is None:
        return None
    shown = _shown_unit(parameter, name)
    if shown and parameter.unit:
        bound = convert(bound, find_unit(parameter.unit), find_unit(shown))
    return prefix + _text(bound)


def _say_interval(low: str | None, high: str | None) -> str:
    if low is None or high is None:
        return f"≥ {low}" if low else f"≤ {high}" if high else "不限"
    return low if low == high else f"{low}~{high}"


def _say_values(parameter: Parameter, name: ParameterName) -> str:
    unit = _unit_text(parameter, name)
    if not unit:
        return f"{parameter.name} = {'/'.join(parameter.values)}"
    shown = (_say_bound(Decimal(value), parameter, name, "") for value in parameter.values)
    return f"{parameter.name} {'/'.join(filter(None, shown))}{unit}"
