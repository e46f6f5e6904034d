"""The engine as a backend of networkx: its minimum-cost flow functions, solved by the network simplex on arrays.

`NETWORKX_BACKEND_PRIORITY=xieshou`, `nx.config.backend_priority`, or `backend="xieshou"` in a call lead here; a
FlowGraph leads here by itself. Results and errors are networkx's, with these differences, all for the better: decimals
are computed exactly (networkx's own simplex may never end on them), what is not a number is refused, of several optima
one without detours is given, `capacity_scaling` notices demands that no edge can carry, and `cost_of_flow` takes
multigraphs. What does not fit whole numbers of 64 bits is refused with a NetworkXError.

networkx keeps what a backend converts in `G.__networkx_cache__` and does not see when an attribute is changed in place.
Nothing is converted here until a function runs: `convert_from_nx` hands the graph on, and takes care not to be cached.
"""

from operator import mul
from typing import Any

import networkx as nx

from services.matching.engine.flow.graph import ArcFlows, FlowGraph
from services.matching.engine.flow.networkx_reading import read_columns
from services.matching.engine.flow.networkx_solving import (
    Flows,
    most_at_least_cost,
    most_on_arrays,
    scaling,
    simplex,
    simplex_on_arrays,
)
from services.matching.engine.flow.overflow import total_cost
from services.matching.engine.flow.whole_numbers import NotANumber, Number, exact_cost


def convert_from_nx(graph: nx.Graph, **_: object) -> nx.Graph:
    """The graph itself, which is read when a function runs; networkx is kept from keeping it (and from warning)."""
    cache = getattr(graph, "__networkx_cache__", None) or {}
    cache.get("backends", {}).pop(FlowGraph.__networkx_backend__, None)
    return graph


def convert_to_nx(result: object, **_: object) -> object:
    """A FlowGraph as a graph of networkx; anything else is plain already."""
    return result.to_networkx() if isinstance(result, FlowGraph) else result


def network_simplex(
    G: nx.DiGraph | FlowGraph, demand: str = "demand", capacity: str = "capacity", weight: str = "weight"
) -> tuple[Number, Flows]:
    """A flow that satisfies all demands at least cost; see networkx.network_simplex.

    Of a FlowGraph: the cost, and the flows as ArcFlows. Raises UnfeasibleFlow (a NetworkXUnfeasible with `culprits`),
    NetworkXUnbounded, NetworkXError.
    """
    if isinstance(G, FlowGraph):
        return simplex_on_arrays(G)
    _check_directed(G)
    if len(G) == 0:
        raise nx.NetworkXError("graph has no nodes")
    return simplex(read_columns(G, demand, capacity, weight))


def min_cost_flow(
    G: nx.DiGraph | FlowGraph, demand: str = "demand", capacity: str = "capacity", weight: str = "weight"
) -> Flows:
    """The flows of network_simplex."""
    return network_simplex(G, demand, capacity, weight)[1]


def min_cost_flow_cost(
    G: nx.DiGraph | FlowGraph, demand: str = "demand", capacity: str = "capacity", weight: str = "weight"
) -> Number:
    """The cost of network_simplex."""
    return network_simplex(G, demand, capacity, weight)[0]


def capacity_scaling(
    G: nx.DiGraph | FlowGraph,
    demand: str = "demand",
    capacity: str = "capacity",
    weight: str = "weight",
    heap: object = None,  # noqa: ARG001  networkx's signature
) -> tuple[Number, Flows]:
    """As network_simplex, with the reading of networkx.capacity_scaling of what is odd.

    A capacity below 0 is 0, an edge of infinite weight is not used, a graph without nodes is fine, and a cycle of
    negative cost without limit is named before what is infeasible.
    """
    if isinstance(G, FlowGraph):
        return simplex_on_arrays(G)
    _check_directed(G)
    return scaling(read_columns(G, demand, capacity, weight))


def max_flow_min_cost(
    G: nx.DiGraph | FlowGraph, s: Any, t: Any, capacity: str = "capacity", weight: str = "weight"
) -> Flows:
    """The most flow from s to t, and of those the cheapest; see networkx.max_flow_min_cost.

    As there, an undirected edge is one each way, and other nodes keep what they have as attribute `demand`.
    """
    for node in (s, t):
        if node not in G:
            raise nx.NetworkXError(f"node {node!s} not in graph")
    if s == t:
        raise nx.NetworkXError("source and sink are the same node")
    if isinstance(G, FlowGraph):
        return most_on_arrays(G, s, t)
    if G.is_multigraph():
        raise nx.NetworkXError("MultiGraph and MultiDiGraph not supported (yet).")
    directed = G if G.is_directed() else nx.DiGraph(G)
    return most_at_least_cost(read_columns(directed, "demand", capacity, weight), s, t)


def cost_of_flow(G: nx.Graph | FlowGraph, flowDict: Flows, weight: str = "weight") -> Number:
    """What a flow costs, exactly: the sum over all edges of flow × weight. It need not be a valid flow."""
    if isinstance(G, FlowGraph):
        if isinstance(flowDict, ArcFlows):
            return total_cost(G.problem.cost, flowDict.solution.flow)
        G = G.to_networkx()
    keys = {"keys": True} if G.is_multigraph() else {}
    edges = list(G.edges(data=weight, default=0, **keys))
    weights = [edge[-1] for edge in edges]
    if keys:
        flows = [flowDict[tail][head][key] for tail, head, key, _ in edges]
    else:
        flows = [flowDict[tail][head] for tail, head, _ in edges]
    if set(map(type, flows)) | set(map(type, weights)) <= {int, bool}:
        return int(sum(map(mul, flows, weights)))
    try:
        return exact_cost(flows, weights)
    except NotANumber as error:
        raise nx.NetworkXError(f"a flow or a weight is {error}") from error


def set_node_attributes(G: nx.Graph, values: object, name: str | None = None) -> None:
    """networkx's own, which its tests call through the backend under test; the graph is the caller's."""
    nx.set_node_attributes.orig_func(G, values, name)


def set_edge_attributes(G: nx.Graph, values: object, name: str | None = None) -> None:
    """networkx's own, as set_node_attributes."""
    nx.set_edge_attributes.orig_func(G, values, name)


def _check_directed(graph: nx.Graph) -> None:
    if not graph.is_directed():
        raise nx.NetworkXNotImplemented("not implemented for undirected type")
