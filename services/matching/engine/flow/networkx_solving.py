"""Minimum-cost flows of networkx graphs and of FlowGraphs, with the results and errors of networkx."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import networkx as nx
import numpy as np

from services.matching.engine.flow.graph import ArcFlows, FlowGraph, UnfeasibleFlow
from services.matching.engine.flow.networkx_reading import (
    GraphColumns,
    WholeProblem,
    flows_by_edge,
    infinite,
    whole_problem,
)
from services.matching.engine.flow.overflow import total_cost
from services.matching.engine.flow.problem import UNLIMITED, FlowOverflow, FlowProblem, FlowSolution, Ints, Status
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.flow.whole_numbers import Number

Flows = Mapping[Any, Mapping[Any, Any]]
"""`flows[tail][head]`, and in a multigraph `flows[tail][head][key]`."""


def simplex_on_arrays(graph: FlowGraph) -> tuple[int, ArcFlows]:
    """Solve a FlowGraph as it stands; raises as networkx does, and FlowOverflow and FlowCancelled."""
    solution = solve_flow(graph.problem, start=graph.start, progress=graph.progress, cancelled=graph.cancelled)
    _check_optimal(solution, solution.culprits.tolist())
    return solution.cost, ArcFlows(graph, solution)


def most_on_arrays(graph: FlowGraph, source: int, sink: int) -> ArcFlows:
    """The most flow from source to sink at least cost; other nodes keep their supplies."""
    supply = _supply_of_most(graph.problem, source, sink)
    return simplex_on_arrays(replace(graph, problem=replace(graph.problem, supply=supply), start=None))[1]


def simplex(columns: GraphColumns) -> tuple[Number, Flows]:
    """What networkx.network_simplex finds or raises."""
    columns = _fit_for_simplex(columns)
    return _optimum(columns, whole_problem(columns))


def most_at_least_cost(columns: GraphColumns, source: Hashable, sink: Hashable) -> Flows:
    """What networkx.max_flow_min_cost finds or raises."""
    ends = columns.nodes.index(source), columns.nodes.index(sink)
    demand = [0 if node in ends else value for node, value in enumerate(columns.demand)]
    columns = _fit_for_simplex(replace(columns, demand=demand))
    whole = whole_problem(columns)
    try:
        supply = _supply_of_most(whole.problem, *ends)
    except FlowOverflow as error:
        _refuse_overflow(str(error), error)
    return _optimum(columns, replace(whole, problem=replace(whole.problem, supply=supply)))[1]


def scaling(columns: GraphColumns) -> tuple[Number, Flows]:
    """What networkx.capacity_scaling finds or raises, by the simplex."""
    for node in infinite(columns.demand):
        raise UnfeasibleFlow("Sum of the demands should be 0.", [columns.nodes[node]])
    columns = _fit_for_scaling(columns)
    whole = whole_problem(columns)
    _check_balance(columns, whole.problem, "Sum of the demands should be 0.")
    solution = _solve(whole)
    if solution.status is Status.UNBOUNDED or (solution.status is Status.INFEASIBLE and _gains_endlessly(whole)):
        raise nx.NetworkXUnbounded(
            "Negative cost cycle of infinite capacity found. Min cost flow may be unbounded below."
        )
    _check_optimal(solution, _nodes(columns, solution.culprits), "No flow satisfying all demands.")
    return _result(columns, whole, solution)


def _optimum(columns: GraphColumns, whole: WholeProblem) -> tuple[Number, Flows]:
    _check_balance(columns, whole.problem, "total node demand is not zero")
    solution = _solve(whole)
    _check_optimal(solution, _nodes(columns, solution.culprits))
    return _result(columns, whole, solution)


def _fit_for_simplex(columns: GraphColumns) -> GraphColumns:
    """The columns without what networkx.network_simplex refuses, or ignores on edges that carry nothing."""
    for node in infinite(columns.demand):
        raise nx.NetworkXError(f"node {columns.nodes[node]!r} has infinite demand")
    for edge in infinite(columns.weight):
        if columns.capacity[edge] != 0 or columns.tail[edge] == columns.head[edge]:
            raise nx.NetworkXError(f"edge {columns.edge(edge)!r} has infinite weight")
    for edge, capacity in enumerate(columns.capacity):
        if capacity < 0:
            ends = [columns.nodes[columns.tail[edge]], columns.nodes[columns.head[edge]]]
            raise UnfeasibleFlow(f"edge {columns.edge(edge)!r} has negative capacity", ends)
    return columns.limited_to(columns.capacity)


def _fit_for_scaling(columns: GraphColumns) -> GraphColumns:
    """The columns as networkx.capacity_scaling reads them: no capacity below 0, no use of an infinite weight."""
    capacity = [max(value, 0) for value in columns.capacity]
    for edge in infinite(columns.weight):
        if columns.weight[edge] < 0 < capacity[edge]:
            raise UnfeasibleFlow(f"edge {columns.edge(edge)!r} has weight -inf", list(columns.edge(edge)[:2]))
        capacity[edge] = 0
    return columns.limited_to(capacity)


def _solve(whole: WholeProblem) -> FlowSolution:
    try:
        solution = _shortest_optimum(whole.problem)
    except FlowOverflow as error:
        _refuse_overflow(str(error), error)
    if solution.status is Status.UNBOUNDED and whole.cut:
        _refuse_overflow("a cycle of negative cost has a capacity of more than 2**62 units")
    return solution


def _shortest_optimum(problem: FlowProblem) -> FlowSolution:
    """Of all optimal flows one of least total flow: no detour and no idle cycle where a direct way costs the same.

    Two optima differ by simple cycles of cost 0, of at most as many arcs as there are nodes. So a cost of 1 per arc
    decides among them, and never against the cost proper, once that is multiplied by the nodes + 1. Where the products
    are too large, any optimum will do.
    """
    factor = len(problem.supply) + 1
    if len(problem.cost) == 0 or int(np.abs(problem.cost).max()) * factor >= UNLIMITED:
        return solve_flow(problem)
    try:
        solution = solve_flow(replace(problem, cost=problem.cost * factor + 1))
    except FlowOverflow:
        return solve_flow(problem)
    if solution.status is not Status.OPTIMAL:
        return solution
    return replace(solution, cost=total_cost(problem.cost, solution.flow))


def _refuse_overflow(why: str, cause: Exception | None = None) -> NoReturn:
    raise nx.NetworkXError(f"{why}; scale demands, capacities or weights down") from cause


def _supply_of_most(problem: FlowProblem, source: int, sink: int) -> Ints:
    """The problem's supplies, with the most that can flow at source and sink; raises NetworkXUnbounded.

    It is the circulation that pays by the unit on an arc back from sink to source.
    """
    circulation = FlowProblem(
        tail=np.append(problem.tail, sink),
        head=np.append(problem.head, source),
        lower=np.append(problem.lower, 0),
        capacity=np.append(problem.capacity, UNLIMITED),
        cost=np.append(np.zeros_like(problem.cost), -1),
        supply=np.zeros_like(problem.supply),
    )
    solution = solve_flow(circulation)
    if solution.status is Status.UNBOUNDED:
        raise nx.NetworkXUnbounded("Infinite capacity path, flow unbounded above.")
    _check_optimal(solution, solution.culprits.tolist())
    supply = problem.supply.copy()
    supply[source], supply[sink] = solution.flow[-1], -solution.flow[-1]
    return supply


def _gains_endlessly(whole: WholeProblem) -> bool:
    """Whether some cycle of negative cost has no limit, whatever the demands."""
    idle = replace(whole.problem, supply=np.zeros_like(whole.problem.supply))
    return _solve(replace(whole, problem=idle)).status is Status.UNBOUNDED


def _check_balance(columns: GraphColumns, problem: FlowProblem, message: str) -> None:
    if sum(problem.supply.tolist()) != 0:
        raise UnfeasibleFlow(message, _nodes(columns, np.flatnonzero(problem.supply)))


def _check_optimal(
    solution: FlowSolution, culprits: list[Hashable], no_flow: str = "no flow satisfies all node demands"
) -> None:
    if solution.status is Status.INFEASIBLE:
        raise UnfeasibleFlow(no_flow, culprits)
    if solution.status is Status.UNBOUNDED:
        raise nx.NetworkXUnbounded("negative cycle with infinite capacity found")


def _nodes(columns: GraphColumns, positions: Ints) -> list[Hashable]:
    return [columns.nodes[position] for position in positions.tolist()]


def _result(columns: GraphColumns, whole: WholeProblem, solution: FlowSolution) -> tuple[Number, Flows]:
    flows = flows_by_edge(columns, whole.amount.worths(solution.flow))
    return (whole.amount * whole.price).worth(solution.cost), flows
