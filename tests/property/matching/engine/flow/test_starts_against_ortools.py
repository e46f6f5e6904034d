"""Starts of the network simplex: from each the same optimum, and a vertex is a flow no dearer than the one before."""

import numpy as np
import pytest

from services.matching.engine.flow.problem import UNLIMITED, FlowProblem, Status
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.flow.start import greedy_start
from services.matching.engine.flow.vertex import Flows, vertex
from tests.property.matching.engine.flow.problems import (
    assert_proven_optimal,
    left_over,
    ortools_cost,
    random_problem,
)

_SHARES = 4


@pytest.mark.parametrize("share", range(_SHARES))
def test_markets_are_equal_to_ortools(share: int) -> None:
    for seed in range(share, 600, _SHARES):
        problem, root = random_market(seed)
        found, expected = solve_flow(problem, start=greedy_start(problem, root)), ortools_cost(problem)
        if expected is None:
            assert found.status is Status.INFEASIBLE, f"seed {seed}"
        else:
            assert (found.status, found.cost) == (Status.OPTIMAL, expected), f"seed {seed}"
            assert_proven_optimal(problem, found)


def test_any_network_has_a_start() -> None:
    for seed in range(400):
        problem = random_problem(seed)
        root = seed % len(problem.supply)
        found, cold = solve_flow(problem, start=greedy_start(problem, root)), solve_flow(problem)
        assert (found.status, found.cost) == (cold.status, cold.cost), f"seed {seed}"


def test_a_vertex_keeps_balances_and_costs_no_more() -> None:
    for seed in range(400):
        problem, draw = random_problem(seed), np.random.default_rng(seed)
        flow = draw.integers(problem.lower, problem.capacity + 1)
        before, cost = left_over(problem, flow), int(problem.cost @ flow)
        arcs = (problem.tail, problem.head, problem.lower, problem.capacity, problem.cost)
        parent_arc = vertex(Flows(*arcs, flow), np.full(len(before), -1), 0)
        assert (left_over(problem, flow) == before).all() and int(problem.cost @ flow) <= cost, f"seed {seed}"
        between = np.flatnonzero((problem.lower < flow) & (flow < problem.capacity) & (problem.tail != problem.head))
        assert set(between) <= set(parent_arc), f"seed {seed}: not all arcs between their bounds are in the tree"


def random_market(seed: int) -> tuple[FlowProblem, int]:
    """Lines, capabilities and a hub; arcs home too narrow, lower bounds and gains that hardly differ now and then."""
    draw = np.random.default_rng(seed)
    lines, capabilities = (int(number) for number in draw.integers(1, 12, 2))
    hub, pairs = lines + capabilities, int(draw.integers(0, 60))
    amount, room = draw.integers(0, 20, lines), draw.integers(0, 25, capabilities)
    home = amount + 1 if draw.random() < 0.8 else draw.integers(0, 20, lines)
    tail = np.concatenate([draw.integers(0, lines, pairs), np.arange(hub)])
    head = np.concatenate([lines + draw.integers(0, capabilities, pairs), np.full(hub, hub)])
    width = np.concatenate([draw.integers(0, 15, pairs), home, room])
    width[draw.random(len(width)) < 0.02] = UNLIMITED // 2**20
    gain = draw.integers(0, draw.choice([2, 30, 10**12]), pairs) + draw.choice([0, 10**6])
    cost = np.concatenate([-gain, draw.integers(-3, 4, hub)])
    lower = draw.integers(0, 3, len(tail)) * (draw.random(len(tail)) < draw.choice([0, 0.1]))
    supply = np.concatenate([amount, np.zeros(capabilities, np.int64), [-amount.sum()]])
    order = draw.permutation(len(tail)) if seed % 2 else np.arange(len(tail))
    tail, head, lower, width, cost = (column[order] for column in (tail, head, lower, width, cost))
    return FlowProblem(tail, head, lower, lower + width, cost, supply), hub
