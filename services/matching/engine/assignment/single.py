"""Whole lines only: a generalised assignment problem, by HiGHS's branch and cut, each answer checked exactly."""

from fractions import Fraction
from math import isfinite

from services.matching.engine.assignment.core import Choice, Core
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import INFEASIBLE, Found, whole_lines
from services.matching.engine.assignment.highs import branch


def single_lines(core: Core, deadline: Deadline, start: Choice | None = None) -> Found:
    """The least Σ weight·x over whole lines."""
    return proved(core, deadline, start, None)


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
    lowered = Fraction(bound - 1e-6 * max(1.0, abs(bound) / 1e6))
    return Fraction(-(-lowered.numerator // lowered.denominator))


def _higher(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None
