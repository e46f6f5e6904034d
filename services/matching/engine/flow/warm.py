"""A flow that is kept optimal while its network changes: the resident form of the network simplex.

Tree, flow and potentials stay from solve to solve. A change repairs the tree where it no longer fits (changes.py), and
the next solve prices only arcs at nodes whose potential has moved. The result is always that of a solve from scratch.
"""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow import changes, overflow, tree
from services.matching.engine.flow.door import contiguous
from services.matching.engine.flow.layout import Layout, chosen_root, lay_out, relaid, width_of
from services.matching.engine.flow.problem import (
    UNLIMITED,
    Basis,
    FlowOverflow,
    FlowProblem,
    FlowSolution,
    Ints,
    Status,
)
from services.matching.engine.flow.solver import solve_flow

_MOST = 2**60

Column = Sequence[int] | Ints


@dataclass(frozen=True)
class WarmResult:
    """How a solve ended, after how many pivots. The flow itself stays with the WarmFlow: `flow_on`, `solution`."""

    status: Status
    pivots: int


@dataclass(frozen=True)
class _Counts:
    """What is in use, what all amounts together come to, the dearest arc, and what has been asked but not yet sent."""

    nodes: int
    arcs: int
    total: int
    dearest: int
    balance: int
    gainful: bool
    crossed: frozenset[int] = frozenset()
    pending: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Mark:
    """A state that a WarmFlow can go back to, as often as wanted, until it goes back to an earlier one."""

    layout: Layout
    kept: tuple[NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8], ...]
    counts: _Counts
    undo: int
    serial: int


class WarmFlow:
    """A minimum-cost flow under changes: costs, capacities, supplies, new nodes and arcs, arcs removed.

    `spare_nodes` and `spare_arcs` are laid out ahead; when they are used up, all moves to arrays twice as large. The
    tree's root is `root`, best the hub where most arcs meet (the default); `start` is a basis to begin with. Changes
    take O(nodes below the changed arc) each, and effect with the next `solve`.

    Raises ValueError for malformed arrays and unknown nodes and arcs, FlowOverflow before anything could pass 64 bits.
    """

    def __init__(
        self,
        problem: FlowProblem,
        *,
        spare_nodes: int = 0,
        spare_arcs: int = 0,
        root: int | None = None,
        start: Basis | None = None,
    ) -> None:
        problem, seen, root = chosen_root(problem, root)
        self._root = root
        self._counts = _Counts(
            nodes=len(problem.supply),
            arcs=len(problem.tail),
            total=int(seen.amounts + seen.limited) + 1,
            dearest=int(seen.dearest),
            balance=sum(problem.supply.tolist()),
            gainful=seen.unlimited_gain,
            crossed=frozenset(np.flatnonzero(problem.capacity < problem.lower).tolist()),
        )
        self._undo: list[tuple[int, int, int, int]] = []
        self._marks: weakref.WeakSet[Mark] = weakref.WeakSet()
        self._serial = 0
        self._count(total=0)
        self._at = lay_out(problem, root, spare_nodes, spare_arcs, start)

    @property
    def nodes(self) -> int:
        """The number of nodes, those added included."""
        return self._counts.nodes

    @property
    def arcs(self) -> int:
        """The number of arcs, those added and removed included."""
        return self._counts.arcs

    @property
    def problem(self) -> FlowProblem:
        """The network as it is now."""
        used, at = self.arcs, self._at
        tail, head, lower, capacity, cost = (column[:used].copy() for column in at[:5])
        return FlowProblem(tail, head, lower, capacity, cost, at.supply[: self.nodes].copy())

    def set_cost(self, arc: int, cost: int) -> None:
        """Give an arc another cost per unit."""
        self._change(arc)
        self._afford(abs(cost))
        self._at.cost[arc] = cost
        self._watch(arc, arc + 1)
        changes.change_cost(self._at.arcs, self._at.tree, self._at.links, arc, cost)

    def set_capacity(self, arc: int, capacity: int) -> None:
        """Give an arc another capacity: 0 blocks a pair without a lower bound, its former capacity opens it again."""
        self._change(arc)
        lower = int(self._at.lower[arc])
        self._count(total=_limited(lower, capacity) - _limited(lower, int(self._at.capacity[arc])))
        self._at.capacity[arc] = capacity
        self._watch(arc, arc + 1)
        self._cross(arc, capacity < lower)
        self._widen(arc)

    def set_supply(self, node: int, supply: int) -> None:
        """Let another amount enter at a node. All supplies must add up to nothing when it comes to solving."""
        if not 0 <= node < self.nodes:
            raise ValueError(f"there is no node {node}")
        before = int(self._at.supply[node])
        self._count(total=abs(supply) - abs(before), balance=supply - before)
        self._at.supply[node] = supply
        self._send_later(node, supply - before)

    def add_node(self, supply: int = 0) -> int:
        """Add a node without arcs and return it."""
        self._make_room(1, 0)
        node = self.nodes
        self._counts = replace(self._counts, nodes=node + 1)
        self.set_supply(node, supply)
        return node

    def add_arc(self, tail: int, head: int, lower: int, capacity: int, cost: int) -> int:
        """Add an arc and return it."""
        return self.add_arcs([tail], [head], [lower], [capacity], [cost])

    def add_arcs(self, tail: Column, head: Column, lower: Column, capacity: Column, cost: Column) -> int:
        """Add arcs at once, which is much quicker than one by one; returns the first, the others follow it."""
        rows = [contiguous(column) for column in (tail, head, lower, capacity, cost)]
        self._check_new(rows)
        self._make_room(0, len(rows[0]))
        first, stop, at = self.arcs, self.arcs + len(rows[0]), self._at
        for column, row in zip((at.tail, at.head, at.lower, at.capacity, at.cost), rows, strict=True):
            column[first:stop] = row
        self._counts = replace(self._counts, arcs=stop)
        inner = [np.where(row == self._root, len(at.supply), row) for row in rows[:2]]
        at.arcs.tail[first:stop], at.arcs.head[first:stop], at.arcs.cost[first:stop] = *inner, rows[4]
        at.arcs.width[first:stop] = width_of(rows[2], rows[3])
        self._watch(first, stop)
        changes.enter(at.arcs, at.tree, at.links, first, stop)
        for arc in range(first, stop) if rows[2].any() or (rows[3] < 0).any() else ():
            self._cross(arc, bool(at.capacity[arc] < at.lower[arc]))
            self._send_later(int(at.tail[arc]), -int(at.lower[arc]))
            self._send_later(int(at.head[arc]), int(at.lower[arc]))
        return first

    def remove_arc(self, arc: int) -> None:
        """Take an arc out for good: it carries nothing any more; its number is not used again."""
        self._change(arc)
        lower, capacity = int(self._at.lower[arc]), int(self._at.capacity[arc])
        self._count(total=-2 * abs(lower) - _limited(lower, capacity))
        self._send_later(int(self._at.tail[arc]), lower)
        self._send_later(int(self._at.head[arc]), -lower)
        self._at.lower[arc] = self._at.capacity[arc] = 0
        self._cross(arc, False)
        self._widen(arc)

    def solve(self) -> WarmResult:
        """Make the flow optimal again, and say whether there is one."""
        at = self._at
        for node, amount in sorted(self._counts.pending, key=lambda row: -row[1]):
            inner = len(at.supply) if node == self._root else node
            changes.send_up(at.arcs, at.tree, at.links, inner, amount, at.penalty)
        self._counts = replace(self._counts, pending=())
        pivots = changes.reoptimise(at.arcs, at.tree, at.links)
        return WarmResult(self._status(), pivots)

    def flow_on(self, arcs: Column) -> Ints:
        """What these arcs carry, after a solve."""
        wanted = contiguous(arcs)
        if len(wanted) and not 0 <= wanted.min() <= wanted.max() < self.arcs:
            raise ValueError("there is no such arc")
        return self._at.lower[wanted] + changes.carried_on(self._at.arcs, self._at.tree, wanted)

    def solution(self, result: WarmResult) -> FlowSolution:
        """The whole solution after the solve that gave this result: O(nodes + arcs)."""
        if result.status is not Status.OPTIMAL:
            return replace(solve_flow(self.problem), pivots=result.pivots)
        at, used = self._at, self.arcs
        potential = at.tree.potential[: self.nodes].copy()
        potential[self._root] = at.tree.potential[-1]
        flow = at.lower[:used] + tree.carried(at.arcs, at.tree)[:used]
        parent = at.tree.node[: self.nodes, tree.ARC]
        basis = Basis(np.where(parent < len(at.tail), parent, -1), flow)
        cost = overflow.total_cost(contiguous(at.cost[:used]), flow)
        return FlowSolution(result.status, flow, cost, potential, result.pivots, basis, np.zeros(0, np.int64))

    def mark(self) -> Mark:
        """Remember the state as it is now (a copy of the tree: O(nodes), and a byte per arc)."""
        kept = tuple(array.copy() for array in self._at.changing())
        self._serial += 1
        mark = Mark(self._at, kept, self._counts, len(self._undo), self._serial)
        self._marks.add(mark)
        return mark

    def rewind(self, mark: Mark) -> None:
        """Go back to a mark, exactly; marks made after it are void then. Raises ValueError for a void one."""
        if mark not in self._marks:
            raise ValueError("this mark is void")
        for later in [other for other in self._marks if other.serial > mark.serial]:
            self._marks.discard(later)
        self._at, used = mark.layout, mark.counts.arcs
        for array, kept in zip(self._at.changing(), mark.kept, strict=True):
            array[...] = kept
        for arc, lower, capacity, cost in reversed(self._undo[mark.undo :]):
            if arc < used:
                self._at.restore(arc, lower, capacity, cost)
        self._at.blank(used, self.arcs)
        self._at.supply[mark.counts.nodes :] = 0
        del self._undo[mark.undo :]
        self._counts = mark.counts

    def _change(self, arc: int) -> None:
        """Before an arc changes: it must exist; what it was is kept as long as someone may want to go back."""
        if not 0 <= arc < self.arcs:
            raise ValueError(f"there is no arc {arc}")
        at = self._at
        if self._marks:
            self._undo.append((arc, int(at.lower[arc]), int(at.capacity[arc]), int(at.cost[arc])))
        elif self._undo:
            self._undo.clear()

    def _count(self, *, total: int, balance: int = 0) -> None:
        counts = self._counts
        if counts.total + total >= _MOST:
            raise FlowOverflow("supplies, lower bounds and capacities add up to more than 64 bits hold")
        self._counts = replace(counts, total=counts.total + total, balance=counts.balance + balance)

    def _afford(self, cost: int) -> None:
        """Make sure that artificial arcs stay dearer than any path."""
        if cost > self._counts.dearest:
            self._counts = replace(self._counts, dearest=cost)
        if cost * (len(self._at.supply) + 2) >= self._at.penalty:
            self._move_to(len(self._at.supply), len(self._at.tail))

    def _make_room(self, nodes: int, arcs: int) -> None:
        wanted_nodes, wanted_arcs = self.nodes + nodes, self.arcs + arcs
        if wanted_nodes > len(self._at.supply) or wanted_arcs > len(self._at.tail):
            self._move_to(max(2 * self.nodes, wanted_nodes), max(2 * self.arcs, wanted_arcs))

    def _move_to(self, nodes: int, arcs: int) -> None:
        spare_nodes, spare_arcs = nodes - self.nodes, arcs - self.arcs
        self._at = relaid(self._at, self.problem, self._root, spare_nodes, spare_arcs, self._counts.dearest)
        self._counts = replace(self._counts, pending=())

    def _check_new(self, rows: list[Ints]) -> None:
        if len({len(row) for row in rows}) != 1:
            raise ValueError("the columns of new arcs must be of one length")
        tail, head, lower, capacity, cost = rows
        if len(tail) == 0:
            return
        if min(tail.min(), head.min()) < 0 or max(tail.max(), head.max()) >= self.nodes:
            raise ValueError("new arcs must end at nodes: 0 ≤ node < nodes")
        limited = np.where(capacity >= UNLIMITED, 0.0, np.abs(capacity.astype(float) - lower.astype(float)))
        self._count(total=int(limited.sum() + 2.0 * np.abs(lower.astype(float)).sum()) + 1)
        self._afford(int(np.abs(cost.astype(float)).max()))

    def _watch(self, first: int, stop: int) -> None:
        """Notice arcs that gain without limit: only where there are any can a flow be unbounded."""
        at = self._at
        if ((at.capacity[first:stop] >= UNLIMITED) & (at.cost[first:stop] < 0)).any():
            self._counts = replace(self._counts, gainful=True)

    def _cross(self, arc: int, crossed: bool) -> None:
        if crossed != (arc in self._counts.crossed):
            self._counts = replace(self._counts, crossed=self._counts.crossed ^ {arc})

    def _widen(self, arc: int) -> None:
        at = self._at
        width = int(width_of(at.lower[arc], at.capacity[arc]))
        if width != at.arcs.width[arc]:
            changes.change_width(at.arcs, at.tree, at.links, arc, width, at.penalty)

    def _send_later(self, node: int, amount: int) -> None:
        """Surpluses are sent before deficits are fetched, so that few artificial arcs are needed between."""
        if amount:
            self._counts = replace(self._counts, pending=(*self._counts.pending, (node, amount)))

    def _status(self) -> Status:
        at, counts = self._at, self._counts
        if counts.crossed or counts.balance or changes.short(at.arcs, at.tree, at.links):
            return Status.INFEASIBLE
        if not counts.gainful:
            return Status.OPTIMAL
        unlimited = np.flatnonzero((at.capacity[: self.arcs] >= UNLIMITED) & (at.cost[: self.arcs] < 0))
        if len(unlimited) and changes.carried_on(at.arcs, at.tree, unlimited).max() >= _MOST // 2:
            return Status.UNBOUNDED
        return Status.OPTIMAL


def _limited(lower: int, capacity: int) -> int:
    """What an arc may carry beyond its lower bound, as far as there is a limit."""
    return 0 if capacity >= UNLIMITED else abs(capacity - lower)
