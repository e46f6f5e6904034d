"""Which gates to open, where opening costs or asks a minimum: a mixed-integer problem, by HiGHS.

Only its choice of gates and offers is used, and its bound: amounts are then solved as a flow, in whole 元.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeWarning, milp
from scipy.sparse import coo_array, csr_array

from services.matching.engine.flow.problem import UNLIMITED, Ints
from services.matching.engine.modes.network import Open
from services.matching.engine.modes.problem import MILLION, ModeProblem, ModeTerms, groups, opening_costs, unit_costs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chosen:
    """Open gates and offers (None: nothing found), HiGHS's bound on the objective, and how it ended."""

    opened: Open | None
    bound: float
    ended: bool
    infeasible: bool


@dataclass
class _Rows:
    """Conditions in the making: triples, and limits from both sides."""

    row: list[Ints]
    column: list[Ints]
    value: list[Floats]
    low: list[Floats]
    high: list[Floats]
    count: int = 0

    def add(self, group: Ints, column: Ints, value: Floats, low: Floats, high: Floats) -> None:
        """Conditions low ≤ Σ value·x[column] ≤ high, the terms sorted into them by `group`."""
        self.row.append(self.count + group)
        self.column.append(column)
        self.value.append(value)
        self.low.append(low)
        self.high.append(high)
        self.count += len(low)

    def matrix(self, columns: int) -> csr_array:
        triple = (np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.column)))
        return coo_array(triple, shape=(self.count, columns)).tocsr()


def is_fixed(problem: ModeProblem, terms: ModeTerms) -> bool:
    """Whether anything but a flow is asked: minima, or costs of opening."""
    return bool(problem.least.any() or problem.order.any() or opening_costs(problem, terms).any())


def cheapest_choice(problem: ModeProblem, terms: ModeTerms, least: Ints, seconds: float) -> Chosen:
    """Which to open for the least cost that moves at least `least` 元 per group; the bound is in 元."""
    return _chosen(problem, terms, seconds, least=least, budget=None)


def furthest_choice(problem: ModeProblem, terms: ModeTerms, budget: float | None, seconds: float) -> Chosen:
    """Which to open to move most 元 for at most `budget` 元 (None: whatever it costs); the bound is −元."""
    return _chosen(problem, terms, seconds, least=None, budget=budget)


def _chosen(
    problem: ModeProblem, terms: ModeTerms, seconds: float, *, least: Ints | None, budget: float | None
) -> Chosen:
    offers, gates = len(problem.line), len(problem.cap)
    unit = max(1.0, float(problem.movable.max(initial=1)) / 1e4)
    cost = np.concatenate(
        (unit_costs(problem, terms) * (unit / MILLION), opening_costs(problem, terms), np.zeros(offers))
    )
    weight = cost if least is not None else np.concatenate((np.full(offers, -unit), np.zeros(gates + offers)))
    rows = _limits(problem, unit)
    if least is not None:
        group = groups(problem, terms)[problem.line]
        rows.add(group, np.arange(offers), np.ones(offers), least / unit, np.full(len(least), np.inf))
    if budget is not None:
        columns = np.arange(len(cost))
        rows.add(np.zeros_like(columns), columns, cost, np.array([-np.inf]), np.array([budget]))
    scale = max(1.0, float(np.abs(weight).max(initial=1.0)) / 1e6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        found = milp(
            weight / scale,
            integrality=np.concatenate((np.zeros(offers), np.ones(gates + offers))),
            bounds=Bounds(0, np.concatenate((_most(problem) / unit, np.ones(gates + offers)))),
            constraints=LinearConstraint(rows.matrix(len(cost)), np.concatenate(rows.low), np.concatenate(rows.high)),
            options={"time_limit": max(0.05, seconds), "mip_rel_gap": 0.0},
        )
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound) * scale
    if found.x is None:
        return Chosen(None, bound, found.status in {0, 2}, found.status == 2)
    carries = found.x[:offers] * unit > 0.01
    opened = found.x[offers : offers + gates] > 0.5
    used = np.zeros(gates, dtype=np.bool_)
    used[problem.gate[carries]] = True
    return Chosen(Open(opened & used, carries | (problem.order == 0), True), bound, found.status == 0, False)


def _limits(problem: ModeProblem, unit: float) -> _Rows:
    """Lines, capabilities, suppliers; gates and orders between nothing and their minimum."""
    offers, gates = len(problem.line), len(problem.cap)
    rows = _Rows([], [], [], [], [])
    column, one = np.arange(offers), np.ones(offers)
    shared = [
        (problem.line, problem.movable),
        (problem.capability, problem.capacity),
        (problem.supplier[problem.capability], problem.supplier_limit),
    ]
    for group, limit in shared:
        rows.add(group, column, one, np.full(len(limit), -np.inf), np.where(limit < UNLIMITED, limit / unit, np.inf))
    switches = [
        (problem.gate, _cap(problem), problem.least, offers + np.arange(gates)),
        (column, _most(problem), problem.order, offers + gates + column),
    ]
    for group, most, least, switch in switches:
        for limit, low, high in ((most, -np.inf, 0.0), (least, 0.0, np.inf)):
            count = len(limit)
            rows.add(
                np.concatenate((group, np.arange(count))),
                np.concatenate((column, switch)),
                np.concatenate((one, -limit / unit)),
                np.full(count, low),
                np.full(count, high),
            )
    return rows


def _most(problem: ModeProblem) -> Ints:
    """`most` per offer, not above what may move of its line: small numbers make tight switches."""
    return np.minimum(problem.most, problem.movable[problem.line]).astype(np.int64)


def _cap(problem: ModeProblem) -> Ints:
    """`cap` per gate, not above what may move of its line."""
    limit = problem.cap.copy()
    limit[problem.gate] = np.minimum(limit[problem.gate], problem.movable[problem.line])
    return limit
