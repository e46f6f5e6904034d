"""The kept network of a run's bound: where things are in it, and how products are counted, on a flow that goes on.

line → (its pair, where that has several offers) → capability → supplier (if limited) → hub, and line → "stays" → hub. A
product that is counted exactly is *tied*: its lines stay by way of a node of the product, whose two arcs to the hub
tell what stays at no loss to the target, and what at a loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED, FlowProblem
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.flow.start import greedy_start
from services.matching.engine.flow.warm import WarmFlow
from services.matching.engine.judgement.facts import FULL_SCORE
from services.matching.engine.raise_rate.market import Ints, Market, summed
from services.matching.engine.raise_rate.supply_network import (
    HUB,
    Counting,
    Layout,
    Terms,
    highest_capacity,
    lay_out,
)
from services.matching.engine.what_if.kept import Mask

MOST_ADDED = 2_000
"""How many pairs a what-if may add: the weights of the objectives leave room for their scores."""


@dataclass
class Staying:
    """Where what stays of lines and products is told. A what-if changes a copy of it.

    Shapes (lines,) for `arc`, by which what stays of a line leaves it, and `movable`. `tied[product]` is the first of
    the two arcs that count the product exactly.
    """

    arc: Ints
    movable: Ints
    counting: list[Counting]
    tied: dict[int, int] = field(default_factory=dict)

    def copy(self) -> "Staying":
        """Another one that may be changed."""
        return Staying(self.arc.copy(), self.movable.copy(), list(self.counting), dict(self.tied))


class Network:
    """The network with its flow. Arc k is the market's offer k; `line_node`, `capability_arc` tell the others."""

    def __init__(self, market: Market, passable: Mask, counting: Sequence[Counting]) -> None:
        """Lay all offers and all lines out, offers that are not passable with capacity 0."""
        self._product, self._room = market.product, market.room
        untied: list[Counting] = [Counting.NONE if how is Counting.EXACT else how for how in counting]
        capacity = highest_capacity(market, np.flatnonzero(passable))
        terms = Terms(untied, capacity, most=np.where(passable, market.most, 0))
        layout = lay_out(market, np.arange(len(market.line)), terms)
        self.score_weight = layout.weights.score
        self._total = layout.weights.total + 2 * FULL_SCORE * MOST_ADDED * self.score_weight
        self._toward = 3 * self._total
        problem, self.line_node, stay = _with_all_lines(layout, market)
        problem.cost[stay] = self._stay_costs(untied, market.product)
        anything = layout.capability_arc[(layout.capability_arc >= 0) & (market.stock >= UNLIMITED)]
        problem.capacity[anything] = UNLIMITED
        self.capability_arc = layout.capability_arc
        self.staying = Staying(stay, market.movable.copy(), untied)
        arcs = 2 * len(market.movable) + 2 * len(market.room) + MOST_ADDED
        basis = solve_flow(problem, start=greedy_start(problem, HUB)).basis
        self.flow = WarmFlow(problem, spare_nodes=len(market.room) + MOST_ADDED, spare_arcs=arcs, root=HUB, start=basis)
        for at, how in enumerate(counting):
            if how is Counting.EXACT:
                self._tie(self.staying, at)

    def settle(self, staying: Staying) -> tuple[int, Ints]:
        """Solve until the products are counted rightly; the number of pivots, and 元 moved by product."""
        failed: set[int] = set()
        pivots = 0
        while True:
            pivots += self.flow.solve().pivots
            lines = staying.movable - self.flow.flow_on(staying.arc)
            moved = summed(self._product, lines, len(self._room))
            wrong = self._wrong(staying, moved)
            if not wrong:
                return pivots, moved
            for product in wrong:
                if product in failed:
                    self._tie(staying, product)
                else:
                    self._count_otherwise(staying, product)
            failed.update(wrong)

    def set_movable(self, staying: Staying, line: int, movable: int) -> None:
        """This much of a line may move."""
        staying.movable[line] = movable
        self.flow.set_supply(int(self.line_node[line]), movable)
        self.flow.set_supply(HUB, -int(staying.movable.sum()))
        product = int(self._product[line])
        if product in staying.tied:
            for at, capacity in enumerate(self._tied_capacities(staying, product)):
                self.flow.set_capacity(staying.tied[product] + at, capacity)

    def _tie(self, staying: Staying, product: int) -> None:
        """Count a product exactly from now on."""
        node = self.flow.add_node(0)
        beyond, lacking = self._tied_capacities(staying, product)
        staying.tied[product] = self.flow.add_arc(node, HUB, 0, beyond, self._total)
        self.flow.add_arc(node, HUB, 0, lacking, self._total + self._toward)
        staying.counting[product] = Counting.EXACT
        lines = np.flatnonzero(self._product == product)
        for arc in staying.arc[lines].tolist():
            self.flow.set_capacity(arc, 0)
        none = np.zeros(len(lines), np.int64)
        first = self.flow.add_arcs(self.line_node[lines], none + node, none, none + UNLIMITED, none)
        staying.arc[lines] = np.arange(first, first + len(lines))

    def _tied_capacities(self, staying: Staying, product: int) -> tuple[int, int]:
        """What may stay of a product at no loss to its target, and what more."""
        whole = int(staying.movable[self._product == product].sum())
        lacking = min(whole, int(self._room[product]))
        return whole - lacking, lacking

    def _count_otherwise(self, staying: Staying, product: int) -> None:
        """ALL becomes NONE, and NONE becomes ALL."""
        how = Counting.ALL if staying.counting[product] is Counting.NONE else Counting.NONE
        staying.counting[product] = how
        cost = self._total + (self._toward if how is Counting.ALL else 0)
        for line in np.flatnonzero(self._product == product).tolist():
            self.flow.set_cost(int(staying.arc[line]), cost)

    def _wrong(self, staying: Staying, moved: Ints) -> list[int]:
        """The products whose guess does not hold. See raise_rate/targets.py."""
        pairs = enumerate(zip(staying.counting, (moved - self._room).tolist(), strict=True))
        return [
            at
            for at, (how, beyond) in pairs
            if (how is Counting.ALL and beyond > 0) or (how is Counting.NONE and beyond < 0)
        ]

    def _stay_costs(self, counting: Sequence[Counting], product: Ints) -> Ints:
        every = np.array([how is Counting.ALL for how in counting], np.int64)
        return self._total + every[product] * self._toward


def _with_all_lines(layout: Layout, market: Market) -> tuple[FlowProblem, Ints, Ints]:
    """The problem with nodes and arcs for lines to which nobody offers anything, too; all lines' nodes and arcs."""
    problem = layout.problem
    absent = np.flatnonzero(layout.line_node < 0)
    nodes = np.arange(len(absent)) + len(problem.supply)
    arcs = np.arange(len(absent)) + len(problem.tail)
    line_node, stay, none = layout.line_node.copy(), layout.stay_arc.copy(), np.zeros(len(absent), np.int64)
    line_node[absent], stay[absent] = nodes, arcs
    supply = np.append(problem.supply, market.movable[absent])
    supply[HUB] -= market.movable[absent].sum()
    added = (nodes, none + HUB, none, none + UNLIMITED, none)
    before = (problem.tail, problem.head, problem.lower, problem.capacity, problem.cost)
    tail, head, lower, capacity, cost = (np.append(column, more) for column, more in zip(before, added, strict=True))
    return FlowProblem(tail, head, lower, capacity, cost, supply), line_node, stay
