"""The flow network in arrays: what the optimiser reads, and nothing of suppliers or lines in it.

Money circulates: from the hub over supplier, capability, line and product back to the hub. Every part of the plan
meets the others only at the hub, so that it falls into components there.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


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
