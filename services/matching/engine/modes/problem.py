"""What the modes of a plan read of a market, in arrays, and what they answer. Amounts are whole 元."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.assignment.problem import Status
from services.matching.engine.flow.problem import Ints

MILLION = 1_000_000


@dataclass(frozen=True)
class ModeProblem:
    """Offers of capabilities on lines, and the limits that they share.

    Per offer: its `line`, `capability` and `gate`, `most` 元, `order` (the least 元 if anything; 0: no such rule) and
    `difference`, what 1,000,000 元 cost more than today (negative: less). A gate is a supplier on a line: at most `cap`
    元 through all its offers, nothing or at least `least`; `opened[gate]` tells that the supplier delivers there
    already. Per line: `movable`, what is `local` already (and approved), what is `counted`, its `product`. Per
    capability: `capacity` (UNLIMITED where there is none) and its `supplier`; per supplier `supplier_limit`.
    """

    line: Ints
    capability: Ints
    gate: Ints
    most: Ints
    order: Ints
    difference: Ints
    cap: Ints
    least: Ints
    opened: NDArray[np.bool_]
    movable: Ints
    local: Ints
    counted: Ints
    product: Ints
    capacity: Ints
    supplier: Ints
    supplier_limit: Ints


@dataclass(frozen=True)
class ModeTerms:
    """What the policy asks of a mode.

    `target`: the share to reach, of all products together or (`per_product`) of each. Switching costs
    `switching_per_pair` 元 for each supplier new on a line, and `switching_per_million` per 1,000,000 元 moved.
    `tolerance` is τ: within_cost may spend (1 + τ) × what is counted today. `time_limit` in seconds.
    """

    target: Fraction = Fraction(1, 2)
    per_product: bool = False
    switching_per_pair: int = 0
    switching_per_million: int = 0
    tolerance: Fraction = Fraction(0)
    time_limit: float = 30.0


@dataclass(frozen=True)
class ModeResult:
    """The amounts per offer with what they cost more than today (元) and the rate that they reach, all exact.

    `bound` is proven: no plan costs less (least change) or reaches a higher rate (the others, and where the target is
    out of reach); `gap` is the relative distance to it, None where nothing is proven. `unreachable`: the target cannot
    be reached, this is the plan that comes nearest. `missing` per product is what it lacks of its target in this plan,
    in 元.
    """

    status: Status
    amounts: Ints
    cost: Fraction
    rate: Fraction
    bound: Fraction | None
    gap: Fraction | None
    missing: tuple[int, ...] = ()


def unit_costs(problem: ModeProblem, terms: ModeTerms) -> Ints:
    """What 1,000,000 元 on each offer cost more than today, switching included."""
    return np.ascontiguousarray(problem.difference + terms.switching_per_million)


def opening_costs(problem: ModeProblem, terms: ModeTerms) -> Ints:
    """What opening each gate costs, in 元."""
    return np.where(problem.opened, 0, terms.switching_per_pair).astype(np.int64)


def needed(problem: ModeProblem, terms: ModeTerms) -> Ints:
    """元 to move for the target: one number per product, or a single one for all."""
    group = groups(problem, terms)
    count = int(group.max(initial=-1)) + 1
    counted, local = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.add.at(counted, group, problem.counted)
    np.add.at(local, group, problem.local)
    asked = [-(-terms.target.numerator * whole // terms.target.denominator) for whole in counted.tolist()]
    return np.asarray(np.maximum(0, np.array(asked, dtype=np.int64) - local), dtype=np.int64)


def groups(problem: ModeProblem, terms: ModeTerms) -> Ints:
    """The group per line whose target counts: its product, or 0 where all count together."""
    return problem.product if terms.per_product else np.zeros_like(problem.product)


def cost_of(problem: ModeProblem, terms: ModeTerms, amounts: Ints) -> Fraction:
    """What amounts cost more than today, in 元: price differences, switching, new suppliers on lines."""
    units = zip(amounts.tolist(), unit_costs(problem, terms).tolist(), strict=True)
    moved = Fraction(sum(amount * unit for amount, unit in units), MILLION)
    used = np.unique(problem.gate[amounts > 0])
    return moved + int(opening_costs(problem, terms)[used].sum())


def rate_of(problem: ModeProblem, moved: int) -> Fraction:
    """The rate over all lines when so many 元 are moved; 0 where nothing counts."""
    counted = int(problem.counted.sum())
    return Fraction(int(problem.local.sum()) + moved, counted) if counted else Fraction(0)


def missing(problem: ModeProblem, terms: ModeTerms, amounts: Ints) -> tuple[int, ...]:
    """What each group lacks of its target."""
    return tuple(np.maximum(0, needed(problem, terms) - moved_by_group(problem, terms, amounts)).tolist())


def moved_by_group(problem: ModeProblem, terms: ModeTerms, amounts: Ints) -> Ints:
    """元 moved per group."""
    group = groups(problem, terms)
    return _sums(group[problem.line], amounts, int(group.max(initial=-1)) + 1)


def keeps(problem: ModeProblem, amounts: Ints) -> bool:
    """Whether amounts keep every limit and minimum, exactly."""
    through = _sums(problem.gate, amounts, len(problem.cap))
    taken = _sums(problem.capability, amounts, len(problem.capacity))
    limits = [
        (amounts, problem.most),
        (_sums(problem.line, amounts, len(problem.movable)), problem.movable),
        (through, problem.cap),
        (taken, problem.capacity),
        (_sums(problem.supplier, taken, len(problem.supplier_limit)), problem.supplier_limit),
    ]
    enough = [(amounts, problem.order), (through, problem.least)]
    return (
        bool((amounts >= 0).all())
        and all(bool((done <= limit).all()) for done, limit in limits)
        and all(bool(((done == 0) | (done >= least)).all()) for done, least in enough)
    )


def _sums(position: Ints, amounts: Ints, count: int) -> Ints:
    found = np.zeros(count, dtype=np.int64)
    np.add.at(found, position, amounts)
    return found
