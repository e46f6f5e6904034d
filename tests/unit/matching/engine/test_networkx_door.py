"""The engine behind networkx's functions: what goes in, what comes out, and which errors."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest

from services.matching.engine.flow.graph import UnfeasibleFlow

BACKEND = {"backend": "xieshou"}


def two_ways(**edge: Any) -> nx.DiGraph:
    """Five units from a to d over b or c."""
    graph = nx.DiGraph()
    graph.add_node("a", demand=-5)
    graph.add_node("d", demand=5)
    graph.add_edge("a", "b", weight=3, capacity=4)
    graph.add_edge("a", "c", weight=6, capacity=10)
    graph.add_edge("b", "d", weight=1, capacity=9)
    graph.add_edge("c", "d", weight=2, capacity=5)
    graph["a"]["b"].update(edge)
    return graph


def test_all_functions_agree() -> None:
    graph = two_ways()
    flows = {"a": {"b": 4, "c": 1}, "b": {"d": 4}, "c": {"d": 1}, "d": {}}
    assert nx.network_simplex(graph, **BACKEND) == (24, flows)
    assert nx.capacity_scaling(graph, **BACKEND) == (24, flows)
    assert nx.min_cost_flow(graph, **BACKEND) == flows
    assert nx.min_cost_flow_cost(graph, **BACKEND) == 24
    assert nx.cost_of_flow(graph, flows, **BACKEND) == 24
    most = {"a": {"b": 4, "c": 5}, "b": {"d": 4}, "c": {"d": 5}, "d": {}}
    assert nx.max_flow_min_cost(graph, "a", "d", **BACKEND) == most


def test_names_of_attributes() -> None:
    graph = nx.DiGraph([(1, (2, "x"), {0: 3, "price": 7})])
    graph.add_node(1, want=-2)
    graph.add_node((2, "x"), want=2)
    found = nx.network_simplex(graph, demand="want", capacity=0, weight="price", **BACKEND)
    assert found == (14, {1: {(2, "x"): 2}, (2, "x"): {}})


def test_a_change_in_place_is_seen() -> None:
    graph = two_ways()
    assert nx.min_cost_flow_cost(graph, **BACKEND) == 24
    graph["a"]["b"]["weight"] = 100
    assert nx.min_cost_flow_cost(graph, **BACKEND) == 40
    for _, _, attributes in graph.edges(data=True):
        attributes["capacity"] = 5
    graph.nodes["a"]["demand"], graph.nodes["d"]["demand"] = -6, 6
    assert nx.min_cost_flow_cost(graph, **BACKEND) == 141
    assert not any(graph.__networkx_cache__.get("backends", {}).values())


def test_a_change_in_place_is_seen_with_a_priority() -> None:
    graph = two_ways()
    with nx.config(backend_priority=["xieshou"]):
        assert nx.min_cost_flow_cost(graph) == 24
        graph["a"]["b"]["capacity"] = 0
        assert nx.min_cost_flow_cost(graph) == 40


def test_parallel_edges_and_loops_have_keys() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("a", demand=-3)
    graph.add_node("b", demand=3)
    graph.add_edge("a", "b", "dear", weight=5)
    graph.add_edge("a", "b", "cheap", weight=1, capacity=2)
    graph.add_edge("a", "a", "gain", weight=-2, capacity=7)
    graph.add_edge("a", "a", "idle", weight=0)
    cost, flows = nx.network_simplex(graph, **BACKEND)
    assert cost == -7
    assert flows == {"a": {"b": {"dear": 1, "cheap": 2}, "a": {"gain": 7, "idle": 0}}, "b": {}}
    assert nx.cost_of_flow(graph, flows, **BACKEND) == -7


def test_without_a_detour() -> None:
    graph = nx.DiGraph([(1, 2, {"weight": 1}), (2, 3, {"weight": 1}), (1, 3, {"weight": 2}), (3, 1), (2, 1)])
    graph.add_node(1, demand=-4)
    graph.add_node(3, demand=4)
    assert nx.min_cost_flow(graph, **BACKEND)[1] == {2: 0, 3: 4}


@pytest.mark.parametrize(
    ("weight", "capacity", "cost"),
    [
        (0.9, 4, 15.6),
        (Decimal("0.9"), 4, Decimal("15.6")),
        (Fraction(1, 3), 4, Fraction(40, 3)),
        (np.float32(0.9), 4, 15.6),
        (np.int32(1), np.int64(4), 16),
        (0.9, 2.5, 24.75),
        (True, 4, 16),
        (1e-7, 4, 12.0000004),
        (math.pi, 4, 12 + 4 * 3.141592653589793),
        (3, 10**30, 20),
        (3, math.inf, 20),
        (3, Decimal("Infinity"), 20),
    ],
)
def test_kinds_of_numbers(weight: Any, capacity: Any, cost: Any) -> None:
    found = nx.min_cost_flow_cost(two_ways(weight=weight, capacity=capacity), **BACKEND)
    assert found == cost
    assert type(found) is type(cost)


def test_fractional_demands_and_flows() -> None:
    graph = nx.DiGraph([("a", "b", {"weight": 3, "capacity": 0.2}), ("a", "b2", {"weight": 1, "capacity": 0.2})])
    graph.add_edge("b2", "b", weight=1)
    graph.add_node("a", demand=-0.3)
    graph.add_node("b", demand=0.3)
    cost, flows = nx.network_simplex(graph, **BACKEND)
    assert (cost, flows) == (0.7, {"a": {"b": 0.1, "b2": 0.2}, "b": {}, "b2": {"b": 0.2}})
    assert nx.cost_of_flow(graph, flows, **BACKEND) == 0.7


@pytest.mark.parametrize(
    ("edge", "sentence"),
    [
        ({"weight": math.nan}, r"edge \('a', 'b'\) has weight NaN"),
        ({"capacity": math.nan}, r"edge \('a', 'b'\) has capacity NaN"),
        ({"weight": "3"}, "which is not a number"),
        ({"weight": None}, "which is not a number"),
        ({"weight": 1e-30}, "the weights are too large, or have too many decimals"),
        ({"weight": 2**61 + 1}, "64 bits"),
        ({"weight": Decimal("1E-999999999")}, "too many digits"),
        ({"weight": math.inf}, "has infinite weight"),
    ],
)
def test_refused_with_a_sentence(edge: dict[str, Any], sentence: str) -> None:
    with pytest.raises(nx.NetworkXError, match=sentence):
        nx.network_simplex(two_ways(**edge), **BACKEND)


def test_a_demand_that_is_no_number() -> None:
    graph = two_ways()
    graph.nodes["a"]["demand"] = math.nan
    with pytest.raises(nx.NetworkXError, match="node 'a' has demand NaN"):
        nx.network_simplex(graph, **BACKEND)


SOLVERS = [nx.network_simplex, nx.min_cost_flow, nx.min_cost_flow_cost, nx.capacity_scaling]


@pytest.mark.parametrize("solve", SOLVERS)
def test_no_flow(solve: Callable[..., Any]) -> None:
    graph = two_ways(capacity=0)
    graph["a"]["c"]["capacity"] = 2
    with pytest.raises(nx.NetworkXUnfeasible) as caught:
        solve(graph, **BACKEND)
    assert isinstance(caught.value, UnfeasibleFlow)
    assert caught.value.culprits == ["a"]
    graph.nodes["d"]["demand"] = 4
    with pytest.raises(nx.NetworkXUnfeasible):
        solve(graph, **BACKEND)


@pytest.mark.parametrize("solve", SOLVERS)
def test_no_bottom(solve: Callable[..., Any]) -> None:
    graph = two_ways()
    graph.add_edge("x", "x", weight=-1)
    with pytest.raises(nx.NetworkXUnbounded):
        solve(graph, **BACKEND)
    graph["x"]["x"]["capacity"] = 10**25
    with pytest.raises(nx.NetworkXError, match="scale"):
        solve(graph, **BACKEND)


@pytest.mark.parametrize("solve", SOLVERS)
@pytest.mark.parametrize("kind", [nx.Graph, nx.MultiGraph])
def test_undirected(solve: Callable[..., Any], kind: type[nx.Graph]) -> None:
    with pytest.raises(nx.NetworkXNotImplemented):
        solve(kind([(1, 2)]), **BACKEND)


def test_graphs_without_nodes() -> None:
    with pytest.raises(nx.NetworkXError, match="no nodes"):
        nx.network_simplex(nx.DiGraph(), **BACKEND)
    assert nx.capacity_scaling(nx.DiGraph(), **BACKEND) == (0, {})


def test_capacity_scaling_reads_what_is_odd_in_its_own_way() -> None:
    graph = two_ways()
    graph.add_edge("b", "c", weight=-10, capacity=-3)
    graph.add_edge("a", "d", weight=math.inf)
    cost, flows = nx.capacity_scaling(graph, **BACKEND)
    assert (cost, flows["b"]["c"], flows["a"]["d"]) == (24, 0, 0)
    with pytest.raises(nx.NetworkXError, match="infinite weight"):
        nx.network_simplex(graph, **BACKEND)


@pytest.mark.parametrize(
    ("graph", "ends", "error"),
    [
        (nx.DiGraph([(1, 2)]), (1, 3), nx.NetworkXError),
        (nx.DiGraph([(1, 2)]), (3, 1), nx.NetworkXError),
        (nx.DiGraph([(1, 2)]), (1, 1), nx.NetworkXError),
        (nx.MultiDiGraph([(1, 2)]), (1, 2), nx.NetworkXError),
        (nx.DiGraph([(1, 2)]), (1, 2), nx.NetworkXUnbounded),
        (nx.DiGraph([(1, 2, {"capacity": -1})]), (1, 2), nx.NetworkXUnfeasible),
    ],
)
def test_most_flow_refused(graph: nx.DiGraph, ends: tuple[int, int], error: type[Exception]) -> None:
    for options in (BACKEND, {}):
        with pytest.raises(error) as caught:
            nx.max_flow_min_cost(graph, *ends, **options)
        assert not isinstance(caught.value, nx.NetworkXUnbounded) or error is nx.NetworkXUnbounded


def test_most_flow_over_undirected_edges() -> None:
    graph = nx.Graph([(1, 2, {"capacity": 3, "weight": 1}), (2, 3, {"capacity": 2, "weight": 1})])
    expected = {1: {2: 2}, 2: {1: 0, 3: 2}, 3: {2: 0}}
    assert nx.max_flow_min_cost(graph, 1, 3, **BACKEND) == expected
    assert nx.max_flow_min_cost(graph, 1, 3) == expected


def test_most_flow_keeps_other_demands() -> None:
    graph = nx.DiGraph([(1, 2, {"capacity": 3}), (2, 3, {"capacity": 2, "weight": 1}), (4, 5, {"weight": 2})])
    graph.add_node(4, demand=-1)
    graph.add_node(5, demand=1)
    expected = {1: {2: 2}, 2: {3: 2}, 3: {}, 4: {5: 1}, 5: {}}
    assert nx.max_flow_min_cost(graph, 1, 3, **BACKEND) == expected
    assert nx.max_flow_min_cost(graph, 1, 3) == expected
