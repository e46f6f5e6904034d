"""Random small flow problems, an independent solver for them, and what proves a flow optimal."""

import numpy as np
from ortools.graph.python import min_cost_flow

from services.matching.engine.flow.problem import FlowProblem, FlowSolution, Ints


def random_problem(seed: int) -> FlowProblem:
    """Parallel arcs, loops, lower bounds, negative costs, disconnected parts, zero capacities; often infeasible.

    A quarter of the seeds give wider networks; one in twenty has supplies that do not add up to nothing.
    """
    draw = np.random.default_rng(seed)
    nodes = int(draw.integers(1, 12)) if seed % 4 else int(draw.integers(20, 50))
    arcs = int(draw.integers(0, 4 * nodes))
    lower = draw.integers(0, 4, arcs) * (draw.random(arcs) < draw.choice([0, 0.1, 0.3]))
    width = draw.integers(0, draw.choice([2, 15, 1000]), arcs) * (draw.random(arcs) < 0.9)
    cost = draw.integers(draw.choice([-10, 0, 1]), 12, arcs) * draw.choice([0, 1, 1000])
    supply = np.zeros(nodes, np.int64)
    for amount in draw.integers(0, 8, draw.integers(0, 6)):
        supply[draw.integers(nodes)] += amount
        supply[draw.integers(nodes)] -= amount
    supply[0] += draw.random() < 0.05
    tail, head = draw.integers(0, nodes, arcs), draw.integers(0, nodes, arcs)
    return FlowProblem(tail, head, lower, lower + width, cost, supply)


def ortools_cost(problem: FlowProblem) -> int | None:
    """The least cost by OR-tools, which knows no lower bounds: they are shifted into the supplies. None: infeasible."""
    solver = min_cost_flow.SimpleMinCostFlow()
    width = problem.capacity - problem.lower
    solver.add_arcs_with_capacity_and_unit_cost(problem.tail, problem.head, width, problem.cost)
    solver.set_nodes_supplies(np.arange(len(problem.supply)), left_over(problem, problem.lower))
    status = solver.solve()
    assert status in (solver.OPTIMAL, solver.INFEASIBLE, solver.UNBALANCED)
    return int(solver.optimal_cost()) + int(problem.lower @ problem.cost) if status == solver.OPTIMAL else None


def left_over(problem: FlowProblem, flow: Ints) -> Ints:
    """What each node has over after a flow."""
    over = problem.supply.copy()
    np.subtract.at(over, problem.tail, flow)
    np.add.at(over, problem.head, flow)
    return over


def assert_proven_optimal(problem: FlowProblem, found: FlowSolution) -> None:
    """A flow within its bounds, balanced, and complementary to the potentials: that is a proof of optimality."""
    assert not left_over(problem, found.flow).any()
    assert (found.flow >= problem.lower).all() and (found.flow <= problem.capacity).all()
    reduced = problem.cost + found.potential[problem.tail] - found.potential[problem.head]
    assert (reduced[found.flow < problem.capacity] >= 0).all()
    assert (reduced[found.flow > problem.lower] <= 0).all()
    assert found.cost == int(problem.cost @ found.flow)


def assert_proven_infeasible(problem: FlowProblem, culprits: Ints) -> None:
    """The culprits' supplies do not fit through the arcs around them, or are not balanced at all."""
    inside = np.zeros(len(problem.supply), bool)
    inside[culprits] = True
    leaves = inside[problem.tail] & ~inside[problem.head]
    enters = ~inside[problem.tail] & inside[problem.head]
    over = int(problem.supply[inside].sum())
    out_at_most = int(problem.capacity[leaves].sum()) - int(problem.lower[enters].sum())
    assert over > out_at_most or (not (leaves | enters).any() and over != 0)
