"""Tiers: how far a firm is from the end of its chains, through suppliers that have bills of materials themselves.

A leader that supplies no other leader is at tier 0, its suppliers at tier 1, and theirs, where they are leaders too,
behind them. A firm that is reached by several ways stands at the longest one. Firms that supply each other in a circle
are one step of the chain: the circle is contracted (condensation) before ways are measured, so that they end.
"""

from dataclasses import dataclass
from typing import TypeAlias

import networkx as nx

from services.matching.engine.supply_graph.supply import Supply

FirmGraph: TypeAlias = nx.DiGraph


@dataclass(frozen=True)
class TieredFirm:
    """A firm (its key), its tier, whether it is in a circle, and what it buys and sells within the graph, in 元."""

    firm: str
    tier: int
    in_circle: bool
    buys: int
    sells: int


def firm_graph(supply: Supply) -> FirmGraph:
    """Who buys from whom: an edge from leader to supplier (keys of enterprises), `amount` in 元 over all lines.

    Products without a leader are left out; what a leader buys of itself is no edge.
    """
    graph = nx.DiGraph()
    rows = zip(supply.line.tolist(), supply.supplier.tolist(), supply.amount.tolist(), strict=True)
    for line, supplier, amount in rows:
        leader = supply.snapshot.products[supply.snapshot.lines[line].product].leader_key
        firm = supply.snapshot.suppliers[supplier].key
        if leader is None or leader == firm:
            continue
        before = graph.get_edge_data(leader, firm, {"amount": 0})["amount"]
        graph.add_edge(leader, firm, amount=before + amount)
    return graph


def tiers(graph: FirmGraph) -> list[TieredFirm]:
    """Every firm of a firm graph with its tier, in the order of (tier, key). Linear in the graph."""
    steps = nx.condensation(graph)
    found = [
        _tiered(graph, firm, tier, in_circle=len(steps.nodes[step]["members"]) > 1)
        for tier, generation in enumerate(nx.topological_generations(steps))
        for step in generation
        for firm in steps.nodes[step]["members"]
    ]
    return sorted(found, key=lambda row: (row.tier, row.firm))


def _tiered(graph: FirmGraph, firm: str, tier: int, *, in_circle: bool) -> TieredFirm:
    buys = int(graph.out_degree(firm, weight="amount"))
    return TieredFirm(firm, tier, in_circle, buys, int(graph.in_degree(firm, weight="amount")))
