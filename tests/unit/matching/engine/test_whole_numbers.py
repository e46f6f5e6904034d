"""Numbers of any kind as whole multiples of one unit, and back."""

import math
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from services.matching.engine.flow.whole_numbers import Kind, NotANumber, Unit, exact, exact_cost, in_units


@pytest.mark.parametrize(
    ("values", "counts", "size", "kind"),
    [
        ([], [], 1, Kind.WHOLE),
        ([3, -2, True], [3, -2, 1], 1, Kind.WHOLE),
        ([np.int64(4), 6], [2, 3], 2, Kind.WHOLE),
        ([0.9, 2, -0.25], [90, 200, -25], Fraction(1, 100), Kind.FLOAT),
        ([1e20, 3e20], [1, 3], 10**20, Kind.FLOAT),
        ([10**30, 0], [1, 0], 10**30, Kind.WHOLE),
        ([1e-7, 1], [1, 10**7], Fraction(1, 10**7), Kind.FLOAT),
        ([math.pi], [1], Fraction("3.141592653589793"), Kind.FLOAT),
        ([np.float32(0.9), np.float64(0.5)], [9, 5], Fraction(1, 10), Kind.FLOAT),
        ([Decimal("0.90"), 1], [9, 10], Fraction(1, 10), Kind.DECIMAL),
        ([Fraction(1, 3), Fraction(1, 2)], [2, 3], Fraction(1, 6), Kind.FRACTION),
        ([Fraction(1, 3), Decimal("0.5")], [2, 3], Fraction(1, 6), Kind.FRACTION),
    ],
)
def test_units(values: list[object], counts: list[int], size: Fraction, kind: Kind) -> None:
    found, unit = in_units(values)
    assert [int(count) for count in found] == counts
    assert unit == Unit(Fraction(size), kind)


def test_what_floats_mean_does_not_depend_on_the_way() -> None:
    draws = random.Random(20261123)
    values = [round(draws.uniform(-1e6, 1e6), draws.randint(0, 7)) for _ in range(500)]
    for start in range(0, 500, 5):
        chosen: list[object] = list(values[start : start + 5])
        counts, unit = in_units(chosen)
        assert [int(count) * unit.size for count in counts] == [Fraction(repr(value)) for value in chosen]


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, Decimal("NaN"), Decimal("1E-999999999"), Decimal("1E+999999999"), "1", None, 1j]
)
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(NotANumber):
        exact(value)
    with pytest.raises(NotANumber):
        in_units([1, value])


def test_too_many_denominators() -> None:
    primes = [number for number in range(2, 3000) if all(number % other for other in range(2, math.isqrt(number) + 1))]
    with pytest.raises(NotANumber, match="denominator"):
        in_units([Fraction(1, prime) for prime in primes])


def test_results_are_written_as_the_caller_does() -> None:
    tenth = Fraction(1, 10)
    assert Unit(tenth, Kind.FLOAT).worths(np.array([3, -7])) == [0.3, -0.7]
    worth = Unit(tenth, Kind.DECIMAL).worth(10**30 + 1)
    assert isinstance(worth, Decimal)
    assert worth == Decimal("100000000000000000000000000000.1")
    assert Unit(Fraction(1, 3), Kind.FRACTION).worth(2) == Fraction(2, 3)
    whole = Unit(Fraction(5), Kind.WHOLE).worths(np.array([2]))
    assert (whole, type(whole[0])) == ([10], int)


def test_a_cost_is_rounded_once() -> None:
    assert exact_cost([3, 1], [0.1, 0.2]) == 0.5
    assert exact_cost([Fraction(1, 3)], [3]) == 1
    assert exact_cost([Decimal("0.1")] * 3, [1] * 3) == Decimal("0.3")
