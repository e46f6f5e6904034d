"""Communities: groups of firms that trade with each other more than the whole network would make one expect.

Louvain's method on the undirected graph of firms, weighted by 元: each firm moves to the neighbour's group by which the
modularity gains most, then groups become firms, until nothing gains. It is a heuristic (the best partition is NP-hard
to find); with a fixed seed and the graph's firms in the order of their keys it always ends in the same groups.

V. D. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre, Fast unfolding of communities in large networks, Journal of
Statistical Mechanics, 2008, P10008. networkx: `louvain_communities`.
"""

from dataclasses import dataclass

import networkx as nx

from services.matching.engine.supply_graph.tiers import FirmGraph

SEED = 1


@dataclass(frozen=True)
class Community:
    """A group of firms (keys), those that deal in most 元 first; `leaders` of them buy something.

    `inside` 元 are dealt among them, `across` with others.
    """

    firms: list[str]
    leaders: int
    inside: int
    across: int


@dataclass(frozen=True)
class Communities:
    """The groups, those with most inside first; `modularity` (−0.5 to 1) says how clearly they are apart: 0, not."""

    found: list[Community]
    modularity: float


def communities(graph: FirmGraph) -> Communities:
    """The communities of a graph of firms (`tiers.firm_graph`). Near linear in its edges."""
    plain = _undirected(graph)
    if not plain.size(weight="amount"):
        return Communities([], 0.0)
    groups = nx.community.louvain_communities(plain, weight="amount", seed=SEED)
    found = sorted((_community(graph, plain, firms) for firms in groups), key=lambda row: (-row.inside, row.firms))
    return Communities(found, float(nx.community.modularity(plain, groups, weight="amount")))


def _undirected(graph: FirmGraph) -> nx.Graph:
    """The same trades without direction, both ways added up, in the order of the keys."""
    plain = nx.Graph()
    plain.add_nodes_from(sorted(graph))
    for one, other, amount in sorted(graph.edges(data="amount")):
        before = plain.get_edge_data(one, other, {"amount": 0})["amount"]
        plain.add_edge(one, other, amount=before + amount)
    return plain


def _community(graph: FirmGraph, plain: nx.Graph, firms: set[str]) -> Community:
    inside = int(plain.subgraph(firms).size(weight="amount"))
    dealt = {firm: int(plain.degree(firm, weight="amount")) for firm in firms}
    return Community(
        firms=sorted(firms, key=lambda firm: (-dealt[firm], firm)),
        leaders=sum(graph.out_degree(firm) > 0 for firm in firms),
        inside=inside,
        across=sum(dealt.values()) - 2 * inside,
    )
