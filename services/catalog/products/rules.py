"""Bills of materials: exploding one into yearly quantities, and naming a cycle when there is one.

A bill is a directed graph of parts: an edge says that one piece of the parent takes `quantity` pieces of the part.
Sub-assemblies may be shared, so it is a graph and not a tree: what each way through it asks for adds up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

import networkx as nx

PRODUCT = ""
"""The node of the product itself: the parent of a line that names no parent."""

# Quantities multiply along the levels; this many digits keep every product of real quantities exact.
_DIGITS = 200


@dataclass(frozen=True)
class BomEdge:
    """One line of a bill: one piece of `parent` (None: the product) takes `quantity` pieces of `part`."""

    parent: str | None
    part: str
    quantity: Decimal
    bought: bool
    part_name: str = ""


class BomCycle(Exception):
    """A part contains itself. `path` lists the part codes around the cycle, the first one again at the end.

    `parts` are all parts that contain each other there, on this cycle or on another one through the same parts.
    """

    def __init__(self, path: Sequence[str], names: Sequence[str], parts: Iterable[str]) -> None:
        """Keep the cycle's codes and names, and the sentence that a reader needs."""
        self.path = tuple(path)
        self.names = tuple(names)
        self.parts = frozenset(parts)
        self.message = "物料清单成环：" + " → ".join(map(_say, path, names))
        super().__init__(self.message)


def explode(annual_volume: Decimal, lines: Sequence[BomEdge]) -> dict[str, Decimal]:
    """Return the yearly quantity of every part of a bill, assemblies included, when `annual_volume` are made.

    A bought part is a leaf: what stands below it is its maker's business and is not asked for. A part that can be
    reached in several ways gets the sum over all of them. Quantities are exact decimals. A part that the product
    does not reach (its parent is missing or bought) is not in the answer. Raises BomCycle.
    """
    graph = bill_graph(lines)
    bought = {line.part for line in lines if line.bought}
    totals: dict[str, Decimal] = defaultdict(Decimal, {PRODUCT: annual_volume})
    with localcontext(prec=_DIGITS):
        for node in _topological(graph, lines):
            if node in totals and node not in bought:
                for part, edge in graph.adj[node].items():
                    totals[part] += totals[node] * edge["quantity"]
    return {part: quantity for part, quantity in totals.items() if part != PRODUCT}


def made_parts(lines: Sequence[BomEdge]) -> set[str]:
    """Return the codes of the parts that no line of the bill says are bought."""
    return {line.part for line in lines} - {line.part for line in lines if line.bought}


def cycles(lines: Sequence[BomEdge]) -> list[BomCycle]:
    """Return one cycle for each group of parts that contain each other; none for a sound bill.

    The same ones whatever the order of the lines: each begins at the smallest part code of its group.
    """
    graph = bill_graph(lines)
    names = {line.part: line.part_name for line in lines}
    groups = [sorted(nodes) for nodes in nx.strongly_connected_components(graph) if _is_cyclic(graph, nodes)]
    return [_cycle(graph, group, names) for group in sorted(groups)]


def bill_graph(lines: Sequence[BomEdge]) -> nx.DiGraph:
    """Return the bill as a graph; two lines of one parent for one part add up."""
    graph = nx.DiGraph()
    graph.add_node(PRODUCT)
    for line in lines:
        parent = line.parent or PRODUCT
        before = graph.edges[parent, line.part]["quantity"] if graph.has_edge(parent, line.part) else Decimal(0)
        graph.add_edge(parent, line.part, quantity=before + line.quantity)
    return graph


def _topological(graph: nx.DiGraph, lines: Sequence[BomEdge]) -> list[str]:
    """Return the nodes, each after all of its parents, or raise the first cycle."""
    try:
        return list(nx.topological_sort(graph))
    except nx.NetworkXUnfeasible:
        raise cycles(lines)[0] from None


def _cycle(graph: nx.DiGraph, group: Sequence[str], names: Mapping[str, str]) -> BomCycle:
    """Return the shortest cycle through the first part of a group; of several, the first in order."""
    start, inside = group[0], graph.subgraph(group)
    ways = (nx.shortest_path(inside, after, start) for after in sorted(inside.successors(start)))
    path = [start, *min(ways, key=lambda way: (len(way), way))]
    return BomCycle(path, [names.get(code, "") for code in path], group)


def _is_cyclic(graph: nx.DiGraph, nodes: set[str]) -> bool:
    """Tell whether a strongly connected component holds a cycle: several nodes, or one that contains itself."""
    return len(nodes) > 1 or any(graph.has_edge(node, node) for node in nodes)


def _say(code: str, name: str) -> str:
    """Write a part as people know it: its name with its code."""
    return f"{name}（{code}）" if name else code
