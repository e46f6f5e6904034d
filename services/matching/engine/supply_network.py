"""The market as a flow network, under terms: capacities in 元, gates open or closed, and how products count.

hub → supplier (if limited) → capability → supplier on line (if it has several offers there) → line → product → hub.
Objectives: 元 below the products' targets, 元 in all, 元 × score. On arrays: raise_rate/supply_network.py.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from services.matching.engine.flow.lexicographic import lexicographic_flow
from services.matching.engine.flow.network import FlowNetwork, NetworkBuilder
from services.matching.engine.market import Market, Offer, in_whole_yuan


class Counting(Enum):
    """How a product's 元 count toward its target: all of them, none, or exactly by two arcs that tie its lines."""

    ALL = "all"
    NONE = "none"
    EXACT = "exact"


@dataclass
class Terms:
    """What a flow is asked to keep beside the market: see the module. `counting` is by product.

    `capacity[capability]` is in 元; a capability that is not in it is unlimited. An open gate carries its minimum at
    least, a closed one nothing. A line in `held` gets that many 元 at
    least, an offer in `limits` that many at most.
    """

    counting: list[Counting]
    capacity: dict[int, int] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    held: dict[int, int] = field(default_factory=dict)
    limits: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """The network of some offers, with the arc of each."""

    network: FlowNetwork
    arcs: dict[int, int]


def best_amounts(market: Market, offers: Sequence[int], terms: Terms) -> dict[int, int]:
    """The optimal 元 per offer (positions in the market) under the terms; raises InfeasibleFlow."""
    layout = lay_out(market, offers, terms)
    flow = lexicographic_flow(layout.network).flow.tolist()
    return {offer: flow[arc] for offer, arc in layout.arcs.items()}


def highest_capacity(market: Market, offers: Sequence[int]) -> dict[int, int]:
    """Each limited capability's capacity in 元; pieces at the highest price among the offers: an upper bound."""
    found: dict[int, int] = {}
    for offer in offers:
        row = market.offers[offer]
        left = market.capacity[row.capability]
        if left.yuan is not None:
            found[row.capability] = left.yuan
        elif left.units is not None and row.pieces is not None:
            found[row.capability] = max(found.get(row.capability, 0), in_whole_yuan(left.units, row.pieces))
    return found


def lay_out(market: Market, offers: Sequence[int], terms: Terms) -> Layout:
    """Build the network of the offers whose gates are not closed."""
    alive = [offer for offer in offers if not terms.closed.intersection(market.through[offer])]
    build = NetworkBuilder(ranks=3)
    lines = _add_lines(build, market, alive, terms)
    capabilities = _add_capabilities(build, market, alive, terms.capacity)
    arcs: dict[int, int] = {}
    for offer in alive:
        if len(market.through[offer]) == 1:
            row, gate = market.offers[offer], market.through[offer][0]
            least = market.gates[gate].minimum if gate in terms.open else 0
            gain = (0, 0, row.score)
            arcs[offer] = build.arc(
                capabilities[row.capability], lines[row.line], _most(row, offer, terms), gain, least
            )
    _add_shared(build, market, alive, terms, lines, capabilities, arcs)
    return Layout(build.build(), arcs)


def _add_lines(build: NetworkBuilder, market: Market, alive: Sequence[int], terms: Terms) -> dict[int, int]:
    lines = {line: build.node() for line in dict.fromkeys(market.offers[offer].line for offer in alive)}
    exact: dict[int, list[int]] = defaultdict(list)
    for line, node in lines.items():
        product, least = market.product[line], terms.held.get(line, 0)
        if terms.counting[product] is Counting.EXACT:
            exact[product].append(line)
        else:
            toward = int(terms.counting[product] is Counting.ALL)
            build.arc(node, 0, market.movable[line], (toward, 1, 0), least)
    for product, members in exact.items():
        node, most = build.node(), sum(market.movable[line] for line in members)
        for line in members:
            build.arc(lines[line], node, market.movable[line], lower=terms.held.get(line, 0))
        build.arc(node, 0, min(most, market.room[product]), (1, 1, 0))
        build.arc(node, 0, max(0, most - market.room[product]), (0, 1, 0))
    return lines


def _add_capabilities(
    build: NetworkBuilder, market: Market, alive: Sequence[int], capacity: dict[int, int]
) -> dict[int, int]:
    most: dict[int, int] = defaultdict(int)
    supplier_of: dict[int, int] = {}
    for offer in alive:
        row = market.offers[offer]
        most[row.capability] += row.most
        supplier_of[row.capability] = row.supplier
    limited = {who for who in supplier_of.values() if market.supplier_limit[who] is not None}
    suppliers = {who: build.node() for who in sorted(limited)}
    for who, node in suppliers.items():
        build.arc(0, node, market.supplier_limit[who] or 0)
    nodes = {capability: build.node() for capability in most}
    for capability, node in nodes.items():
        width = min(most[capability], capacity.get(capability, most[capability]))
        build.arc(suppliers.get(supplier_of[capability], 0), node, width)
    return nodes


def _add_shared(
    build: NetworkBuilder,
    market: Market,
    alive: Sequence[int],
    terms: Terms,
    lines: dict[int, int],
    capabilities: dict[int, int],
    arcs: dict[int, int],
) -> None:
    """Suppliers with several offers on a line: these meet in a node, whose arc to the line has the cap and the gate."""
    meeting: dict[int, int] = {}
    for offer in alive:
        if len(market.through[offer]) == 1:
            continue
        row, (shared, own) = market.offers[offer], market.through[offer]
        if shared not in meeting:
            meeting[shared] = build.node()
            gate = market.gates[shared]
            build.arc(meeting[shared], lines[row.line], gate.cap, lower=gate.minimum if shared in terms.open else 0)
        least = market.gates[own].minimum if own in terms.open else 0
        arcs[offer] = build.arc(
            capabilities[row.capability], meeting[shared], _most(row, offer, terms), (0, 0, row.score), least
        )


def _most(row: Offer, offer: int, terms: Terms) -> int:
    return min(row.most, terms.limits.get(offer, row.most))
