"""The exact optimum of a flow network under several objectives, the most important first."""

import numpy as np

from services.matching.engine.flow.door import contiguous
from services.matching.engine.flow.fold import fold_objectives
from services.matching.engine.flow.network import FlowNetwork, FlowResult, Ints
from services.matching.engine.flow.overflow import total_cost
from services.matching.engine.flow.problem import FlowOverflow, FlowProblem, FlowSolution, Status
from services.matching.engine.flow.solver import solve_flow


class InfeasibleFlow(ValueError):
    """No flow keeps the bounds and the supplies; `nodes` are some that cannot be balanced."""

    def __init__(self, nodes: list[int]) -> None:
        super().__init__(f"no feasible flow: nodes {nodes[:10]} cannot be balanced")
        self.nodes = nodes


def lexicographic_flow(network: FlowNetwork) -> FlowResult:
    """Maximise objective 0, among the flows that do so objective 1, and so on; raises InfeasibleFlow if none exists.

    One solve under weights that are proven to dominate (`fold_objectives`). Where these would pass 64 bits, one solve
    per objective: the optimal flows of the former ones are then exactly those that leave alone every arc that is not
    tight there (of reduced cost other than 0), by complementary slackness.
    """
    try:
        cost = fold_objectives(network.tail, network.head, network.objectives, len(network.supply), network.hub)
        flow = _optimal(network, network.lower, network.capacity, cost).flow
    except FlowOverflow:
        flow = _by_phases(network)
    return FlowResult(flow, objective_values(network, flow))


def objective_values(network: FlowNetwork, flow: Ints) -> tuple[int, ...]:
    """What a flow reaches in each objective, in Python integers (scores times 元 pass 2**63 on a large province)."""
    return tuple(total_cost(row, flow) for row in contiguous(network.objectives))


def _by_phases(network: FlowNetwork) -> Ints:
    lower, capacity, flow = network.lower, network.capacity, network.lower
    for gains in network.objectives:
        found = _optimal(network, lower, capacity, -gains)
        flow, potential = found.flow, found.potential
        loose = potential[network.tail] - potential[network.head] != gains
        lower, capacity = np.where(loose, flow, lower), np.where(loose, flow, capacity)
    return flow


def _optimal(network: FlowNetwork, lower: Ints, capacity: Ints, cost: Ints) -> FlowSolution:
    found = solve_flow(FlowProblem(network.tail, network.head, lower, capacity, cost, network.supply))
    if found.status is not Status.OPTIMAL:
        raise InfeasibleFlow(found.culprits.tolist())
    return found
