"""A mode's problem as a flow, once it is known which gates and offers are open: least cost, exact to the 元.

line → gate → capability → supplier → hub, and line → group → hub for what stays, whose arc into the hub says how much
may stay: that is how many 元 must move. A gate's arc carries its minimum at least.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, FlowProblem, Ints, Status
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.modes.problem import ModeProblem, ModeTerms, groups

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Open:
    """Which gates and offers may carry anything; with `minimum` those that are open must carry their minimum."""

    gates: Flags
    offers: Flags
    minimum: bool


def all_open(problem: ModeProblem) -> Open:
    """Everything may carry, no minimum is asked: the relaxation."""
    return Open(np.ones(len(problem.cap), dtype=np.bool_), np.ones(len(problem.line), dtype=np.bool_), False)


def cheapest(problem: ModeProblem, terms: ModeTerms, cost: Ints, opened: Open, least: Ints) -> Ints | None:
    """Amounts per offer of least Σ cost·amount that move at least `least` 元 per group; None where none do."""
    movable = np.zeros(len(least), dtype=np.int64)
    np.add.at(movable, groups(problem, terms), problem.movable)
    if bool((least > movable).any()):
        return None
    found = solve_flow(_network(problem, terms, cost, opened, movable - least))
    if found.status is Status.OPTIMAL:
        return np.ascontiguousarray(found.flow[: len(problem.line)])
    return None


def most_moved(problem: ModeProblem, terms: ModeTerms, opened: Open, toward: Ints | None = None) -> Ints | None:
    """Amounts that move most; with `toward` (元 per group), first most of what groups lack of it."""
    count = int(groups(problem, terms).max(initial=-1)) + 1
    movable = np.zeros(count, dtype=np.int64)
    np.add.at(movable, groups(problem, terms), problem.movable)
    base = _network(problem, terms, np.zeros(len(problem.line), dtype=np.int64), opened, movable)
    stay = len(base.tail) - count
    cost = base.cost.copy()
    cost[stay:] = 1
    if toward is None:
        network = FlowProblem(base.tail, base.head, base.lower, base.capacity, cost, base.supply)
    else:  # 元 that stay beyond what the target allows weigh more: a cycle passes each group's two arcs once
        allowed = np.maximum(0, movable - toward)
        network = FlowProblem(
            np.concatenate((base.tail, base.tail[stay:])),
            np.concatenate((base.head, base.head[stay:])),
            np.concatenate((base.lower, base.lower[stay:])),
            np.concatenate((base.capacity[:stay], allowed, movable - allowed)),
            np.concatenate((cost, np.full(count, 4, dtype=np.int64))),
            base.supply,
        )
    found = solve_flow(network)
    return np.ascontiguousarray(found.flow[: len(problem.line)]) if found.status is Status.OPTIMAL else None


def _network(problem: ModeProblem, terms: ModeTerms, cost: Ints, opened: Open, may_stay: Ints) -> FlowProblem:
    """Arcs: offers (gate → capability), lines → gates, capabilities → suppliers → hub, lines → groups → hub."""
    lines, gates, capabilities = len(problem.movable), len(problem.cap), len(problem.capacity)
    suppliers, group = len(problem.supplier_limit), groups(problem, terms)
    gate, capability = lines, lines + gates
    supplier, stays = capability + capabilities, capability + capabilities + suppliers
    hub = stays + len(may_stay)
    usable = opened.offers & opened.gates[problem.gate]
    gate_line = np.zeros(gates, dtype=np.int64)
    gate_line[problem.gate] = problem.line
    width = np.where(opened.gates, problem.cap, 0)
    least = np.where(opened.gates, problem.least, 0) if opened.minimum else np.zeros(gates, dtype=np.int64)
    order = np.where(usable, problem.order, 0) if opened.minimum else np.zeros(len(problem.line), dtype=np.int64)
    parts = [
        (gate + problem.gate, capability + problem.capability, order, np.where(usable, problem.most, 0), cost),
        (gate_line, gate + np.arange(gates), least, width, None),
        (capability + np.arange(capabilities), supplier + problem.supplier, None, problem.capacity, None),
        (supplier + np.arange(suppliers), np.full(suppliers, hub), None, problem.supplier_limit, None),
        (np.arange(lines), stays + group, None, problem.movable, None),
        (stays + np.arange(len(may_stay)), np.full(len(may_stay), hub), None, may_stay, None),
    ]
    supply = np.zeros(hub + 1, dtype=np.int64)
    supply[:lines], supply[hub] = problem.movable, -int(problem.movable.sum())
    columns = [
        np.concatenate([_column(part[position], len(part[0])) for part in parts]).astype(np.int64)
        for position in range(5)
    ]
    tail, head, lower, capacity, price = columns
    return FlowProblem(tail, head, lower, np.minimum(capacity, UNLIMITED), price, supply)


def _column(values: Ints | None, count: int) -> Ints:
    return np.zeros(count, dtype=np.int64) if values is None else values
