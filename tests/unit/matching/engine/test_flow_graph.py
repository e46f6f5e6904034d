"""The flow network as a graph of arrays, which networkx hands to the engine as it is."""

import networkx as nx
import numpy as np
import pytest

from services.matching.engine.flow.graph import FlowGraph, UnfeasibleFlow
from services.matching.engine.flow.problem import UNLIMITED, FlowCancelled, FlowProblem, Status


def problem(units: int = 3) -> FlowProblem:
    """Some units from node 0 over two parallel arcs to node 1, and on to node 2."""
    columns = ([0, 0, 1], [1, 1, 2], [0, 0, 1], [1, 5, UNLIMITED], [1, 2, 0], [units, 0, -units])
    return FlowProblem(*(np.array(column, np.int64) for column in columns))


def test_networkx_solves_it_in_arrays() -> None:
    cost, flows = nx.network_simplex(FlowGraph(problem()))
    assert (cost, type(cost)) == (5, int)
    assert flows.solution.status is Status.OPTIMAL
    assert flows.solution.flow.tolist() == [1, 2, 3]
    assert flows == {0: {1: {0: 1, 1: 2}}, 1: {2: {2: 3}}, 2: {}}
    assert (len(flows), 3 in flows) == (3, False)


def test_a_start_saves_the_work() -> None:
    first = nx.min_cost_flow(FlowGraph(problem())).solution
    again = nx.min_cost_flow(FlowGraph(problem(), start=first.basis)).solution
    assert first.pivots > 0
    assert again.pivots == 0
    assert again.cost == first.cost


def test_progress_and_cancelling() -> None:
    told: list[int] = []
    nx.network_simplex(FlowGraph(problem(), progress=told.append))
    assert told
    with pytest.raises(FlowCancelled):
        nx.network_simplex(FlowGraph(problem(), cancelled=lambda: True))


def test_culprits() -> None:
    with pytest.raises(nx.NetworkXUnfeasible, match="no flow") as caught:
        nx.network_simplex(FlowGraph(problem(7)))
    assert isinstance(caught.value, UnfeasibleFlow)
    assert caught.value.culprits == [0]


def test_unbounded() -> None:
    columns = ([0, 1], [1, 0], [0, 0], [UNLIMITED, UNLIMITED], [-1, 0], [0, 0])
    with pytest.raises(nx.NetworkXUnbounded):
        nx.network_simplex(FlowGraph(FlowProblem(*(np.array(column, np.int64) for column in columns))))


def test_the_other_functions() -> None:
    graph = FlowGraph(problem())
    flows = nx.capacity_scaling(graph)[1]
    assert nx.min_cost_flow_cost(graph) == 5
    assert nx.cost_of_flow(graph, flows) == nx.cost_of_flow(graph, dict(flows)) == 5
    assert nx.max_flow_min_cost(graph, 0, 2).solution.flow.tolist() == [1, 5, 6]
    with pytest.raises(nx.NetworkXError, match="not in graph"):
        nx.max_flow_min_cost(graph, 0, 3)


def test_what_a_reader_expects() -> None:
    graph = FlowGraph(problem(), graph={"name": "县"})
    assert (graph.is_directed(), graph.is_multigraph()) == (True, True)
    assert (graph.number_of_nodes(), graph.number_of_edges(), len(graph)) == (3, 3, 3)
    assert (list(graph), 2 in graph, 3 in graph, "a" in graph) == ([0, 1, 2], True, False, False)
    assert (graph.name, graph.graph) == ("县", {"name": "县"})
    assert repr(graph) == "FlowGraph '县' with 3 nodes and 3 arcs"


def test_as_a_graph_of_networkx() -> None:
    plain = FlowGraph(problem(), graph={"name": "县"}).to_networkx()
    assert isinstance(plain, nx.MultiDiGraph)
    assert plain.name == "县"
    assert dict(plain.nodes(data="demand")) == {0: -3, 1: 0, 2: 3}
    assert list(plain.edges(keys=True, data=True)) == [
        (0, 1, 0, {"weight": 1, "capacity": 1}),
        (0, 1, 1, {"weight": 2, "capacity": 5}),
        (1, 2, 2, {"weight": 0, "lower": 1}),
    ]
    assert nx.network_simplex(plain) == nx.network_simplex(FlowGraph(problem()))


def test_a_neighbourhood_with_its_flows() -> None:
    flows = nx.min_cost_flow(FlowGraph(problem()))
    part = flows.to_networkx(nodes=[1, 0])
    assert list(part) == [0, 1]
    assert list(part.edges(data="flow")) == [(0, 1, 1), (0, 1, 2)]
