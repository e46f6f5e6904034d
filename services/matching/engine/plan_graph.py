"""A plan as a graph of networkx, for people, tests and drawings: supplier → capability → line → product, in 元."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

import networkx as nx

Node = tuple[str, int]
"""What it is ("supplier", "capability", "line", "product") and its position in the snapshot."""


class Placed(Protocol):
    """`amount` 元 of a line at a capability of a supplier (positions): a suggestion."""

    @property
    def line(self) -> int: ...
    @property
    def supplier(self) -> int: ...
    @property
    def capability(self) -> int: ...
    @property
    def amount(self) -> int: ...


def plan_graph(
    rows: Iterable[Placed], product_of: Sequence[int], *, around: Node | None = None, steps: int | None = None
) -> nx.DiGraph:
    """The flow of a plan: nodes with `kind` and `amount` (what passes them), edges with `amount`.

    `product_of[line]` is the line's product. With `around`, only what hangs together with that node, or what is at
    most `steps` edges away from it, in whatever direction; raises KeyError when the plan does not use it. O(rows).

    >>> from types import SimpleNamespace
    >>> graph = plan_graph([SimpleNamespace(line=0, supplier=3, capability=4, amount=70)], [9])
    >>> graph["capability", 4]["line", 0]["amount"], graph.nodes["product", 9]["amount"]
    (70, 70)
    """
    graph = nx.DiGraph()
    for row in rows:
        way: list[Node] = [
            ("supplier", row.supplier),
            ("capability", row.capability),
            ("line", row.line),
            ("product", product_of[row.line]),
        ]
        for node in way:
            _add(graph, node, row.amount)
        for tail, head in pairwise(way):
            before = graph.edges[tail, head]["amount"] if graph.has_edge(tail, head) else 0
            graph.add_edge(tail, head, amount=before + row.amount)
    return graph if around is None else _near(graph, around, steps)


def _add(graph: nx.DiGraph, node: Node, amount: int) -> None:
    before = graph.nodes[node]["amount"] if node in graph else 0
    graph.add_node(node, kind=node[0], amount=before + amount)


def _near(graph: nx.DiGraph, around: Node, steps: int | None) -> nx.DiGraph:
    if around not in graph:
        raise KeyError(around)
    reached = nx.single_source_shortest_path_length(graph.to_undirected(as_view=True), around, cutoff=steps)
    return graph.subgraph(reached).copy()
