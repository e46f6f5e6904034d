"""The linear core of an assignment: least Σ weight·x over pairs, in whole numbers of any size.

Every question asked of a problem (least cost, or one step of Dinkelbach's method for the highest share) is such a
core: weights scaled to whole numbers, capacities per supplier, and side conditions Σ coefficient·x ≤ limit that tie all
lines together (the share, the limit of cost). Fractions become whole numbers by their common denominator, so that
every check here is exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.assignment.problem import AssignmentProblem, Pair

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Whole = NDArray[np.object_]
"""Python integers in an array."""

Choice = Ints
"""The pair that each line gets; shape (lines,)."""

Condition = tuple[Callable[[Pair], Fraction], Fraction]
"""Σ coefficient(pair) · x ≤ limit."""


@dataclass(frozen=True)
class Side:
    """Σ `coefficient`[pair] · x[pair] ≤ `limit`."""

    coefficient: Whole
    limit: int


@dataclass(frozen=True)
class Core:
    """Pairs sorted by line; those of line j are `start[j]`:`start[j + 1]`. `capacity` None: unlimited.

    Shapes: `start` (lines + 1,), `line`, `supplier`, `weight`, `use` (pairs,), `capacity` (suppliers,). Weights are
    `scale` times the numbers of the problem.
    """

    start: Ints
    line: Ints
    supplier: Ints
    weight: Whole
    use: Whole
    capacity: tuple[int | None, ...]
    sides: tuple[Side, ...]
    scale: int

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self.start) - 1

    def value(self, choice: Choice) -> int:
        """Σ weight of a choice."""
        return int(sum(self.weight[choice].tolist()))

    def keeps(self, choice: Choice) -> bool:
        """Whether a choice keeps capacities and sides, exactly."""
        load = [0] * len(self.capacity)
        for supplier, use in zip(self.supplier[choice].tolist(), self.use[choice].tolist(), strict=True):
            load[supplier] += use
        fits = all(limit is None or done <= limit for done, limit in zip(load, self.capacity, strict=True))
        return fits and all(sum(side.coefficient[choice].tolist()) <= side.limit for side in self.sides)

    def restricted(self, kept: NDArray[np.bool_]) -> "Core":
        """The core of some of the pairs."""
        counts = np.bincount(self.line[kept], minlength=self.lines)
        return replace(
            self,
            start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            line=self.line[kept],
            supplier=self.supplier[kept],
            weight=self.weight[kept],
            use=self.use[kept],
            sides=tuple(Side(side.coefficient[kept], side.limit) for side in self.sides),
        )


def core_of(
    problem: AssignmentProblem,
    weight: Callable[[Pair], Fraction],
    sides: Sequence[Condition],
) -> Core:
    """The core with this weight per pair, and these sides as (coefficient per pair, limit)."""
    pairs = problem.pairs
    line = np.array([pair.line for pair in pairs], dtype=np.int64)
    counts = np.bincount(line, minlength=len(problem.lines))
    weights, scale = _whole([weight(pair) for pair in pairs])
    capacity = [who.capacity for who in problem.suppliers]
    uses, unit = _whole([pair.use for pair in pairs], [limit for limit in capacity if limit is not None])
    return Core(
        start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        line=line,
        supplier=np.array([pair.supplier for pair in pairs], dtype=np.int64),
        weight=weights,
        use=uses,
        capacity=tuple(None if limit is None else int(limit * unit) for limit in capacity),
        sides=tuple(_side([coefficient(pair) for pair in pairs], limit) for coefficient, limit in sides),
        scale=scale,
    )


def share_side(problem: AssignmentProblem) -> list[Condition]:
    """The share asked for, if one is: Σ (asked − local)·cost·x ≤ 0."""
    asked = problem.min_local_share
    if asked is None:
        return []
    return [(lambda pair: pair.cost * (asked - problem.suppliers[pair.supplier].local), Fraction(0))]


def cost_side(problem: AssignmentProblem) -> list[Condition]:
    """The limit of cost, if there is one."""
    return [] if problem.max_cost is None else [(lambda pair: pair.cost, problem.max_cost)]


def as_floats(numbers: Whole) -> Floats:
    """Whole numbers as floats; exact up to 2⁵³."""
    return np.ascontiguousarray(numbers.astype(np.float64))


def _side(coefficients: list[Fraction], limit: Fraction) -> Side:
    numbers, unit = _whole(coefficients, [limit])
    return Side(numbers, int(limit * unit))


def _whole(values: Sequence[Fraction], also: Sequence[Fraction] = ()) -> tuple[Whole, int]:
    """Values times their least common denominator, and that denominator (made common with that of `also`)."""
    unit = lcm(*(value.denominator for value in values), *(value.denominator for value in also))
    found = np.empty(len(values), dtype=object)
    found[:] = [value.numerator * (unit // value.denominator) for value in values]
    return found, unit
