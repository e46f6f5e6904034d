"""A flow that is kept, under random changes: always what a solve from scratch gives, and OR-tools."""

import numpy as np
import pytest

from services.matching.engine.flow.problem import Status
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.flow.warm import WarmFlow
from tests.property.matching.engine.flow.problems import (
    assert_proven_infeasible,
    assert_proven_optimal,
    ortools_cost,
    random_problem,
)

_SEEDS = 320
_SHARES = 8


def assert_as_from_scratch(flow: WarmFlow, note: object) -> None:
    """Solve, and compare with both solvers; the potentials prove what is optimal."""
    found, problem = flow.solution(flow.solve()), flow.problem
    scratch = solve_flow(problem)
    assert (found.status, found.cost) == (scratch.status, scratch.cost), note
    if found.status is Status.OPTIMAL:
        assert_proven_optimal(problem, found)
        assert flow.flow_on(np.arange(flow.arcs)).tolist() == found.flow.tolist()
        assert ortools_cost(problem) == found.cost, note
        assert solve_flow(problem, start=found.basis).cost == found.cost
    elif (problem.capacity >= problem.lower).all():
        assert_proven_infeasible(problem, found.culprits)


def change(flow: WarmFlow, draw: np.random.Generator) -> None:
    """One random change; what it takes from a node it gives to another."""
    kind = draw.integers(7) if flow.arcs else 5
    arc, node, other = (int(draw.integers(most)) for most in (max(flow.arcs, 1), flow.nodes, flow.nodes))
    if kind == 0:
        flow.set_cost(arc, int(draw.integers(-10, 12)))
    elif kind == 1:
        lower = int(flow.problem.lower[arc])
        flow.set_capacity(arc, int(draw.choice([lower, lower + draw.integers(0, 20)])))
    elif kind == 2:
        flow.remove_arc(arc)
    elif kind == 3 and node != other:
        amount = int(draw.integers(1, 4))
        flow.set_supply(node, int(flow.problem.supply[node]) + amount)
        flow.set_supply(other, int(flow.problem.supply[other]) - amount)
    elif kind == 4:
        amount = int(draw.integers(0, 4))
        flow.set_supply(node, int(flow.problem.supply[node]) - amount)
        new = flow.add_node(amount)
        flow.add_arcs([new, node], [node, new], [0, 0], [9, 9], draw.integers(-3, 9, 2))
    else:
        lower = int(draw.integers(0, 2))
        flow.add_arc(node, other, lower, lower + int(draw.integers(0, 9)), int(draw.integers(-5, 9)))


@pytest.mark.parametrize("share", range(_SHARES))
def test_equal_to_a_solve_from_scratch(share: int) -> None:
    for seed in range(share, _SEEDS, _SHARES):
        draw, problem = np.random.default_rng(seed), random_problem(seed)
        start = solve_flow(problem).basis if seed % 3 == 0 else None
        root = int(draw.integers(len(problem.supply))) if seed % 2 else None
        flow = WarmFlow(problem, spare_nodes=seed % 4, spare_arcs=seed % 5, start=start, root=root)
        assert_as_from_scratch(flow, (seed, "at first"))
        for step in range(12):
            for _ in range(int(draw.integers(1, 4))):
                change(flow, draw)
            assert_as_from_scratch(flow, (seed, step))


@pytest.mark.parametrize("share", range(_SHARES))
def test_a_mark_brings_everything_back(share: int) -> None:
    for seed in range(share, _SEEDS // 2, _SHARES):
        draw = np.random.default_rng(seed)
        flow = WarmFlow(random_problem(seed), spare_nodes=3, spare_arcs=seed % 30)
        flow.solve()
        for _ in range(3):
            mark, before, first = flow.mark(), flow.problem, flow.solution(flow.solve())
            for _ in range(2):
                for _ in range(int(draw.integers(1, 8))):
                    change(flow, draw)
                    if draw.random() < 0.5:
                        flow.solve()
                flow.rewind(mark)
                for name in ("tail", "head", "lower", "capacity", "cost", "supply"):
                    assert getattr(flow.problem, name).tolist() == getattr(before, name).tolist(), (seed, name)
                again = flow.solution(flow.solve())
                assert (again.cost, again.flow.tolist()) == (first.cost, first.flow.tolist()), seed
            change(flow, draw)
            assert_as_from_scratch(flow, seed)
