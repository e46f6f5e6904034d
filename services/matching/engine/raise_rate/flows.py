"""Optimal flows of a market under terms: laid out, solved by the network simplex, and read as 元 per offer."""

from services.matching.engine.flow.lexicographic import InfeasibleFlow
from services.matching.engine.flow.problem import Basis, FlowSolution, Status
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.raise_rate.market import Ints, Market
from services.matching.engine.raise_rate.supply_network import Layout, Terms, lay_out, trivial_start


def best_amounts(market: Market, offers: Ints, terms: Terms) -> Ints:
    """The optimal 元 per offer of the market, on these offers under the terms; raises InfeasibleFlow."""
    layout = lay_out(market, offers, terms)
    return layout.amounts(solved(layout, trivial_start(layout)).flow)


def solved(layout: Layout, start: Basis | None = None) -> FlowSolution:
    """The network's optimal flow, from a former tree where there is one; raises InfeasibleFlow with the culprits."""
    solution = solve_flow(layout.problem, start=start)
    if solution.status is not Status.OPTIMAL:
        raise InfeasibleFlow(solution.culprits.tolist())
    return solution
