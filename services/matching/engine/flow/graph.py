"""The flow network as a graph that networkx dispatches on: arrays inside, so that nothing is converted.

`nx.network_simplex(FlowGraph(problem))` lands in the engine's own network simplex and gives `(cost, flows)`, where
`flows` reads like networkx's dictionary and `flows.solution` has the arrays. Node v is the number v, and an edge's key
is the number of its arc.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import networkx as nx
import numpy as np

from services.matching.engine.flow.problem import UNLIMITED, Basis, FlowProblem, FlowSolution, Ints
from services.matching.engine.flow.solver import Cancelled, Progress


class UnfeasibleFlow(nx.NetworkXUnfeasible):  # type: ignore[misc]
    """No flow keeps all balances; `culprits` are nodes whose supplies together cannot leave over their arcs."""

    def __init__(self, message: str, culprits: list[Hashable]) -> None:
        super().__init__(message)
        self.culprits = culprits


@dataclass(frozen=True, eq=False, repr=False)
class FlowGraph:
    """A flow problem as a directed multigraph; what else a solve takes (see `solve_flow`) comes with it.

    `graph` holds the graph's attributes, as in any graph of networkx.
    """

    __networkx_backend__: ClassVar[str] = "xieshou"

    problem: FlowProblem
    start: Basis | None = None
    progress: Progress | None = None
    cancelled: Cancelled | None = None
    graph: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The graph's name, empty unless its attributes tell one."""
        return str(self.graph.get("name", ""))

    def is_directed(self) -> bool:
        """True: arcs have a direction."""
        return True

    def is_multigraph(self) -> bool:
        """True: parallel arcs are normal."""
        return True

    def number_of_nodes(self) -> int:
        """How many nodes there are."""
        return len(self.problem.supply)

    def number_of_edges(self) -> int:
        """How many arcs there are."""
        return len(self.problem.tail)

    def __len__(self) -> int:
        return len(self.problem.supply)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __contains__(self, node: object) -> bool:
        return node in range(len(self))

    def __repr__(self) -> str:
        return f"FlowGraph {self.name!r} with {self.number_of_nodes()} nodes and {self.number_of_edges()} arcs"

    def to_networkx(self, *, nodes: Iterable[int] | None = None, flow: Ints | None = None) -> nx.MultiDiGraph:
        """A graph of networkx: the whole one, or the part that some nodes span.

        Nodes have `demand`; edges have `weight`, `capacity` where there is one, `flow` where a flow (per arc) is given,
        and `lower` where it is not 0 (networkx's algorithms know no lower bounds).
        """
        chosen = range(len(self)) if nodes is None else sorted(set(nodes))
        graph = nx.MultiDiGraph(**self.graph)
        graph.add_nodes_from((node, {"demand": -int(self.problem.supply[node])}) for node in chosen)
        graph.add_edges_from(self._edges(self._arcs_among(chosen), flow))
        return graph

    def _arcs_among(self, nodes: Iterable[int]) -> Ints:
        inside = np.zeros(len(self), np.bool_)
        inside[list(nodes)] = True
        return np.flatnonzero(inside[self.problem.tail] & inside[self.problem.head])

    def _edges(self, arcs: Ints, flow: Ints | None) -> Iterator[tuple[int, int, int, dict[str, int]]]:
        problem = self.problem
        columns = (problem.tail, problem.head, problem.lower, problem.capacity, problem.cost)
        carried = np.zeros(len(arcs), np.int64) if flow is None else flow[arcs]
        rows = zip(arcs.tolist(), *(column[arcs].tolist() for column in columns), carried.tolist(), strict=True)
        for arc, tail, head, lower, capacity, weight, units in rows:
            attributes = {"weight": weight}
            if capacity < UNLIMITED:
                attributes["capacity"] = capacity
            if lower:
                attributes["lower"] = lower
            if flow is not None:
                attributes["flow"] = units
            yield tail, head, arc, attributes


class ArcFlows(Mapping[int, dict[int, dict[int, int]]]):
    """The flows of a solved FlowGraph as networkx words them, `flows[tail][head][arc]`, made only when read.

    `solution` has them as arrays, with potentials, basis and pivots.
    """

    def __init__(self, graph: FlowGraph, solution: FlowSolution) -> None:
        self.graph = graph
        self.solution = solution

    def __getitem__(self, node: int) -> dict[int, dict[int, int]]:
        if node not in self.graph:
            raise KeyError(node)
        order, first = self._by_tail
        leaving: dict[int, dict[int, int]] = {}
        for arc in order[first[node] : first[node + 1]].tolist():
            leaving.setdefault(int(self.graph.problem.head[arc]), {})[arc] = int(self.solution.flow[arc])
        return leaving

    def __iter__(self) -> Iterator[int]:
        return iter(self.graph)

    def __len__(self) -> int:
        return len(self.graph)

    @cached_property
    def _by_tail(self) -> tuple[Ints, Ints]:
        """The arcs in order of their tails, and where those of each node start."""
        tail = self.graph.problem.tail
        counts = np.bincount(tail, minlength=len(self.graph))
        return np.argsort(tail, kind="stable"), np.concatenate([[0], np.cumsum(counts)])

    def to_networkx(self, *, nodes: Iterable[int] | None = None) -> nx.MultiDiGraph:
        """The graph of networkx with its flows, whole or the part that some nodes span."""
        return self.graph.to_networkx(nodes=nodes, flow=self.solution.flow)
