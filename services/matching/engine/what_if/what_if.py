"""What would be attainable after any change: an exact re-solve from the kept basis of a run's bound.

`attainable` is said of the flow: the joint optimum with the products' targets once the pairs are gone that cannot reach
their minimum, pieces at their highest price. That is the plan's bound; a plan under the minimums is a heuristic that
comes near it, and is not made anew here.

All pairs lie in the network, near misses as closed arcs. A change sets capacities, supplies and costs on the few arcs
that it concerns, the simplex goes on from the tree that it has, and afterwards all is put back exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Objective
from services.matching.engine.raise_rate.market import Ints, exact_dot
from services.matching.engine.raise_rate.opening import Trade
from services.matching.engine.raise_rate.supply_network import HUB, Counting
from services.matching.engine.what_if.changes import AddSupplier, Change
from services.matching.engine.what_if.draft import Draft
from services.matching.engine.what_if.kept import passable, passable_among
from services.matching.engine.what_if.network import Network
from services.matching.engine.what_if.union import Union


@dataclass(frozen=True)
class Shift:
    """An offer whose amount is another: 元 before and after. Capabilities that a change adds are numbered on."""

    line: int
    capability: int
    before: int
    after: int


@dataclass(frozen=True)
class Attainable:
    """What is attainable: the objective, and 元 moved by product."""

    objective: Objective
    moved: Ints


@dataclass(frozen=True)
class Outcome:
    """What changes do to what is attainable; `shifts` lead from one optimum to one of the other."""

    before: Attainable
    after: Attainable
    shifts: list[Shift]
    pivots: int


class WhatIf:
    """The kept basis of a run's bound."""

    def __init__(self, union: Union, trade: Trade, counting: Sequence[Counting]) -> None:
        """`counting` is a guess by product, best that of the run's bound."""
        self._union, self._trade = union, trade
        self._passable = passable(union.market, union.is_open)
        self._network = Network(union.market, self._passable, counting)
        _, moved = self._network.settle(self._network.staying)
        self._offers = np.arange(len(union.market.line), dtype=np.int64)
        self._amounts = self._network.flow.flow_on(self._offers)
        self._mark = self._network.flow.mark()
        self.before = Attainable(self._objective(moved, exact_dot(union.market.score, self._amounts)), moved)

    @property
    def amounts(self) -> Ints:
        """元 per offer of the union's market in the kept optimum."""
        return self._amounts

    def what_if(self, changes: Sequence[Change]) -> Outcome:
        """What the changes, made together, do; afterwards all is as before. Raises UnknownPair."""
        draft = Draft(self._union, self._trade)
        for position, change in enumerate(changes):
            draft.apply(position, change)
        try:
            return self._solved(draft)
        finally:
            self._network.flow.rewind(self._mark)

    def _solved(self, draft: Draft) -> Outcome:
        staying = self._network.staying.copy()
        for line in draft.lines:
            self._network.set_movable(staying, line, int(draft.market.movable[line]))
        self._set_offers(draft)
        added = [self._add(draft, change) for change in draft.added]
        pivots, moved = self._network.settle(staying)
        market, amounts = self._union.market, self._network.flow.flow_on(self._offers)
        score = exact_dot(market.score, amounts)
        shifts = [
            Shift(int(market.line[at]), int(market.capability[at]), int(self._amounts[at]), int(amounts[at]))
            for at in np.flatnonzero(amounts != self._amounts).tolist()
        ]
        for number, (change, arcs) in enumerate(zip(draft.added, added, strict=True)):
            for line, worth, arc in zip(change.lines, change.scores, arcs, strict=True):
                amount = int(self._network.flow.flow_on([arc])[0]) if arc >= 0 else 0
                score += worth * amount
                if amount:
                    shifts.append(Shift(line, len(market.stock) + number, 0, amount))
        return Outcome(self.before, Attainable(self._objective(moved, score), moved), shifts, pivots)

    def _set_offers(self, draft: Draft) -> None:
        """Set the capacities of the offers that the draft concerns, and of their capabilities."""
        flow, network = self._network.flow, self._network
        rows = draft.concerned()
        may_pass = self._passable.copy()
        may_pass[rows] = passable_among(draft.market, draft.is_open, rows)
        market = draft.market
        for row in rows.tolist():
            flow.set_capacity(row, min(int(market.most[row]), int(market.cap[market.pair[row]])) * int(may_pass[row]))
        for capability in sorted({*market.capability[rows].tolist(), *draft.capabilities}):
            arc = int(network.capability_arc[capability])
            if arc >= 0:
                flow.set_capacity(arc, draft.capacity(capability, may_pass))

    def _add(self, draft: Draft, change: AddSupplier) -> list[int]:
        """A node for the new supplier and its arcs to the lines, -1 where what it can carry is below the minimum."""
        flow, trade = self._network.flow, draft.trade
        yuan = UNLIMITED if change.yuan is None else change.yuan
        node = flow.add_node(0)
        flow.add_arc(node, HUB, 0, yuan, 0)
        arcs = []
        for line, score in zip(change.lines, change.scores, strict=True):
            most = min(int(draft.market.movable[line]), int(trade.cap[line]), yuan)
            cost = -score * self._network.score_weight
            able = most > 0 and most >= trade.share[line]
            arcs.append(flow.add_arc(int(self._network.line_node[line]), node, 0, most, cost) if able else -1)
        return arcs

    def _objective(self, moved: Ints, score: int) -> Objective:
        toward = np.minimum(moved, self._union.market.room)
        return Objective(int(toward.sum()), int(moved.sum()), score)
