"""A networkx graph column by column, and as a flow problem in whole units.

A graph is read anew at each solve, in one pass over its dictionaries: what was changed in place cannot be missed.
"""

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import networkx as nx
import numpy as np

from services.matching.engine.flow.problem import UNLIMITED, FlowProblem, Ints
from services.matching.engine.flow.whole_numbers import NotANumber, Number, Unit, exact, in_units

INFINITE = math.inf


@dataclass(frozen=True)
class GraphColumns:
    """What a graph says, as its owner wrote it: demands by node; ends, capacities and weights by edge.

    Edges are in the order of `graph.edges`. A missing capacity is infinite, a missing weight or demand 0.
    """

    graph: nx.DiGraph
    nodes: list[Hashable]
    tail: Ints
    head: Ints
    demand: list[Any]
    capacity: list[Any]
    weight: list[Any]

    def edge(self, position: int) -> tuple[Hashable, ...]:
        """The edge at a position, as networkx's messages name it: its ends, and its key in a multigraph."""
        keys = {"keys": True} if self.graph.is_multigraph() else {}
        return tuple(list(self.graph.edges(**keys))[position])

    def limited_to(self, capacity: list[Any]) -> "GraphColumns":
        """The same with these capacities, and no weight where nothing can flow."""
        weight = [0 if limit == 0 else value for limit, value in zip(capacity, self.weight, strict=True)]
        return replace(self, capacity=capacity, weight=weight)


@dataclass(frozen=True)
class WholeProblem:
    """The graph's flow problem in whole units; `cut`: some finite capacity is so large that it counts as unlimited."""

    problem: FlowProblem
    amount: Unit
    price: Unit
    cut: bool


def read_columns(graph: nx.DiGraph, demand: str, capacity: str, weight: str) -> GraphColumns:
    """Read the attributes of these names of a directed graph: O(nodes + edges)."""
    nodes = list(graph)
    number = {node: position for position, node in enumerate(nodes)}
    neighbours = [adjacent for _, adjacent in graph.adjacency()]
    if graph.is_multigraph():
        parallel = [edges for adjacent in neighbours for edges in adjacent.values()]
        head = [number[node] for adjacent in neighbours for node, edges in adjacent.items() for _ in edges]
        counts = [sum(map(len, adjacent.values())) for adjacent in neighbours]
        attributes = [edge for edges in parallel for edge in edges.values()]
    else:
        head = [number[node] for adjacent in neighbours for node in adjacent]
        counts = [len(adjacent) for adjacent in neighbours]
        attributes = [edge for adjacent in neighbours for edge in adjacent.values()]
    return GraphColumns(
        graph=graph,
        nodes=nodes,
        tail=np.repeat(np.arange(len(nodes)), np.array(counts, np.int64)),
        head=np.array(head, np.int64),
        demand=[value for _, value in graph.nodes(data=demand, default=0)],
        capacity=[edge.get(capacity, INFINITE) for edge in attributes],
        weight=[edge.get(weight, 0) for edge in attributes],
    )


def infinite(values: Sequence[object]) -> Iterator[int]:
    """The positions of the infinite ones, of either sign."""
    if set(map(type, values)) <= {int, bool}:
        return iter(())
    return (
        at for at, value in enumerate(values) if isinstance(value, float | Decimal | np.floating) and math.isinf(value)
    )


def whole_problem(columns: GraphColumns) -> WholeProblem:
    """The problem in whole units; raises NetworkXError for what is no number or does not fit 64 bits exactly.

    Demands and weights must be finite, capacities at least 0.
    """
    bounded = [0 if value == INFINITE else value for value in columns.capacity]
    try:
        amounts, amount = in_units([*columns.demand, *bounded])
        prices, price = in_units(columns.weight)
    except NotANumber as error:
        raise nx.NetworkXError(_culprit(columns, bounded) or str(error)) from error
    demand, limits = amounts[: len(columns.nodes)], amounts[len(columns.nodes) :]
    limit, cut = _limits(columns.capacity, limits)
    problem = FlowProblem(
        tail=columns.tail,
        head=columns.head,
        lower=np.zeros(len(limit), np.int64),
        capacity=limit,
        cost=_within_64_bits(prices, "weights"),
        supply=-_within_64_bits(demand, "demands"),
    )
    return WholeProblem(problem, amount, price, cut)


def _limits(capacity: Sequence[object], limits: list[int] | Ints) -> tuple[Ints, bool]:
    """Capacities in units, and whether a finite one had to be cut."""
    if isinstance(limits, list):
        cut = any(limit > UNLIMITED for limit in limits)
        limit = np.array([min(limit, UNLIMITED) for limit in limits], np.int64)
    else:
        cut, limit = bool((limits > UNLIMITED).any()), np.minimum(limits, UNLIMITED)
    limit[[position for position, value in enumerate(capacity) if value == INFINITE]] = UNLIMITED
    return limit, cut


def _within_64_bits(counts: list[int] | Ints, what: str) -> Ints:
    try:
        whole = np.array(counts, np.int64)
    except OverflowError:
        whole = np.array([UNLIMITED])
    if ((whole >= UNLIMITED) | (whole <= -UNLIMITED)).any():
        raise nx.NetworkXError(
            f"the {what} are too large, or have too many decimals, for the whole numbers of 64 bits that an exact "
            "result needs; scale or round them first"
        )
    return whole


def _culprit(columns: GraphColumns, bounded: list[object]) -> str:
    """The first node or edge with something that is no number, as a sentence."""
    for node, value in zip(columns.nodes, columns.demand, strict=True):
        if fault := _fault(value):
            return f"node {node!r} has demand {fault}"
    for name, values in (("capacity", bounded), ("weight", columns.weight)):
        for position, value in enumerate(values):
            if fault := _fault(value):
                return f"edge {columns.edge(position)!r} has {name} {fault}"
    return ""


def _fault(value: object) -> str:
    try:
        exact(value)
    except NotANumber as error:
        return str(error)
    return ""


def flows_by_edge(columns: GraphColumns, flows: list[Number]) -> dict[Hashable, dict[Hashable, object]]:
    """Flows in the shape of networkx: by tail, head, and in a multigraph by key."""
    each = iter(flows)
    if not columns.graph.is_multigraph():
        return {node: dict(zip(adjacent, each, strict=False)) for node, adjacent in columns.graph.adjacency()}
    return {
        node: {head: dict(zip(edges, each, strict=False)) for head, edges in adjacent.items()}
        for node, adjacent in columns.graph.adjacency()
    }
