"""Closing in on the best choice from both sides: knapsack bounds, annealing, and HiGHS on fewer and fewer pairs."""

import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.assignment.core import Choice, Core, Floats
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import Found, higher, rounded_up
from services.matching.engine.assignment.fractional import exact_bound
from services.matching.engine.assignment.highs import relax
from services.matching.engine.assignment.lagrangian import Knapsacks, can_fill
from services.matching.engine.assignment.search import Search

CLIMB = 0.1
"""The part of the time for raising the knapsack bound once, at most."""

ANNEAL = 0.25
LIKELY = 0.15
"""The part of the time for HiGHS on the pairs that the relaxation likes best: good choices, early."""

LIKELY_PAIRS = (2.0, 2.5, 1.6, 3.0)
"""How many pairs per line are likely, turn by turn."""

LEFT = 0.4
"""The part of the time for HiGHS on all pairs that a better choice may use, once they are few enough."""

FEW = 0.6
"""So large a part of the pairs is few enough: for more, HiGHS on the whole problem does the same already."""

Branch = Callable[[Core, Deadline], Found]


class ClosingIn:
    """`best` and `bound` only get better; `infeasible` when the relaxation has no solution."""

    def __init__(self, core: Core, start: Choice | None, branch: Branch) -> None:
        self.core = core
        self.infeasible = False
        self._start, self._branch = start, branch
        self._bound: Fraction | None = None
        self._search: Search | None = None
        self._stop = threading.Event()

    @property
    def best(self) -> Choice | None:
        """The best choice so far."""
        return None if self._search is None else self._search.best

    @property
    def bound(self) -> Fraction | None:
        """The best lower bound so far."""
        return self._bound

    def stop(self) -> None:
        """Let `run` end after its present step."""
        self._stop.set()
        if self._search is not None:
            self._search.stop()

    def run(self, deadline: Deadline) -> bool:
        """Close in until the best choice is proven best (True) or time is over."""
        whole = deadline.left()

        def part(share: float) -> Deadline:
            return Deadline.after(min(deadline.left(), share * whole))

        relaxed = relax(self.core, deadline)
        self.infeasible = relaxed.infeasible
        if relaxed.x is None:
            return relaxed.infeasible
        self._bound = exact_bound(self.core, relaxed)
        self._search = search = Search(self.core, relaxed, self._start)
        # First what needs no compiled code: something is known soon, and the climb has a goal.
        self._try(search, likely(self.core, search.reduced_rise(), LIKELY_PAIRS[0], search.best), part(LIKELY))
        knapsacks = Knapsacks(self.core, relaxed) if can_fill(self.core) else None
        if knapsacks is not None and not self._is_over(deadline):
            self._climb(knapsacks, search, part(CLIMB))
        for pairs in cycle(LIKELY_PAIRS):
            search.run(part(ANNEAL))
            if self._is_over(deadline):
                break
            rise = search.reduced_rise() if knapsacks is None else knapsacks.rise()
            self._try(search, likely(self.core, rise, pairs, search.best), part(LIKELY))
            search.run(part(ANNEAL))
            if self._is_over(deadline) or (knapsacks is not None and self._drop(knapsacks, search, part)):
                break
        return self._is_proven()

    def _climb(self, knapsacks: Knapsacks, search: Search, deadline: Deadline) -> None:
        upper = None if search.best is None else Fraction(self.core.value(search.best))
        if upper is None:  # nothing is known yet: aim a little above
            known = self._bound or Fraction(0)
            upper = known + abs(known) / 50 + 1
        knapsacks.climb(upper, deadline)
        self._bound = higher(self._bound, knapsacks.bound)

    def _drop(self, knapsacks: Knapsacks, search: Search, part: Callable[[float], Deadline]) -> bool:
        """Branch on all pairs that a better choice may use, if they are few; whether the best is proven then."""
        if search.best is None:
            return False
        self._climb(knapsacks, search, part(CLIMB))
        limit = self.core.value(search.best)
        kept = knapsacks.useful(limit)
        if len(np.unique(self.core.line[kept])) == self.core.lines:
            if kept.mean() > FEW:
                return False
            found = self._try(search, kept, part(LEFT))
            if not found.infeasible:
                below = None if found.bound is None else min(found.bound, Fraction(limit))
                self._bound = higher(self._bound, below)
                return self._is_proven()
        self._bound = higher(self._bound, Fraction(limit))  # nothing below the limit is left
        return True

    def _try(self, search: Search, kept: NDArray[np.bool_], deadline: Deadline) -> Found:
        """Branch and cut over some of the pairs; what it finds is offered to the search."""
        found = self._branch(self.core.restricted(kept), deadline)
        if found.shares is not None:
            search.offer(np.flatnonzero(kept)[[pair for pair, _ in found.shares]].astype(np.int64))
        return found

    def _is_over(self, deadline: Deadline) -> bool:
        return self._stop.is_set() or deadline.left() < 0.05 or self._is_proven()

    def _is_proven(self) -> bool:
        best, bound = self.best, self._bound
        return best is not None and bound is not None and rounded_up(bound) >= self.core.value(best)


def likely(core: Core, rise: Floats, pairs: float, best: Choice | None) -> NDArray[np.bool_]:
    """The pairs at which the bound rises least: so many per line on average, each line's first, and the best choice."""
    kept = np.zeros(len(rise), dtype=np.bool_)
    kept[np.argsort(rise, kind="stable")[: int(pairs * core.lines)]] = True
    kept[np.lexsort((rise, core.line))[core.start[:-1]]] = True
    if best is not None:
        kept[best] = True
    return kept
