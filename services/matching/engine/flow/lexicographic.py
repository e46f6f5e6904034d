"""The exact optimum of a flow network under several objectives, the most important first.

`lexicographic_flow` is the one function behind which the solver lives: today networkx's network simplex on whole
numbers, component by component.
"""

from collections.abc import Iterator

import networkx as nx
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from services.matching.engine.flow.network import FlowNetwork, FlowResult, Ints

_NOTHING: Ints = np.zeros(0, np.int64)


class InfeasibleFlow(ValueError):
    """No flow keeps the bounds and the supplies; `nodes` are those of the component where it fails."""

    def __init__(self, nodes: list[int]) -> None:
        super().__init__(f"no feasible flow in the component of nodes {nodes[:10]}")
        self.nodes = nodes


def lexicographic_flow(network: FlowNetwork) -> FlowResult:
    """Maximise objective 0, among the flows that do so objective 1, and so on; raises InfeasibleFlow if none exists.

    The objectives are folded into one by weights: W[K-1] = 1 and W[k] = 1 + Σ_{j>k} W[j]·R[j], where
    R[j] = Σ_a |objectives[j, a]|·(capacity[a] - lower[a]) is at least the difference of objective j between any two
    flows within the bounds. The folded optimum is the lexicographic one: let flow x be better than y first at
    objective k. All are whole numbers, so x gains at least W[k] there, and loses at most Σ_{j>k} W[j]·R[j] = W[k] - 1
    on the later ones. Weights are Python integers, which never overflow.

    Components (the parts that hang together without the hub) are independent: what a part lacks or has over in
    supplies, and nothing else, passes through its copy of the hub. The lexicographic optimum of the whole is the union
    of those of the parts, since each objective is a sum over them.
    """
    if network.supply.sum() != 0 or (network.capacity < network.lower).any():
        raise InfeasibleFlow(_culprits(network))
    flow = network.lower.copy()
    excess = _excess(network)
    for nodes, arcs in _components(network, excess):
        flow[arcs] += _solve_component(network, excess, nodes, arcs)
    return FlowResult(flow, objective_values(network, flow))


def objective_values(network: FlowNetwork, flow: Ints) -> tuple[int, ...]:
    """What a flow reaches in each objective, in Python integers (scores times 元 pass 2**63 on a large province)."""
    amounts = flow.astype(object)
    return tuple(int((row.astype(object) * amounts).sum()) for row in network.objectives)


def _culprits(network: FlowNetwork) -> list[int]:
    crossed = network.capacity < network.lower
    return [int(node) for node in np.unique(network.tail[crossed])] or [network.hub]


def _excess(network: FlowNetwork) -> Ints:
    """What each node has over once every arc carries its lower bound."""
    excess = network.supply.copy()
    np.subtract.at(excess, network.tail, network.lower)
    np.add.at(excess, network.head, network.lower)
    return excess


def _components(network: FlowNetwork, excess: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Nodes (without the hub) and arcs of each part that hangs together without the hub, where something can move."""
    label = _labels(network)
    wide = np.flatnonzero(network.capacity > network.lower)
    inner_end = np.where(network.tail[wide] == network.hub, network.head[wide], network.tail[wide])
    part = label[inner_end]
    busy = np.flatnonzero(excess)
    arcs, nodes = _grouped(wide, part), _grouped(np.arange(len(label)), label)
    for component in np.unique(np.concatenate([part, label[busy[busy != network.hub]]])):
        members = nodes[int(component)]
        yield members[members != network.hub], arcs.get(int(component), _NOTHING)


def _labels(network: FlowNetwork) -> Ints:
    """The component of each node; the hub is one of its own."""
    movable = (network.capacity > network.lower) & (network.tail != network.hub) & (network.head != network.hub)
    size = len(network.supply)
    links = coo_matrix((np.ones(movable.sum(), bool), (network.tail[movable], network.head[movable])), (size, size))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _grouped(items: Ints, group: Ints) -> dict[int, Ints]:
    if len(items) == 0:
        return {}
    order = np.argsort(group, kind="stable")
    keys, starts = np.unique(group[order], return_index=True)
    return {int(key): chunk for key, chunk in zip(keys, np.split(items[order], starts[1:]), strict=True)}


def _solve_component(network: FlowNetwork, excess: Ints, nodes: Ints, arcs: Ints) -> Ints:
    """What flows beyond the lower bounds on the component's arcs; its copy of the hub takes what is lacking or over."""
    graph = nx.MultiDiGraph()
    graph.add_node(network.hub, demand=int(excess[nodes].sum()))
    graph.add_nodes_from((int(node), {"demand": -int(excess[node])}) for node in nodes)
    cost, width = _folded_costs(network, arcs), (network.capacity - network.lower)[arcs].tolist()
    ends = zip(network.tail[arcs].tolist(), network.head[arcs].tolist(), strict=True)
    for key, (tail, head) in enumerate(ends):
        graph.add_edge(tail, head, key, capacity=width[key], weight=cost[key])
    try:
        by_ends = nx.network_simplex(graph)[1]
    except nx.NetworkXUnfeasible as error:
        raise InfeasibleFlow(nodes.tolist()) from error
    flow = np.zeros(len(arcs), np.int64)
    for tail, head, key in graph.edges(keys=True):
        flow[key] = by_ends[tail][head][key]
    return flow


def _folded_costs(network: FlowNetwork, arcs: Ints) -> list[int]:
    """One cost per arc, to be minimised, in which each objective outweighs all later ones together."""
    width = (network.capacity - network.lower)[arcs].astype(object)
    cost = np.zeros(len(arcs), object)
    weight, reach = 1, 0
    for row in network.objectives[::-1]:
        gain = row[arcs].astype(object)
        cost -= gain * weight
        reach += weight * int((abs(gain) * width).sum())
        weight = reach + 1
    return cost.tolist()
