"""What an answer to a core is: shares per pair, with the bound that was proven beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from services.matching.engine.assignment.core import Choice, Core
from services.matching.engine.assignment.deadline import Deadline


@dataclass(frozen=True)
class Found:
    """`shares` as (pair, share), or None where nothing was found; `value` their Σ weight·share, exactly.

    No assignment has a value below `bound` (None: nothing is proven). `infeasible`: proven that there is none.
    """

    shares: tuple[tuple[int, Fraction], ...] | None
    value: Fraction | None
    bound: Fraction | None
    infeasible: bool = False


Solve = Callable[[Core, Deadline, Choice | None], Found]
"""Solves a core in time, perhaps starting from a choice."""

NOTHING = Found(None, None, None)
INFEASIBLE = Found(None, None, None, infeasible=True)


def whole_lines(core: Core, choice: Choice | None, bound: Fraction | None) -> Found:
    """A choice as an answer."""
    if choice is None:
        return Found(None, None, bound)
    return Found(tuple((pair, Fraction(1)) for pair in choice.tolist()), Fraction(core.value(choice)), bound)


def choice_of(found: Found) -> Choice | None:
    """The choice behind an answer of whole lines; None where there is none."""
    if found.shares is None or any(share != 1 for _, share in found.shares):
        return None
    return np.array([pair for pair, _ in found.shares], dtype=np.int64)


def value_of(core: Core, shares: Sequence[tuple[int, Fraction]]) -> Fraction:
    """Σ weight·share, exactly."""
    return sum((core.weight[pair] * share for pair, share in shares), Fraction(0))


def keeps(core: Core, shares: Sequence[tuple[int, Fraction]]) -> bool:
    """Whether shares sum to 1 per line and keep capacities and sides, exactly."""
    bought, load = [Fraction(0)] * core.lines, [Fraction(0)] * len(core.capacity)
    for pair, share in shares:
        bought[core.line[pair]] += share
        load[core.supplier[pair]] += core.use[pair] * share
    whole = all(share == 1 for share in bought) and all(share > 0 for _, share in shares)
    fits = all(limit is None or done <= limit for done, limit in zip(load, core.capacity, strict=True))
    tied = all(
        sum((side.coefficient[pair] * share for pair, share in shares), Fraction(0)) <= side.limit
        for side in core.sides
    )
    return whole and fits and tied


def rounded_up(bound: Fraction) -> int:
    """The least whole number that is not below."""
    return -(-bound.numerator // bound.denominator)


def higher(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    """The better of two lower bounds, either of which may be missing."""
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None
