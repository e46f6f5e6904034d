"""Whole lines only: a generalised assignment problem. A bound by knapsacks, annealing beside it, HiGHS on the rest.

Small problems go to HiGHS at once, and easy ones end in its first seconds. Else the knapsack relaxation proves a bound
and which pairs no better choice can use, while annealing looks for better choices in a second thread; HiGHS then
searches what is left. Each choice is checked in whole numbers.
"""

import threading
from fractions import Fraction
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.assignment.core import Choice, Core, Floats
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import INFEASIBLE, Found, whole_lines
from services.matching.engine.assignment.fractional import exact_bound
from services.matching.engine.assignment.highs import Relaxed, branch, relax
from services.matching.engine.assignment.lagrangian import Knapsacks, can_fill
from services.matching.engine.assignment.search import Search

SMALL = 300
"""Problems of so many pairs go to HiGHS at once."""

EASY = 0.12
"""The part of the time for HiGHS alone on the whole problem, in seconds at most EASY_SECONDS."""

EASY_SECONDS = 3.0
COMPILING = 0.3
"""The part of the time to wait for the compiler, at most; if it takes longer, HiGHS goes on alone."""

CLIMB = 0.3
"""The part of the time for the knapsack bound, at most."""

LIKELY = 0.35
"""The part of the time left for HiGHS on the pairs that the relaxation likes best: good choices, early."""

LIKELY_PAIRS = 2.0


def single_lines(core: Core, deadline: Deadline, start: Choice | None = None) -> Found:
    """The least Σ weight·x over whole lines."""
    if len(core.line) <= SMALL:
        return proved(core, deadline, start, None)
    ready = compile_ahead()
    first = proved(core, Deadline.after(min(EASY_SECONDS, EASY * deadline.left())), start, None)
    if first.infeasible or (first.bound is not None and first.value == first.bound):
        return first
    relaxed = relax(core, deadline)
    if relaxed.x is None:
        return INFEASIBLE if relaxed.infeasible else first
    known = start if first.shares is None else np.array([pair for pair, _ in first.shares], dtype=np.int64)
    bound = _higher(first.bound, exact_bound(core, relaxed))
    if not ready.wait(COMPILING * deadline.left()):
        return proved(core, deadline, known, bound)
    search = Search(core, relaxed, known)
    worker = threading.Thread(target=search.run, args=(deadline,), daemon=True)
    worker.start()
    try:
        bound = _closed_in(core, search, Knapsacks(core, relaxed) if can_fill(core) else None, bound, deadline)
    finally:
        search.stop()
        worker.join()
    if bound is None or search.best is None:
        return whole_lines(core, search.best, bound)
    return whole_lines(core, search.best, Fraction(min(_rounded_up(bound), core.value(search.best))))


def compile_ahead() -> threading.Event:
    """Compile (or load) the kernels in a thread of its own; tells when they are ready. Only the first run compiles."""
    ready = threading.Event()

    def prepare() -> None:
        suppliers, lines = 2, 3
        line, supplier = np.repeat(np.arange(lines), suppliers), np.tile(np.arange(suppliers), lines)
        pairs = np.empty(lines * suppliers, dtype=object)
        pairs[:] = [1, 2, 3, 4, 5, 6]
        core = Core(np.arange(lines + 1) * suppliers, line, supplier, pairs, pairs, (9, 9), (), 1)
        zeros = np.zeros(suppliers)
        relaxed = Relaxed(False, np.ones(len(line)) / suppliers, zeros, np.zeros(0))
        knapsacks = Knapsacks(core, relaxed)
        knapsacks.climb(Fraction(20), Deadline.after(1.0))
        knapsacks.useful(20)
        Search(core, relaxed, None).round_of(2, 1)
        ready.set()

    threading.Thread(target=prepare, daemon=True).start()
    return ready


def _closed_in(
    core: Core, search: Search, knapsacks: Knapsacks | None, bound: Fraction | None, deadline: Deadline
) -> Fraction | None:
    """Raise the bound; branch on the few pairs that the relaxation likes best, then on all that may still be better.

    Returns the bound; the choices are the search's.
    """
    if knapsacks is not None:
        knapsacks.climb(_upper(core, search), deadline.part(CLIMB))
        bound = _higher(bound, knapsacks.bound)
    if not _is_proven(core, search, bound):
        rise = search.reduced_rise() if knapsacks is None else knapsacks.rise()
        _branch_on(core, search, _likely(core, rise, search.best), deadline.part(LIKELY))
    if not _is_proven(core, search, bound):
        bound = _higher(bound, _all_that_is_better(core, search, knapsacks, deadline))
    return bound


def _all_that_is_better(core: Core, search: Search, knapsacks: Knapsacks | None, deadline: Deadline) -> Fraction | None:
    """Branch on every pair that a better choice than the best known could use; the bound that this proves."""
    best = search.best
    limit = None if best is None else Fraction(core.value(best))
    kept = np.ones(len(core.line), dtype=np.bool_)
    if knapsacks is not None and limit is not None:
        knapsacks.climb(limit, deadline.part(CLIMB / 2))
        kept = knapsacks.useful(int(limit))
    if len(np.unique(core.line[kept])) < core.lines:
        return limit
    found = _branch_on(core, search, kept, deadline)
    if found.infeasible:
        return limit
    known = [value for value in (found.bound, limit) if value is not None]
    return None if found.bound is None else min(known)


def _branch_on(core: Core, search: Search, kept: NDArray[np.bool_], deadline: Deadline) -> Found:
    """Branch and cut over some of the pairs; what it finds is offered to the search."""
    found = proved(core.restricted(kept), deadline, None, None)
    if found.shares is not None:
        search.offer(np.flatnonzero(kept)[[pair for pair, _ in found.shares]].astype(np.int64))
    return found


def _likely(core: Core, rise: Floats, best: Choice | None) -> NDArray[np.bool_]:
    """The pairs at which the bound rises least: so many per line on average, and each line's best."""
    kept = np.zeros(len(rise), dtype=np.bool_)
    kept[np.argsort(rise, kind="stable")[: int(LIKELY_PAIRS * core.lines)]] = True
    kept[np.lexsort((rise, core.line))[core.start[:-1]]] = True
    if best is not None:
        kept[best] = True
    return kept


def _is_proven(core: Core, search: Search, bound: Fraction | None) -> bool:
    return search.best is not None and bound is not None and _rounded_up(bound) >= core.value(search.best)


def _upper(core: Core, search: Search) -> Fraction:
    """A value to aim at: the best known, or a rough guess while none is."""
    if search.best is not None:
        return Fraction(core.value(search.best))
    return Fraction(int(sum(np.maximum.reduceat(core.weight, core.start[:-1]).tolist())))


def proved(core: Core, deadline: Deadline, best: Choice | None, bound: Fraction | None) -> Found:
    """Branch and cut until a choice that keeps everything exactly is proven best, or time is over.

    What HiGHS's tolerances let pass is refused, choice by choice, and the search goes on.
    """
    refused: list[Choice] = []
    while True:
        found = branch(core, deadline, refused)
        if found.ended and found.choice is None:
            return INFEASIBLE if best is None else whole_lines(core, best, Fraction(core.value(best)))
        bound = _higher(bound, _cautious(found.bound))
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
    return Fraction(_rounded_up(Fraction(bound - 1e-6 * max(1.0, abs(bound) / 1e6))))


def _rounded_up(bound: Fraction) -> int:
    return -(-bound.numerator // bound.denominator)


def _higher(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None
