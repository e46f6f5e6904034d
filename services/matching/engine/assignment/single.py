"""Whole lines only: a generalised assignment problem. HiGHS on the whole of it, and beside it a closing-in.

Small problems go to HiGHS at once. For others a second thread raises a bound by knapsacks, looks for better choices by
annealing and by HiGHS on few pairs, and drops the pairs that no better choice can use. The better choice and the better
bound are the answer, so it is never worse than HiGHS alone. Each choice is checked in whole numbers.
"""

import threading
from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

from services.matching.engine.assignment.core import Choice, Core
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import INFEASIBLE, Found, choice_of, higher, rounded_up, whole_lines
from services.matching.engine.assignment.highs import branch

if TYPE_CHECKING:
    from services.matching.engine.assignment.closing_in import ClosingIn

SMALL = 300
"""Problems of so many pairs go to HiGHS at once."""

ALONE = 0.06
"""The part of the time, one second at most, that HiGHS has for itself: easy problems end in it."""

EARLIER = 0.97
"""The part of the time for the threads; they look at the clock now and then, the caller must not wait for them."""


def single_lines(core: Core, deadline: Deadline, start: Choice | None = None) -> Found:
    """The least Σ weight·x over whole lines.

    At the deadline it returns, whatever its threads do; they end within their own time limit.
    """
    if len(core.line) <= SMALL:
        return proved(core, deadline, start, None)
    race = _Race(core, deadline, start)
    race.run_plain()
    if not race.over.wait(min(1.0, ALONE * deadline.left())):
        race.run_closing_in()
    if not race.over.wait(deadline.left_empty_handed()) and race.found_something():
        race.over.wait(deadline.left())
    return race.answer()


class _Race:
    """Two threads at one core; `over` is set when one of them has proven the answer or both have ended."""

    def __init__(self, core: Core, deadline: Deadline, start: Choice | None) -> None:
        self.core, self.start, self.deadline = core, start, deadline.part(EARLIER)
        self.over = threading.Event()
        self.plain: Found | None = None
        self.closing: ClosingIn | None = None
        self._running = 0
        self._lock = threading.Lock()

    def run_plain(self) -> None:
        """Start HiGHS on the whole core."""

        def run() -> None:
            found = proved(self.core, self.deadline, self.start, None)
            self.plain = found
            self._ended(found.infeasible or (found.bound is not None and found.value == found.bound))

        self._started(run)

    def run_closing_in(self) -> None:
        """Start the closing-in."""

        def run() -> None:
            # Only here: small and easy problems need not wait for the compiler to load.
            from services.matching.engine.assignment.closing_in import ClosingIn

            self.closing = ClosingIn(self.core, self.start, lambda part, until: proved(part, until, None, None))
            self._ended(self.closing.run(self.deadline))

        self._started(run)

    def found_something(self) -> bool:
        """Whether a choice is known that keeps everything; what HiGHS knows is not told before it ends."""
        return self.start is not None or (self.closing is not None and self.closing.best is not None)

    def answer(self) -> Found:
        """The better choice with the better bound."""
        plain, closing = self.plain, self.closing
        if closing is not None:
            closing.stop()
        if (plain is not None and plain.infeasible) or (closing is not None and closing.infeasible):
            return INFEASIBLE
        choices = [None if plain is None else choice_of(plain), None if closing is None else closing.best, self.start]
        known = [choice for choice in choices if choice is not None and self.core.keeps(choice)]
        best = min(known, key=self.core.value, default=None)
        bound = higher(None if plain is None else plain.bound, None if closing is None else closing.bound)
        if best is None or bound is None:
            return whole_lines(self.core, best, bound)
        return whole_lines(self.core, best, Fraction(min(rounded_up(bound), self.core.value(best))))

    def _started(self, run: Callable[[], None]) -> None:
        with self._lock:
            self._running += 1
        threading.Thread(target=run, daemon=True).start()

    def _ended(self, proven: bool) -> None:
        with self._lock:
            self._running -= 1
            if proven or not self._running:
                self.over.set()


def proved(core: Core, deadline: Deadline, best: Choice | None, bound: Fraction | None) -> Found:
    """Branch and cut until a choice that keeps everything exactly is proven best, or time is over.

    What HiGHS's tolerances let pass is refused, choice by choice, and the search goes on.
    """
    refused: list[Choice] = []
    while True:
        found = branch(core, deadline, refused)
        if found.ended and found.choice is None:
            return INFEASIBLE if best is None else whole_lines(core, best, Fraction(core.value(best)))
        bound = higher(bound, _cautious(found.bound))
        kept = found.choice is not None and core.keeps(found.choice)
        if kept and found.choice is not None and (best is None or core.value(found.choice) < core.value(best)):
            best = found.choice
        if found.ended and kept and best is not None:
            return whole_lines(core, best, Fraction(core.value(best)))
        if found.choice is None or kept or deadline.left() <= 0:
            return whole_lines(core, best, bound)
        refused.append(found.choice)


def _cautious(bound: float) -> Fraction | None:
    """HiGHS's bound, less its tolerance; weights are whole numbers, so it can be rounded up to one."""
    if not isfinite(bound):
        return None
    return Fraction(rounded_up(Fraction(bound - 1e-6 * max(1.0, abs(bound) / 1e6))))
