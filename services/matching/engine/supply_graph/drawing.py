"""The supply network as a networkx graph, and the part of it that one picture can show."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from services.matching.engine.supply_graph.supply import STAGES, Supply, place_of
from shared.codes.regions import is_within


@dataclass(frozen=True)
class Focus:
    """What a picture is about: the lines of a product, of a leader, that a supplier or a city supplies; all must hold.

    Positions of product and supplier, the leader's key, the region's code; None: any.
    """

    product: int | None = None
    leader: str | None = None
    supplier: int | None = None
    region: str | None = None


@dataclass(frozen=True)
class Node:
    """A thing in the picture: `kind` is firm, line, product or leader; `amount` is what goes through it, in 元.

    A firm that is a leader as well is one node of kind leader. `unnamed` of a line have no named supplier.
    """

    id: str
    kind: str
    key: str
    name: str
    uuid: str | None
    region: str | None
    amount: int
    unnamed: int | None


@dataclass(frozen=True)
class Link:
    """`amount` 元 from node `source` to node `target`; `stage` of a supply, None of a line in a product, or of a
    product at its leader.
    """

    source: str
    target: str
    stage: str | None
    amount: int


@dataclass(frozen=True)
class Extent:
    """How much there is: lines, suppliers, and 元 of spend."""

    lines: int
    suppliers: int
    spend: int


@dataclass(frozen=True)
class Drawing:
    """A picture's nodes and links, and how much of what it is about it shows."""

    nodes: list[Node]
    links: list[Link]
    shown: Extent
    total: Extent


def supply_graph(supply: Supply, lines: Sequence[int], suppliers: Iterable[int] | None = None) -> nx.DiGraph:
    """The graph of some lines: firm → line → product → leader, edges with `amount` and, to a line, 元 by stage.

    Nodes are named `kind:key` and carry what a `Node` says. With `suppliers`, others are left out.
    """
    graph = nx.DiGraph()
    kept = np.isin(supply.line, np.asarray(lines, np.int64))
    if suppliers is not None:
        kept &= np.isin(supply.supplier, np.asarray(list(suppliers), np.int64))
    for line in lines:
        _add_line(graph, supply, line)
    for row in np.flatnonzero(kept).tolist():
        _add_row(graph, supply, row)
    return graph


def drawing(supply: Supply, focus: Focus, most: int) -> Drawing:
    """The picture of a focus with at most `most` ≥ 4 nodes: the lines of which most is attributed to suppliers, each
    with all of these; of a single line that has too many, the greatest suppliers.
    """
    held = _suppliers_of(supply, _lines(supply, focus))
    wanted = sorted(held, key=lambda at: (-sum(held[at].values()), -supply.snapshot.lines[at].spend, at))
    lines, suppliers = _chosen(supply, wanted, held, most)
    graph = supply_graph(supply, lines, suppliers)
    nodes = [Node(id=name, **row) for name, row in graph.nodes(data=True)]
    everybody = set().union(*(held[line] for line in wanted))
    return Drawing(
        nodes=nodes,
        links=[link for edge in graph.edges(data=True) for link in _links(*edge)],
        shown=Extent(len(lines), len(suppliers), _spend(supply, lines)),
        total=Extent(len(wanted), len(everybody), _spend(supply, wanted)),
    )


def _lines(supply: Supply, focus: Focus) -> set[int]:
    """The lines of a focus."""
    rows, products = supply.snapshot.lines, supply.snapshot.products
    found = set(supply.lines)
    if focus.supplier is not None:
        found &= set(supply.line[supply.supplier == focus.supplier].tolist())
    if focus.region is not None:
        found &= set(supply.line[_in_region(supply, focus.region)].tolist())
    return {
        line
        for line in found
        if focus.product in (None, rows[line].product)
        and focus.leader in (None, products[rows[line].product].leader_key)
    }


def _in_region(supply: Supply, region: str) -> np.ndarray:
    places = [place_of(row) for row in supply.snapshot.suppliers]
    inside = np.array([place is not None and is_within(place, region) for place in places], np.bool_)
    return inside[supply.supplier]


def _suppliers_of(supply: Supply, lines: Iterable[int]) -> dict[int, dict[int, int]]:
    """Per line, 元 by supplier."""
    found: dict[int, dict[int, int]] = {line: {} for line in lines}
    rows = zip(supply.line.tolist(), supply.supplier.tolist(), supply.amount.tolist(), strict=True)
    for line, supplier, amount in rows:
        if line in found:
            found[line][supplier] = found[line].get(supplier, 0) + amount
    return found


def _chosen(
    supply: Supply, wanted: list[int], held: dict[int, dict[int, int]], most: int
) -> tuple[list[int], set[int]]:
    """Lines and suppliers that fit: whole lines, or at least the first one with its greatest suppliers."""
    lines: list[int] = []
    suppliers: set[int] = set()
    products: set[int] = set()
    for line in wanted:
        more = suppliers | held[line].keys()
        around = products | {supply.snapshot.lines[line].product}
        if len(lines) + 1 + len(more) + 2 * len(around) > most:
            break
        lines, suppliers, products = [*lines, line], more, around
    if wanted and not lines:
        first = held[wanted[0]]
        greatest = sorted(first, key=lambda supplier: (-first[supplier], supplier))
        return wanted[:1], set(greatest[: max(1, most - 3)])
    return lines, suppliers


def _spend(supply: Supply, lines: Iterable[int]) -> int:
    return sum(supply.snapshot.lines[line].spend for line in lines)


def _add_line(graph: nx.DiGraph, supply: Supply, at: int) -> None:
    row = supply.snapshot.lines[at]
    product = supply.snapshot.products[row.product]
    line, made = f"line:{row.key}", f"product:{product.key}"
    _add(graph, line, "line", row.key, row.part_name, row.id, None, row.spend)
    graph.nodes[line]["unnamed"] = max(0, row.spend - int(supply.amount[supply.line == at].sum()))
    _add(graph, made, "product", product.key, product.name, product.id, None, row.spend)
    graph.add_edge(line, made, amount=row.spend)
    if product.leader_key is not None:
        firm, name = f"firm:{product.leader_key}", product.leader_name or ""
        _add(graph, firm, "leader", product.leader_key, name, product.leader_id, product.leader_region, row.spend)
        graph.add_edge(made, firm, amount=graph.nodes[made]["amount"])


def _add_row(graph: nx.DiGraph, supply: Supply, row: int) -> None:
    supplier = supply.snapshot.suppliers[int(supply.supplier[row])]
    line, firm = f"line:{supply.snapshot.lines[int(supply.line[row])].key}", f"firm:{supplier.key}"
    amount = int(supply.amount[row])
    _add(graph, firm, "firm", supplier.key, supplier.name, supplier.id, place_of(supplier), amount)
    by_stage = defaultdict(int, graph.get_edge_data(firm, line, {}))
    by_stage[STAGES[int(supply.stage[row])].value] += amount
    by_stage["amount"] += amount
    graph.add_edge(firm, line, **by_stage)


def _add(
    graph: nx.DiGraph, name: str, kind: str, key: str, said: str, uuid: str | None, region: str | None, amount: int
) -> None:
    """Add a node, or add the amount to the one that is there: a leader that supplies stays a leader."""
    if name in graph:
        graph.nodes[name]["amount"] += amount
    else:
        graph.add_node(name, kind=kind, key=key, name=said, uuid=uuid, region=region, amount=amount, unnamed=None)


def _links(source: str, target: str, amounts: dict[str, int]) -> list[Link]:
    staged = [Link(source, target, stage, amounts[stage]) for stage in STAGES if stage in amounts]
    return staged or [Link(source, target, None, amounts["amount"])]
