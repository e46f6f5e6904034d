"""Numbers of any kind as whole multiples of one unit, exactly: what a solver over whole numbers needs of fractions.

A float stands for the shortest decimal that reads back as it (0.9 is nine tenths, not 0.90000000000000002220…), as it
does for whoever typed it. Nothing is ever rounded: what has no such unit within 64 bits is refused.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from numbers import Rational

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import Ints

Number = int | float | Decimal | Fraction

_MOST_DECIMALS = 6
_SURE = 10**15
"""Two decimals of at most 15 digits never share a float."""
_LONGEST = 400
"""Decimal places beyond which a number is refused unread: 1E+999999999 would fill the memory."""
_WIDEST_UNIT = 2**2048


class NotANumber(ValueError):
    """A value that no whole number of units can stand for; the text continues "… has weight"."""


class Kind(IntEnum):
    """What a caller computes in, the one that absorbs the others last; results are given back in it."""

    WHOLE = 0
    DECIMAL = 1
    FRACTION = 2
    FLOAT = 3


@dataclass(frozen=True)
class Unit:
    """What one stands for, and how the caller writes it."""

    size: Fraction
    kind: Kind

    def __mul__(self, other: "Unit") -> "Unit":
        return Unit(self.size * other.size, max(self.kind, other.kind))

    def worth(self, count: int) -> Number:
        """`count` units, written as the caller does."""
        top, bottom = count * self.size.numerator, self.size.denominator
        if self.kind is Kind.FLOAT:
            return top / bottom
        if self.kind is Kind.DECIMAL:
            return _decimal(Fraction(top, bottom))
        return Fraction(top, bottom) if self.kind is Kind.FRACTION else top // bottom

    def worths(self, counts: Ints) -> list[Number]:
        """Many at once."""
        if self.kind is Kind.WHOLE and self.size == 1:
            return list(counts.tolist())
        return [self.worth(count) for count in counts.tolist()]


def in_units(values: Sequence[object]) -> tuple[list[int] | Ints, Unit]:
    """How many units each value has, and a unit that makes them whole; raises NotANumber.

    An array wherever it is sure that 64 bits hold it, else Python's integers of any size.
    """
    types = set(map(type, values))
    if types <= {int, bool} and (whole := _whole(values)) is not None:
        return whole, Unit(Fraction(1), Kind.WHOLE)
    if types <= {int, bool, float, np.float64} and (found := _short_decimals(values)):
        return found[0], Unit(found[1], Kind.FLOAT)
    fractions = [exact(value) for value in values]
    size = _common_unit(fractions)
    return [int(value / size) for value in fractions], Unit(size, kind_of(values))


def _whole(values: Sequence[object]) -> Ints | None:
    try:
        return np.array(values, np.int64)
    except OverflowError:
        return None


def _short_decimals(values: Sequence[object]) -> tuple[Ints, Fraction] | None:
    """Floats of few decimals at once: y / 10**k is rounded correctly, so it is the value only if y·10**-k is meant."""
    try:
        floats: NDArray[np.float64] = np.array(values, np.float64)
    except OverflowError:
        return None
    for decimals in range(_MOST_DECIMALS + 1):
        with np.errstate(over="ignore"):
            counts = np.rint(floats * 10.0**decimals)
        if (np.abs(counts) < _SURE).all() and (counts / 10.0**decimals == floats).all():
            return counts.astype(np.int64), Fraction(1, 10**decimals)
    return None


def exact(value: object) -> Fraction:
    """The number that a value stands for; raises NotANumber for what is none, is not finite, or is far too long."""
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, np.floating):
        value = Decimal(str(value))
    if isinstance(value, float):
        value = Decimal(repr(value))
    if not isinstance(value, Decimal):
        raise NotANumber(f"{value!r}, which is not a number")
    if not value.is_finite():
        raise NotANumber(f"{value}, which is not finite")
    if abs(value.adjusted()) > _LONGEST or len(value.as_tuple().digits) > _LONGEST:
        raise NotANumber(f"{value}, which has too many digits")
    return Fraction(value)


def exact_cost(flows: Sequence[object], weights: Sequence[object]) -> Number:
    """Σ flow × weight without rounding but the last, to the caller's kind of number; raises NotANumber."""
    total = sum((exact(flow) * exact(weight) for flow, weight in zip(flows, weights, strict=True)), Fraction(0))
    kind = max(kind_of(flows), kind_of(weights))
    return Unit(Fraction(1, total.denominator), kind).worth(total.numerator)


def kind_of(values: Iterable[object]) -> Kind:
    """What these numbers are written in."""
    kinds = {_kind_of_type(kind) for kind in set(map(type, values))}
    return max(kinds, default=Kind.WHOLE)


def _kind_of_type(kind: type) -> Kind:
    if issubclass(kind, float | np.floating):
        return Kind.FLOAT
    if issubclass(kind, Decimal):
        return Kind.DECIMAL
    return Kind.WHOLE if issubclass(kind, int | np.integer) else Kind.FRACTION


def _common_unit(fractions: Iterable[Fraction]) -> Fraction:
    """The largest fraction of which all are whole multiples; raises NotANumber where it is absurdly small."""
    top, bottom = 0, 1
    for value in fractions:
        top, bottom = math.gcd(top, value.numerator), math.lcm(bottom, value.denominator)
        if bottom > _WIDEST_UNIT:
            raise NotANumber(f"{value}, whose denominator shares too little with the others")
    return Fraction(top or 1, bottom)


def _decimal(value: Fraction) -> Decimal:
    """A fraction of tenths, hundredths, … without rounding, whatever the precision of the caller's context."""
    places = 0
    while 10**places % value.denominator:
        places += 1
    return Decimal(f"{value.numerator * (10**places // value.denominator)}E-{places}")
