"""Chance that repeats: a named stream of random numbers, and the roundings that make figures look like people's."""

import math
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of chance named by the seed and by what it is for."""

    def __init__(self, seed: int, *purpose: str) -> None:
        self._random = Random(":".join((str(seed), *purpose)))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """A number of [low, high), evenly."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number of [low, high], evenly."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, evenly."""
        return choices[int(self._random.random() * len(choices))]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different ones of the choices (all, if there are fewer), in their order."""
        picked = sorted(self._random.sample(range(len(choices)), min(count, len(choices))))
        return [choices[position] for position in picked]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        """One of the choices, by weight."""
        return self._random.choices(choices, weights)[0]

    def heavy_tailed(self, median: float, spread: float) -> float:
        """A log-normal number: half are below the median, few are far above it."""
        return median * math.exp(spread * self._random.gauss(0, 1))


def rounded(value: float | Decimal, digits: int = 2) -> int:
    """A whole number of so many significant digits, at least 1: 48,731 → 49,000."""
    number = max(Decimal(value), Decimal(1))
    step = Decimal(10) ** max(0, number.adjusted() + 1 - digits)
    return int((number / step).to_integral_value() * step)


def price_like(value: float | Decimal) -> Decimal:
    """A unit price of three to four significant digits, never below 0.01 元."""
    number = max(Decimal(value), Decimal("0.01"))
    places = max(-2, min(4, 2 - number.adjusted()))
    return plain(number.quantize(Decimal(1).scaleb(-places)) + 0)


def plain(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent, as a cell shows it."""
    return Decimal(format(value.normalize(), "f"))
