"""The arrays of a flow that is kept: the network as given, its tree, and the links between; with room for more."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow import changes, overflow, tree
from services.matching.engine.flow.changes import Links
from services.matching.engine.flow.door import checked, columns, contiguous
from services.matching.engine.flow.overflow import Survey
from services.matching.engine.flow.problem import UNLIMITED, Basis, FlowOverflow, FlowProblem, Ints
from services.matching.engine.flow.tree import Arcs, Tree

_WIDE = 2**60
"""The width of an arc without limit: more than all limited ones and the supplies together."""
_HEADROOM = 8
"""So much dearer than now may an arc become before the artificial arcs must become dearer, too."""


class Layout(NamedTuple):
    """Columns of the network as given, and what the simplex makes of them. The root's row in the tree is the last one.

    Arcs and nodes beyond those in use are loops of no width, and nodes on artificial arcs.
    """

    tail: Ints
    head: Ints
    lower: Ints
    capacity: Ints
    cost: Ints
    supply: Ints
    arcs: Arcs
    tree: Tree
    links: Links
    penalty: int

    def changing(self) -> tuple[NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8], ...]:
        """The arrays that a solve changes, and the supplies."""
        links = self.links
        per_node = (links.first_out, links.first_in, links.degree, links.queue, links.queued, links.cut, links.is_cut)
        return (*self.tree, *per_node, links.ring, self.supply)

    def restore(self, arc: int, lower: int, capacity: int, cost: int) -> None:
        """Give an arc its former columns; the tree must be the one of that time."""
        self.lower[arc], self.capacity[arc], self.cost[arc] = lower, capacity, cost
        self.arcs.cost[arc], self.arcs.width[arc] = cost, width_of(self.lower[arc], self.capacity[arc])

    def blank(self, first: int, stop: int) -> None:
        """Make arcs unused again."""
        for column in (self.tail, self.head, self.lower, self.capacity, self.cost, *self.arcs):
            column[first:stop] = 0


def width_of(lower: Ints, capacity: Ints) -> Ints:
    """What arcs can carry beyond their lower bounds."""
    return np.where(capacity >= UNLIMITED, _WIDE, np.maximum(capacity - lower, 0))


def chosen_root(problem: FlowProblem, root: int | None) -> tuple[FlowProblem, Survey, int]:
    """The checked problem, its survey, and the root: where most arcs meet, unless one is named."""
    problem = checked(problem)
    seen, nodes = overflow.survey(*columns(problem)), len(problem.supply)
    if not seen.ends_are_nodes:
        raise ValueError("tail and head must be nodes: 0 ≤ node < len(supply)")
    if nodes == 0 or not 0 <= (root or 0) < nodes:
        raise ValueError("a flow that is kept needs a root among its nodes")
    if root is None:
        ends = np.concatenate([problem.tail, problem.head])
        root = int(np.bincount(ends, minlength=nodes).argmax())
    return problem, seen, root


def lay_out(
    problem: FlowProblem, root: int, spare_nodes: int, spare_arcs: int, start: Basis | None, dearest: int = 0
) -> Layout:
    """Arrays with room for more, and a tree: that of the start basis, or the artificial one."""
    nodes, count = len(problem.supply) + spare_nodes, len(problem.tail) + spare_arcs
    tail, head, lower, capacity, cost = (_padded(column, count) for column in columns(problem)[:5])
    supply = _padded(problem.supply, nodes)
    arcs = Arcs(_inner(tail, root, nodes), _inner(head, root, nodes), cost.copy(), width_of(lower, capacity))
    excess = supply.copy()
    np.subtract.at(excess, tail, lower)
    np.add.at(excess, head, lower)
    excess[root] = 0
    penalty = _penalty(max(dearest, int(np.abs(cost.astype(float)).max(initial=0))), nodes)
    links = changes.empty_links(nodes + 1, count)
    changes.link(arcs, links, 0, len(problem.tail))
    links.ring[2] = 1
    if start is None:
        basis = tree.artificial_tree(arcs, excess, penalty)
    else:
        basis = _tree_from(arcs, excess, penalty, problem, start, root)
    changes.cut_nodes(arcs, basis, links)
    return Layout(tail, head, lower, capacity, cost, supply, arcs, basis, links, penalty)


def relaid(before: Layout, problem: FlowProblem, root: int, spare_nodes: int, spare_arcs: int, dearest: int) -> Layout:
    """The same tree in other arrays."""
    used, parent = len(problem.tail), before.tree.node[: len(problem.supply), tree.ARC]
    flow = before.lower[:used] + tree.carried(before.arcs, before.tree)[:used]
    basis = Basis(np.where(parent < len(before.tail), parent, -1), flow)
    return lay_out(problem, root, spare_nodes, spare_arcs, basis, dearest)


def _padded(column: Ints, size: int) -> Ints:
    return np.concatenate([column, np.zeros(size - len(column), np.int64)])


def _inner(ends: Ints, root: int, last: int) -> NDArray[np.uint32]:
    return np.where(ends == root, last, ends).astype(np.uint32)


def _penalty(dearest: int, nodes: int) -> int:
    """The cost of an artificial arc, with headroom where 64 bits leave some."""
    least = dearest * (nodes + 2) + 1
    if least >= _WIDE:
        raise FlowOverflow("costs along a path add up to more than 64 bits hold")
    return min(max(_HEADROOM * least, nodes + 3), _WIDE)


def _tree_from(arcs: Arcs, excess: Ints, penalty: int, problem: FlowProblem, start: Basis, root: int) -> Tree:
    used = len(problem.tail)
    if start.parent_arc.shape != problem.supply.shape or start.flow.shape != (used,):
        raise ValueError("the start basis is one of another network: parent_arc per node and flow per arc are needed")
    if (start.parent_arc >= used).any() or (start.parent_arc < -1).any():
        raise ValueError("the start basis names arcs that do not exist")
    parent = np.full(len(excess), -1)
    parent[: len(problem.supply)] = _hung_from(problem, start.parent_arc, root)
    flow = _padded(contiguous(start.flow) - problem.lower, len(arcs.tail))
    basis, spans = tree.tree_of(arcs, excess, penalty, parent, flow)
    if not spans:
        raise ValueError("the start basis is no spanning tree of this network")
    return basis


def _hung_from(problem: FlowProblem, parent_arc: Ints, root: int) -> Ints:
    """The same tree with `root` on top of its part: the arcs on its way up are turned over."""
    parent, node, arc = parent_arc.copy(), root, int(parent_arc[root])
    parent[root] = -1
    for _ in range(len(parent)):
        if arc < 0:
            break
        node = int(problem.tail[arc] + problem.head[arc]) - node
        if not 0 <= node < len(parent):
            raise ValueError("the start basis is no spanning tree of this network")
        arc, parent[node] = int(parent[node]), arc
    return parent
