"""Whole numbers of 64 bits, and the proof beforehand that nothing in a solve passes them.

Three things can grow: sums of supplies and flows, potentials, and the total cost. The total is added up in Python's
integers; for the other two the bounds are computed here.

*Flows.* Some optimal flow falls into paths from supplies to demands and cycles of negative cost (the other cycles may
be left out). All paths together carry at most the supplies' sum, and each cycle passes an arc of negative cost, or
where such an arc is unlimited, some limited arc. So no arc of this flow carries more than D = supplies + the widths of
those arcs. Every width may then be cut to D + 1 without changing optimum or potentials: an arc that is full in all
optimal flows of the cut problem would be so in this one, which leaves one unit free on every arc that was cut.

*Potentials.* The potential of a node is the cost of its path to the root: a simple path of real arcs, and at most one
artificial one. A simple path passes each node once, so it costs at most Σ_v max |cost at v|.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, FlowOverflow, Ints
from shared.compiled import compiled

_MOST = 2.0**61
_PATH = 2.0**60


class Survey(NamedTuple):
    """What one look at all arcs tells: whether ends are nodes, a crossed arc (-1: none), and sums as floats."""

    ends_are_nodes: bool
    crossed: int
    amounts: float
    limited: float
    negative: float
    dearest: float
    unlimited_gain: bool


@compiled
def survey(tail: Ints, head: Ints, lower: Ints, capacity: Ints, cost: Ints, supply: Ints) -> Survey:
    """Look at every arc once: O(nodes + arcs)."""
    nodes, crossed = len(supply), -1
    ends_are_nodes, unlimited_gain = True, False
    amounts, limited, negative, dearest = 0.0, 0.0, 0.0, 0.0
    for node in range(nodes):
        amounts += abs(float(supply[node]))
    for arc in range(len(tail)):
        if tail[arc] < 0 or tail[arc] >= nodes or head[arc] < 0 or head[arc] >= nodes:
            ends_are_nodes = False
        if capacity[arc] < lower[arc]:
            crossed = arc
        if capacity[arc] >= UNLIMITED:
            unlimited_gain = unlimited_gain or cost[arc] < 0
        else:
            width = float(capacity[arc]) - float(lower[arc])
            limited += width
            if cost[arc] < 0:
                negative += width
        amounts += 2.0 * abs(float(lower[arc]))
        dearest = max(dearest, abs(float(cost[arc])))
    return Survey(ends_are_nodes, crossed, amounts, limited, negative, dearest, unlimited_gain)


def widest(seen: Survey) -> int:
    """The width beyond which no arc need be open: D + 1 of the module's proof. Raises FlowOverflow."""
    most = seen.amounts + (seen.limited if seen.unlimited_gain else seen.negative)
    if not most < _MOST:
        raise FlowOverflow("supplies, lower bounds and capacities add up to more than 64 bits hold")
    return int(most * (1 + 2.0**-20)) + 2


def penalty(seen: Survey, tail: Ints, head: Ints, cost: Ints, nodes: int) -> int:
    """The cost of an artificial arc: more than any simple path of real ones. Raises FlowOverflow.

    Reduced costs stay within 2·(penalty + path) + dearest ≤ 5·penalty < 2**63.
    """
    path = seen.dearest * (nodes + 2)
    if path < _PATH:
        return int(path) + 1
    path = seen.dearest + float(_dearest_at_nodes(tail, head, cost, nodes).sum())
    if not path < _PATH:
        raise FlowOverflow("costs along a path add up to more than 64 bits hold")
    return int(path * (1 + 2.0**-20)) + 1


@compiled
def _dearest_at_nodes(tail: Ints, head: Ints, cost: Ints, nodes: int) -> NDArray[np.float64]:
    dearest = np.zeros(nodes)
    for arc in range(len(tail)):
        price = abs(float(cost[arc]))
        dearest[tail[arc]] = max(dearest[tail[arc]], price)
        dearest[head[arc]] = max(dearest[head[arc]], price)
    return dearest


def total_cost(cost: Ints, flow: Ints) -> int:
    """Σ cost·flow, exact whatever its size."""
    total, size = _total(cost, flow)
    if size < _MOST:
        return int(total)
    used = np.flatnonzero(flow)
    return sum(price * amount for price, amount in zip(cost[used].tolist(), flow[used].tolist(), strict=True))


@compiled
def _total(cost: Ints, flow: Ints) -> tuple[int, float]:
    """Σ cost·flow (wrong where it passes 64 bits) and Σ |cost·flow|."""
    total, size = 0, 0.0
    for arc in range(len(cost)):
        total += cost[arc] * flow[arc]
        size += abs(float(cost[arc]) * float(flow[arc]))
    return total, size
