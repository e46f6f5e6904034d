"""The knapsack relaxation of a core: a bound above the linear one, and pairs that no better choice can use."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.assignment.core import Core, Floats, Ints
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.highs import Relaxed, in_fractions
from services.matching.engine.assignment.knapsack import ascend, losses

WORK = 40_000_000
"""Room × pairs above which the knapsacks' tables are not filled."""

FINE = 2**34
"""Weights are taken as multiples of about the largest one divided by this, and never coarser than needed."""

ROUNDS = 15
PATIENCE = 4
"""Steps are halved after so many rounds without progress, twice as often as progress is made."""


class Knapsacks:
    """The relaxation of "each line once"; sides stay at the prices of the linear relaxation."""

    def __init__(self, core: Core, relaxed: Relaxed) -> None:
        self.core = core
        prices = in_fractions(relaxed.side_price)
        weight = core.weight.copy()
        for price, side in zip(prices, core.sides, strict=True):
            weight = weight + side.coefficient * price
        self._constant = sum((price * side.limit for price, side in zip(prices, core.sides, strict=True)), Fraction(0))
        largest = max(1.0, float(max(abs(value) for value in weight.tolist())))
        self.unit = Fraction(2) ** min(6, int(np.floor(np.log2(FINE / largest))))
        self._weight = np.array([int((value * self.unit) // 1) for value in weight.tolist()], dtype=np.int64)
        self._use, self._capacity = _rooms(core)
        self._own, self._pairs = _by_supplier(core)
        self.worth = _first_worth(core, self._weight, relaxed, float(self.unit))
        self.best = -(2**60)

    @property
    def bound(self) -> Fraction:
        """The proven lower bound, in weights."""
        return Fraction(self.best) / self.unit - self._constant

    def climb(self, upper: Fraction, deadline: Deadline) -> None:
        """Raise the bound by subgradient steps until they no longer help, or time is over."""
        goal, pace = int((upper + self._constant) * self.unit), 0.25
        while pace > 0.004 and deadline.left() > 0 and self.best <= goal:
            before, worth = self.best, self.worth.copy()
            self.best = ascend(
                self._own,
                self._pairs,
                self.core.line,
                self._weight,
                self._use,
                self._capacity,
                worth,
                self.worth,
                self.best,
                goal,
                pace,
                ROUNDS,
            )
            if before > -(2**60) and self.best - before < max(1, (goal - before) // 50):
                pace /= 2

    def rise(self) -> Floats:
        """What the bound rises at least if a line goes to this pair, in units of the bound."""
        enter, leave = np.zeros(len(self.core.line), dtype=np.int64), np.zeros(len(self.core.line), dtype=np.int64)
        losses(
            self._own,
            self._pairs,
            self.core.line,
            self._weight,
            self._use,
            self._capacity,
            self.worth,
            enter,
            leave,
        )
        others = np.add.reduceat(leave, self.core.start[:-1])[self.core.line] - leave
        return np.asarray(enter + others, dtype=np.float64)  # below 2⁵³, or beyond any use

    def useful(self, below: int) -> NDArray[np.bool_]:
        """The pairs that a choice with a weight < `below` may use."""
        most = (below - 1 + self._constant) * self.unit - self.best
        return np.asarray(self.rise() <= float(most) + 1, dtype=np.bool_)


def can_fill(core: Core) -> bool:
    """Whether the tables of this core are small enough."""
    numbers = [limit for limit in core.capacity if limit is not None]
    if not core.lines or max(numbers, default=0) >= 2**31 or max(core.use.tolist()) >= 2**31:
        return False
    _, capacity = _rooms(core)
    counts = np.bincount(core.supplier, minlength=len(capacity))
    return int((counts * (capacity + 1)).sum()) <= WORK and int(counts.max() * (capacity.max() + 1)) <= WORK // 4


def _rooms(core: Core) -> tuple[Ints, Ints]:
    """Use and capacity for the tables; without a limit, what all of a supplier's lines take."""
    use = core.use.astype(np.int64)
    total = np.bincount(core.supplier, weights=use, minlength=len(core.capacity)).astype(np.int64)
    limits = [
        int(most) if limit is None else min(limit, int(most)) for limit, most in zip(core.capacity, total, strict=True)
    ]
    return np.ascontiguousarray(use), np.array(limits, dtype=np.int64)


def _by_supplier(core: Core) -> tuple[Ints, Ints]:
    pairs = np.argsort(core.supplier, kind="stable").astype(np.int64)
    counts = np.bincount(core.supplier, minlength=len(core.capacity))
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), pairs


def _first_worth(core: Core, weight: Ints, relaxed: Relaxed, unit: float) -> Ints:
    """The linear relaxation's duals of the lines."""
    use: Floats = core.use.astype(np.float64)
    reduced = weight + relaxed.capacity_price[core.supplier] * use * unit
    return np.ascontiguousarray(np.rint(np.minimum.reduceat(reduced, core.start[:-1])).astype(np.int64))
