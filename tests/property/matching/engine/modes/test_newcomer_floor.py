"""The floor for newcomers: kept exactly, and the best that keeps it, against HiGHS on the same network."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from services.matching.engine.flow.problem import FlowProblem, Ints
from services.matching.engine.modes.newcomers import with_amount, with_share


def network(random: Random) -> tuple[FlowProblem, Ints, Ints]:
    """Lines → suppliers → hub, with each line's own way to the hub; the arcs of newcomers and of known firms."""
    lines, suppliers = random.randint(1, 5), random.randint(1, 5)
    hub = lines + suppliers
    movable = [random.randint(0, 30) for _ in range(lines)]
    arcs = [(line, hub, movable[line], 0) for line in range(lines)]
    arcs += [
        (line, lines + who, random.randint(0, 25), -random.randint(1, 9))
        for line in range(lines)
        for who in range(suppliers)
        if random.random() < 0.7
    ]
    first = len(arcs)
    arcs += [(lines + who, hub, random.randint(0, 40), -random.choice((0, 100))) for who in range(suppliers)]
    tail, head, capacity, cost = (np.array(column, dtype=np.int64) for column in zip(*arcs, strict=True))
    supply = np.array([*movable, *[0] * suppliers, -sum(movable)], dtype=np.int64)
    new = np.array([random.random() < 0.4 for _ in range(suppliers)])
    into = first + np.arange(suppliers)
    return FlowProblem(tail, head, np.zeros_like(tail), capacity, cost, supply), into[new], into[~new]


def least(problem: FlowProblem, cost: Ints, row: np.ndarray, at_least: float) -> int | None:
    """Least cost in whole 元 with one more condition, row · flow ≥ at_least; None where there is no such flow."""
    arcs, nodes = len(problem.tail), len(problem.supply)
    balance = np.zeros((nodes, arcs))
    np.add.at(balance, (problem.tail, np.arange(arcs)), 1)
    np.add.at(balance, (problem.head, np.arange(arcs)), -1)
    found = milp(
        cost,
        integrality=np.ones(arcs),
        bounds=Bounds(0, problem.capacity),
        constraints=[
            LinearConstraint(balance, problem.supply, problem.supply),
            LinearConstraint(row[None, :], at_least, np.inf),
        ],
        options={"mip_rel_gap": 0.0},
    )
    return None if found.x is None else round(float(found.fun))


@settings(max_examples=80)
@given(st.randoms(use_true_random=False), st.sampled_from([0, 1, 2, 3, 5, 7, 10]))
def test_share(random: Random, tenths: int) -> None:
    problem, new, known = network(random)
    share = Fraction(tenths, 10)
    plan = with_share(problem, new, known, share)
    row, moved = np.zeros(len(problem.tail)), np.zeros_like(problem.cost)
    row[new], row[known], moved[new], moved[known] = 10 - tenths, -tenths, -1, -1
    assert plan.reached and plan.newcomers >= share * plan.moved
    assert plan.moved == plan.newcomers + plan.known
    best = least(problem, problem.cost, row, 0)
    reached = int(plan.flow @ problem.cost)
    assert best is not None and reached >= best
    if plan.forced:
        assert plan.moved == -(least(problem, moved, row, 0) or 0)
    else:
        assert reached == best


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.integers(0, 40))
def test_amount(random: Random, amount: int) -> None:
    problem, new, known = network(random)
    plan = with_amount(problem, new, known, amount)
    row, gain = np.zeros(len(problem.tail)), np.zeros_like(problem.cost)
    row[new], gain[new] = 1, -1
    best = least(problem, problem.cost, row, amount)
    assert plan.reached == (best is not None)
    if best is not None:
        assert plan.newcomers >= amount and int(plan.flow @ problem.cost) == best
    else:
        most = -(least(problem, gain, row, 0) or 0)
        assert plan.newcomers == most < amount
        assert int(plan.flow @ problem.cost) == least(problem, problem.cost, row, most)


def test_arcs_must_meet_in_one_hub() -> None:
    problem, _, _ = network(Random(1))
    with pytest.raises(ValueError, match="one hub"):
        with_share(problem, np.array([0]), np.array([0]), Fraction(1, 2))
