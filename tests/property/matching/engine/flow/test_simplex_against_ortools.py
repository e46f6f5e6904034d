"""The network simplex on thousands of small problems: equal to OR-tools to the unit, and proven by its potentials."""

import numpy as np
import pytest

from services.matching.engine.flow.problem import Basis, FlowProblem, Status
from services.matching.engine.flow.solver import solve_flow
from tests.property.matching.engine.flow.problems import (
    assert_proven_infeasible,
    assert_proven_optimal,
    ortools_cost,
    random_problem,
)

_SEEDS = 2400
_SHARES = 8


@pytest.mark.parametrize("share", range(_SHARES))
def test_equal_to_ortools(share: int) -> None:
    outcomes = dict.fromkeys(Status, 0)
    for seed in range(share, _SEEDS, _SHARES):
        problem = random_problem(seed)
        found, expected = solve_flow(problem), ortools_cost(problem)
        outcomes[found.status] += 1
        if expected is None:
            assert found.status is Status.INFEASIBLE, f"seed {seed}"
            assert_proven_infeasible(problem, found.culprits)
        else:
            assert (found.status, found.cost) == (Status.OPTIMAL, expected), f"seed {seed}"
            assert_proven_optimal(problem, found)
    assert outcomes[Status.OPTIMAL] > 50 and outcomes[Status.INFEASIBLE] > 50


@pytest.mark.parametrize("share", range(4))
def test_any_start_leads_to_the_optimum(share: int) -> None:
    """From its own optimal basis without a pivot; from the basis of another problem on the same arcs; from any tree."""
    for seed in range(share, 400, 4):
        problem = random_problem(seed)
        found = solve_flow(problem)
        if found.basis is None:
            continue
        assert solve_flow(problem, start=found.basis).pivots == 0
        changed = _changed(problem, seed)
        cold = solve_flow(changed)
        for start in (found.basis, _any_tree(problem, seed)):
            warm = solve_flow(changed, start=start)
            assert (warm.status, warm.cost) == (cold.status, cold.cost), f"seed {seed}"
            if warm.status is Status.OPTIMAL:
                assert_proven_optimal(changed, warm)


def _changed(problem: FlowProblem, seed: int) -> FlowProblem:
    """Other capacities, costs and supplies on the same arcs."""
    draw = np.random.default_rng(seed + 10**6)
    width = np.maximum(problem.capacity - problem.lower + draw.integers(-3, 4, len(problem.tail)), 0)
    cost = problem.cost + draw.integers(-2, 3, len(problem.tail))
    supply = problem.supply.copy()
    supply[0] += 1
    supply[-1] -= 1
    return FlowProblem(problem.tail, problem.head, problem.lower, problem.lower + width, cost, supply)


def _any_tree(problem: FlowProblem, seed: int) -> Basis:
    """A random forest of arcs that climb to smaller node numbers, and a flow that need not fit it."""
    draw = np.random.default_rng(seed)
    parent_arc = np.full(len(problem.supply), -1)
    for arc in draw.permutation(len(problem.tail)):
        low, high = sorted((problem.tail[arc], problem.head[arc]))
        if low < high and draw.random() < 0.8:
            parent_arc[high] = arc
    return Basis(parent_arc, draw.integers(0, 20, len(problem.tail)))
