"""The flow function against two solvers that share no code with it: OR-tools phase by phase, and HiGHS as an LP."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow
from scipy.optimize import linprog

from services.matching.engine.flow.problem import InfeasibleFlow
from tests.support.flow_objectives import FlowNetwork, lexicographic_flow


@st.composite
def networks(draw: st.DrawFn) -> FlowNetwork:
    """Small networks with parallel arcs, lower bounds, supplies and three objectives; often infeasible."""
    nodes = draw(st.integers(2, 7))
    arcs = draw(st.integers(1, 16))
    node = st.integers(0, nodes - 1)
    capacity = np.array(draw(st.lists(st.integers(0, 20), min_size=arcs, max_size=arcs)), np.int64)
    slack = np.array(draw(st.lists(st.integers(0, 20), min_size=arcs, max_size=arcs)), np.int64)
    has_lower = draw(st.booleans())
    supply = np.zeros(nodes, np.int64)
    for _ in range(draw(st.integers(0, 2))):
        amount = draw(st.integers(0, 8))
        supply[draw(node)] += amount
        supply[draw(node)] -= amount
    gains = draw(st.lists(st.lists(st.integers(-3, 5), min_size=3, max_size=3), min_size=arcs, max_size=arcs))
    return FlowNetwork(
        tail=np.array(draw(st.lists(node, min_size=arcs, max_size=arcs)), np.int64),
        head=np.array(draw(st.lists(node, min_size=arcs, max_size=arcs)), np.int64),
        capacity=capacity,
        lower=np.maximum(capacity - slack, 0) if has_lower else np.zeros(arcs, np.int64),
        objectives=np.array(gains, np.int64).T.copy(),
        supply=supply,
        hub=0,
    )


def ortools_lexicographic(network: FlowNetwork) -> tuple[int, ...] | None:
    """The optimum of each objective by SimpleMinCostFlow with all earlier ones folded in; None when infeasible.

    OR-tools has no lower bounds: they are shifted into the supplies. The numbers are small, so that a factor of
    100,000 between two objectives dominates within int64.
    """
    values: list[int] = []
    for rank in range(len(network.objectives)):
        solver = min_cost_flow.SimpleMinCostFlow()
        folded = sum(row * 100_000 ** (rank - position) for position, row in enumerate(network.objectives[: rank + 1]))
        arcs = solver.add_arcs_with_capacity_and_unit_cost(
            network.tail, network.head, network.capacity - network.lower, -np.asarray(folded, np.int64)
        )
        supply = network.supply.copy()
        np.subtract.at(supply, network.tail, network.lower)
        np.add.at(supply, network.head, network.lower)
        solver.set_nodes_supplies(np.arange(len(supply)), supply)
        if solver.solve() != solver.OPTIMAL:
            return None
        values.append(int(network.objectives[rank] @ (solver.flows(arcs) + network.lower)))
    return tuple(values)


def highs_lexicographic(network: FlowNetwork) -> tuple[int, ...] | None:
    """The optimum of each objective by linear programs, each holding the former ones; None when infeasible."""
    nodes, arcs = len(network.supply), len(network.tail)
    balance = np.zeros((nodes, arcs))
    for arc in range(arcs):
        balance[network.tail[arc], arc] += 1
        balance[network.head[arc], arc] -= 1
    rows, sides = [balance], [network.supply.astype(float)]
    values: list[int] = []
    for objective in network.objectives:
        bounds = list(zip(network.lower, network.capacity, strict=True))
        found = linprog(-objective, A_eq=np.vstack(rows), b_eq=np.concatenate(sides), bounds=bounds, method="highs")
        if found.status == 2:
            return None
        values.append(round(-found.fun))
        rows.append(objective.astype(float)[None, :])
        sides.append(np.array([float(values[-1])]))
    return tuple(values)


def is_flow(network: FlowNetwork, flow: np.ndarray) -> bool:
    """Whether a flow keeps its bounds and every node's balance."""
    balance = network.supply.copy()
    np.subtract.at(balance, network.tail, flow)
    np.add.at(balance, network.head, flow)
    return bool((flow >= network.lower).all() and (flow <= network.capacity).all() and not balance.any())


@settings(max_examples=300)
@given(networks())
def test_equal_to_ortools_in_every_phase(network: FlowNetwork) -> None:
    expected = ortools_lexicographic(network)
    if expected is None:
        with pytest.raises(InfeasibleFlow):
            lexicographic_flow(network)
        return
    result = lexicographic_flow(network)
    assert is_flow(network, result.flow)
    assert result.values == expected


@settings(max_examples=150)
@given(networks())
def test_equal_to_a_linear_program_in_three_stages(network: FlowNetwork) -> None:
    expected = highs_lexicographic(network)
    if expected is None:
        with pytest.raises(InfeasibleFlow):
            lexicographic_flow(network)
        return
    assert lexicographic_flow(network).values == expected
