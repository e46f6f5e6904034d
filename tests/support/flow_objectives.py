"""Small flow networks under several objectives, built arc by arc, and their optimum by one folded solve."""

from dataclasses import dataclass, field

import numpy as np

from services.matching.engine.flow.door import contiguous
from services.matching.engine.flow.fold import fold_objectives
from services.matching.engine.flow.overflow import total_cost
from services.matching.engine.flow.problem import (
    FlowOverflow,
    FlowProblem,
    FlowSolution,
    InfeasibleFlow,
    Ints,
    Status,
)
from services.matching.engine.flow.solver import solve_flow


@dataclass(frozen=True)
class FlowNetwork:
    """A network whose flow is to *maximise* several objectives, the most important first.

    Arc a goes from `tail[a]` to `head[a]` and carries `lower[a]` ≤ flow ≤ `capacity[a]`. `objectives[k, a]` is what
    one 元 on arc a adds to objective k. `supply[v]` is what enters at node v (negative: what must leave there); it
    adds up to nothing. `hub` is a node at which the network may be cut into components; parallel arcs are normal.

    Shapes: (arcs,) but for `objectives` (K, arcs) and `supply` (nodes,); all whole numbers.
    """

    tail: Ints
    head: Ints
    capacity: Ints
    lower: Ints
    objectives: Ints
    supply: Ints
    hub: int


@dataclass(frozen=True)
class FlowResult:
    """An optimal flow: `flow` per arc and the value of each objective."""

    flow: Ints
    values: tuple[int, ...]


@dataclass
class NetworkBuilder:
    """Collects nodes and arcs one by one; node 0 is the hub."""

    ranks: int
    nodes: int = 1
    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    capacity: list[int] = field(default_factory=list)
    lower: list[int] = field(default_factory=list)
    gains: list[tuple[int, ...]] = field(default_factory=list)

    def node(self) -> int:
        """Add a node and return it."""
        self.nodes += 1
        return self.nodes - 1

    def arc(self, tail: int, head: int, capacity: int, gain: tuple[int, ...] = (), lower: int = 0) -> int:
        """Add an arc and return its position; `gain` per objective, 0 for all when left out."""
        self.tail.append(tail)
        self.head.append(head)
        self.capacity.append(capacity)
        self.lower.append(lower)
        self.gains.append(gain or (0,) * self.ranks)
        return len(self.tail) - 1

    def build(self) -> FlowNetwork:
        """The network as arrays, a circulation (no supplies)."""
        return FlowNetwork(
            tail=np.array(self.tail, np.int64),
            head=np.array(self.head, np.int64),
            capacity=np.array(self.capacity, np.int64),
            lower=np.array(self.lower, np.int64),
            objectives=np.array(self.gains, np.int64).reshape(-1, self.ranks).T,
            supply=np.zeros(self.nodes, np.int64),
            hub=0,
        )


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
