"""A minimum-cost flow problem in arrays, and its solution."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

UNLIMITED = 2**62
"""The capacity of an arc without one."""


class Status(StrEnum):
    """How a solve ended. Unbounded: a cycle of negative cost has unlimited capacity."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"


class FlowOverflow(ValueError):
    """Costs, capacities or supplies so large that whole numbers of 64 bits cannot hold what they add up to."""


class FlowCancelled(Exception):
    """The caller asked to stop."""


class InfeasibleFlow(ValueError):
    """No flow keeps the bounds and the supplies; `nodes` are some that cannot be balanced."""

    def __init__(self, nodes: list[int]) -> None:
        super().__init__(f"no feasible flow: nodes {nodes[:10]} cannot be balanced")
        self.nodes = nodes


@dataclass(frozen=True)
class FlowProblem:
    """Least cost over all flows with `lower[a]` ≤ flow[a] ≤ `capacity[a]` that keep every node's balance.

    Arc a goes from `tail[a]` to `head[a]`; each unit on it costs `cost[a]`, which may be negative. Parallel arcs and
    loops are normal. `supply[v]` enters at node v (negative: leaves there). Shapes (arcs,), and (nodes,) for `supply`.
    """

    tail: Ints
    head: Ints
    lower: Ints
    capacity: Ints
    cost: Ints
    supply: Ints


@dataclass(frozen=True)
class Basis:
    """A spanning tree of the network with a root, which a later solve may start from.

    `parent_arc[v]` is the arc between node v and its parent (-1: an artificial arc to the root), `flow[a]` the flow
    per arc. What is not in the tree carries its lower bound or its capacity.
    """

    parent_arc: Ints
    flow: Ints


@dataclass(frozen=True)
class FlowSolution:
    """How a solve ended, and unless infeasible or unbounded, an optimal flow.

    `cost` is exact, a Python integer. `potential[v]`: the reduced cost of an arc, cost + potential[tail] -
    potential[head], is ≥ 0 where the arc is not full and ≤ 0 where it carries more than its lower bound. Where the
    problem is infeasible, `culprits` are nodes of a part whose supplies cannot be balanced.
    """

    status: Status
    flow: Ints
    cost: int
    potential: Ints
    pivots: int
    basis: Basis | None
    culprits: Ints
