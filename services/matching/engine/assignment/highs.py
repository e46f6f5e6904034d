"""A core put to HiGHS (through scipy): its relaxation with prices, and the search for the best choice.

HiGHS reckons in floats with tolerances, so nothing that it says is taken as it is: choices are checked in whole
numbers by the caller, and a bound from prices is computed again exactly (`priced_bound`).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm, log2

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeWarning, linprog, milp
from scipy.sparse import csr_array

from services.matching.engine.assignment.core import Choice, Core, Floats, as_floats
from services.matching.engine.assignment.deadline import Deadline

LARGEST = 1e9
"""Rows and objectives with larger coefficients are scaled down for HiGHS."""


@dataclass(frozen=True)
class Relaxed:
    """The relaxation's optimum: x per pair (None: infeasible, or out of time), prices ≥ 0 of capacities and sides."""

    infeasible: bool
    x: Floats | None
    capacity_price: Floats
    side_price: Floats


@dataclass(frozen=True)
class Branched:
    """What the search found: a choice (to be checked), HiGHS's lower bound (in weights), and whether it ended."""

    choice: Choice | None
    bound: float
    ended: bool


@dataclass(frozen=True)
class Rows:
    """`served` x = 1 per line; `limited` x ≤ `limits`: capacities, then sides. Row r is `factor[r]` × the original."""

    served: csr_array
    limited: csr_array
    limits: Floats
    factor: Floats
    suppliers: list[int]
    weight: Floats
    weight_factor: float


def rows_of(core: Core) -> Rows:
    """The core's matrices, scaled where coefficients are too large for floats with tolerances."""
    pairs = len(core.line)
    served = csr_array((np.ones(pairs), np.arange(pairs), core.start), shape=(core.lines, pairs)).tocsr()
    suppliers = sorted(binding(core))
    row_of = np.full(len(core.capacity), -1, dtype=np.int64)
    row_of[suppliers] = np.arange(len(suppliers))
    use, row = as_floats(core.use), row_of[core.supplier]
    where = np.flatnonzero(row >= 0)
    most = np.ones(len(suppliers))
    np.maximum.at(most, row[where], use[where])
    factor = [_factor(value) for value in most.tolist()]
    values, positions, columns = [use[where] * np.array(factor)[row[where]]], [row[where]], [where]
    limits = [float(core.capacity[who] or 0) * scale for who, scale in zip(suppliers, factor, strict=True)]
    for side in core.sides:
        coefficient = as_floats(side.coefficient)
        scale = _factor(float(np.abs(coefficient).max(initial=1.0)))
        values.append(coefficient * scale)
        positions.append(np.full(pairs, len(limits)))
        columns.append(np.arange(pairs))
        limits.append(float(side.limit) * scale)
        factor.append(scale)
    triple = (np.concatenate(values), (np.concatenate(positions), np.concatenate(columns)))
    weight = as_floats(core.weight)
    weight_factor = _factor(float(np.abs(weight).max(initial=1.0)))
    return Rows(
        served=served,
        limited=csr_array(triple, shape=(len(limits), pairs)),
        limits=np.array(limits),
        factor=np.array(factor),
        suppliers=suppliers,
        weight=weight * weight_factor,
        weight_factor=weight_factor,
    )


def binding(core: Core) -> list[int]:
    """The suppliers whose capacity could be exceeded at all."""
    most = [0] * len(core.capacity)
    for supplier, use in zip(core.supplier.tolist(), core.use.tolist(), strict=True):
        most[supplier] += use
    return [who for who, limit in enumerate(core.capacity) if limit is not None and most[who] > limit]


def relax(core: Core, deadline: Deadline) -> Relaxed:
    """Least Σ weight·x over 0 ≤ x, by HiGHS's dual simplex: a vertex, and prices."""
    rows = rows_of(core)
    if not core.lines:
        return Relaxed(False, np.zeros(0), np.zeros(len(core.capacity)), np.zeros(len(core.sides)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        found = linprog(
            rows.weight,
            A_ub=rows.limited if len(rows.limits) else None,
            b_ub=rows.limits if len(rows.limits) else None,
            A_eq=rows.served,
            b_eq=np.ones(core.lines),
            bounds=(0, None),
            method="highs-ds",
            options={"time_limit": max(0.05, deadline.left())},
        )
    capacity_price, side_price = np.zeros(len(core.capacity)), np.zeros(len(core.sides))
    if found.status != 0:
        return Relaxed(found.status == 2, None, capacity_price, side_price)
    if len(rows.limits):
        price = np.maximum(0.0, -found.ineqlin.marginals * rows.factor / rows.weight_factor)
        capacity_price[rows.suppliers] = price[: len(rows.suppliers)]
        side_price[:] = price[len(rows.suppliers) :]
    return Relaxed(False, found.x, capacity_price, side_price)


def branch(core: Core, deadline: Deadline, refused: Sequence[Choice] = ()) -> Branched:
    """The best choice by HiGHS's branch and cut; `refused` choices (of this core's pairs) are cut off one by one."""
    rows = rows_of(core)
    limits = [LinearConstraint(rows.served, 1, 1)]
    if len(rows.limits):
        limits.append(LinearConstraint(rows.limited, -np.inf, rows.limits))
    if refused:
        cut = csr_array(
            (
                np.ones(len(refused) * core.lines),
                (np.repeat(np.arange(len(refused)), core.lines), np.concatenate(refused)),
            ),
            shape=(len(refused), len(core.line)),
        )
        limits.append(LinearConstraint(cut, -np.inf, core.lines - 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        found = milp(
            rows.weight,
            integrality=np.ones(len(core.line)),
            bounds=Bounds(0, 1),
            constraints=limits,
            options={"time_limit": max(0.05, deadline.left()), "mip_rel_gap": 0.0},
        )
    if found.status == 2:
        return Branched(None, np.inf, True)
    choice = None if found.x is None else largest(core, found.x)
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound) / rows.weight_factor
    return Branched(choice, bound, found.status == 0)


def largest(core: Core, x: Floats) -> Choice:
    """Per line, the pair with the largest x."""
    order = np.lexsort((-x, core.line))
    return np.ascontiguousarray(order[core.start[:-1]])


def priced_bound(core: Core, capacity_price: Sequence[Fraction], side_price: Sequence[Fraction]) -> Fraction:
    """A lower bound on Σ weight·x, exact for any prices ≥ 0: capacities and sides relaxed at their prices.

    Σ_j min_i (weight + price_i·use + Σ_k price_k·coefficient) − Σ_i price_i·capacity_i − Σ_k price_k·limit_k.
    """
    own = [Fraction(0) if limit is None else price for price, limit in zip(capacity_price, core.capacity, strict=True)]
    unit = lcm(*(price.denominator for price in (*own, *side_price)))
    table = np.empty(len(own), dtype=object)
    table[:] = [int(price * unit) for price in own]
    reduced = core.weight * unit + table[core.supplier] * core.use
    fixed = sum(int(price * unit) * (limit or 0) for price, limit in zip(own, core.capacity, strict=True))
    for price, side in zip(side_price, core.sides, strict=True):
        reduced = reduced + side.coefficient * int(price * unit)
        fixed += int(price * unit) * side.limit
    best = sum(np.minimum.reduceat(reduced, core.start[:-1]).tolist()) if core.lines else 0
    return Fraction(int(best) - int(fixed), unit)


def in_fractions(prices: Floats) -> list[Fraction]:
    """Prices cut to multiples of one power of two: exact bounds then stay small numbers."""
    highest = float(prices.max(initial=0.0))
    unit = Fraction(2) ** (45 - (ceil(log2(highest)) if highest > 0 else 0))
    return [round(Fraction(price) * unit) / unit for price in prices.tolist()]


def _factor(largest_value: float) -> float:
    return 1.0 if 1e-3 <= largest_value <= LARGEST else 1e6 / largest_value
