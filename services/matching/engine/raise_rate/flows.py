"""Optimal flows of a market under terms: laid out, solved by the network simplex, and read as 元 per offer."""

import networkx as nx

from services.matching.engine.flow.graph import FlowGraph, UnfeasibleFlow
from services.matching.engine.flow.problem import Basis, FlowSolution, InfeasibleFlow
from services.matching.engine.flow.start import greedy_start
from services.matching.engine.raise_rate.market import Ints, Market
from services.matching.engine.raise_rate.supply_network import HUB, Layout, Terms, lay_out


def best_amounts(market: Market, offers: Ints, terms: Terms) -> Ints:
    """The optimal 元 per offer of the market, on these offers under the terms; raises InfeasibleFlow."""
    layout = lay_out(market, offers, terms)
    return layout.amounts(solved(layout).flow)


def solved(layout: Layout, basis: Basis | None = None) -> FlowSolution:
    """The network's optimal flow, from a former basis or a greedy one; raises InfeasibleFlow with its culprits."""
    graph = FlowGraph(layout.problem, start=greedy_start(layout.problem, HUB) if basis is None else basis)
    try:
        _, flows = nx.network_simplex(graph)
    except UnfeasibleFlow as error:
        raise InfeasibleFlow([int(str(node)) for node in error.culprits]) from error
    solution: FlowSolution = flows.solution
    return solution
