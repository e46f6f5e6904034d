"""Looks for better choices by annealing in rounds, each from the best so far."""

import threading
from collections.abc import Iterator
from itertools import cycle

import numpy as np

from services.matching.engine.assignment.annealing import anneal
from services.matching.engine.assignment.core import Choice, Core, Floats, as_floats
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.highs import Relaxed, largest

FIRST_MOVES = 3_000_000
MOST_MOVES = 40_000_000
CANDIDATES = (4, 8, 3, 1000)
"""How many of a line's pairs, the best by reduced weight, a round may use."""

HEATS = ((3.0, 0.3), (1.0, 0.2), (2.0, 0.3))
"""First and last temperature of a round, in mean price of what a unit of capacity is worth."""

STEEP = 4.0
"""What exceeding a capacity costs, in the same measure; it grows while no round has found a choice that keeps all."""


class Search:
    """The best choice known; `run` improves it until told to stop. Every choice taken over is checked exactly."""

    def __init__(self, core: Core, relaxed: Relaxed, start: Choice | None) -> None:
        assert relaxed.x is not None
        self.core = core
        self.best: Choice | None = None
        self._stop = threading.Event()
        self._weight, self._use = as_floats(core.weight), as_floats(core.use)
        self._side = np.array([as_floats(side.coefficient) for side in core.sides], dtype=np.float64).reshape(
            -1, len(core.line)
        )
        self._side_limit = np.array([float(side.limit) for side in core.sides])
        self._capacity = np.array([np.inf if limit is None else float(limit) for limit in core.capacity])
        self._reduced = self._weight + relaxed.capacity_price[core.supplier] * self._use
        self._reduced += relaxed.side_price @ self._side if len(core.sides) else 0.0
        self._price = _floored(relaxed.capacity_price, self._weight, self._use)
        self._side_price = _floored(relaxed.side_price, self._weight, np.abs(self._side))
        self._first = largest(core, relaxed.x)
        self._moves, self._rate, self._steep = FIRST_MOVES, 1e7, STEEP
        self._rounds: Iterator[tuple[int, tuple[float, float]]] = zip(cycle(CANDIDATES), cycle(HEATS), strict=False)
        self._seed = np.array([88172645463325252], dtype=np.uint64)
        for choice in (start, self._first):
            if choice is not None:
                self.offer(choice)

    def offer(self, choice: Choice) -> None:
        """Take a choice over if it keeps everything and is better."""
        if self.core.keeps(choice) and (self.best is None or self.core.value(choice) < self.core.value(self.best)):
            self.best = choice

    def run(self, deadline: Deadline) -> None:
        """Rounds of annealing until `stop` or the deadline; a later call goes on where this one ended."""
        for most, heat in self._rounds:
            left = deadline.left()
            moves = min(self._moves, int(self._rate * left))
            if self._stop.is_set() or moves < self._moves // 3:
                return
            steep = STEEP if self.best is not None else self._steep
            self._round(most, heat, steep, moves)
            self._rate = moves / max(1e-3, left - deadline.left())
            self._moves = min(MOST_MOVES, self._moves * 3 // 2)
            self._steep *= 1 if self.best is not None else 2

    def reduced_rise(self) -> Floats:
        """How far each pair's reduced weight is above its line's least."""
        least = np.minimum.reduceat(self._reduced, self.core.start[:-1])
        return np.asarray(self._reduced - least[self.core.line], dtype=np.float64)

    def stop(self) -> None:
        """Let `run` end after its round."""
        self._stop.set()

    def _round(self, most: int, heat: tuple[float, float], steep: float, moves: int) -> None:
        begin = self._first if self.best is None else self.best
        kept = _nearest(self.core, self._reduced, most)
        kept[begin] = True
        place = np.cumsum(kept) - 1
        counts = np.bincount(self.core.line[kept], minlength=self.core.lines)
        free = np.flatnonzero(counts > 1).astype(np.int64)
        if not len(free):
            return
        choice = place[begin].astype(np.int64)
        best, unit = choice.copy(), max(1e-12, float(self._price.mean()))
        known = np.inf if self.best is None else float(self.core.value(self.best))
        found = anneal(
            np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            np.ascontiguousarray(self.core.supplier[kept]),
            np.ascontiguousarray(self._weight[kept]),
            np.ascontiguousarray(self._use[kept]),
            self._capacity,
            np.ascontiguousarray(steep * self._price),
            np.ascontiguousarray(self._side[:, kept]),
            self._side_limit,
            np.ascontiguousarray(steep * self._side_price),
            free,
            choice,
            best,
            known,
            moves,
            heat[0] * unit * self._typical_use(),
            heat[1] * unit * self._typical_use(),
            self._seed,
        )
        if found < known:
            self.offer(np.flatnonzero(kept)[best].astype(np.int64))

    def _typical_use(self) -> float:
        """How much capacity one careless move wastes: a fiftieth of a line's use."""
        return max(1e-12, float(np.median(self._use)) / 50)


def _floored(price: Floats, weight: Floats, use: Floats) -> Floats:
    """Prices, none below the mean one; where all are 0, what a unit of use weighs."""
    if not len(price):
        return np.zeros(0)
    rate = float(np.abs(weight).sum() / max(1e-12, use.sum()))
    mean = float(price.mean())
    return np.ascontiguousarray(np.maximum(price, mean if mean > 0 else rate))


def _nearest(core: Core, reduced: Floats, most: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The `most` pairs of each line with the least reduced weight."""
    order = np.lexsort((reduced, core.line))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - core.start[core.line[order]]
    return rank < most
