"""Small islands to the proven optimum: branch and bound over which minimums are taken on.

A node of the search has some pairs (or offers with a minimum order of their own) open and some closed; its relaxation
is a flow in which open ones carry their minimum. It is dropped unless it could be better than the best plan found, in
the order of the objectives; else a broken minimum is decided. Nodes, not seconds, bound the effort.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.flow.problem import InfeasibleFlow
from services.matching.engine.raise_rate.flows import best_amounts
from services.matching.engine.raise_rate.islands import island_of
from services.matching.engine.raise_rate.ledger import Ledger
from services.matching.engine.raise_rate.market import Ints, Market, objective_of, summed
from services.matching.engine.raise_rate.minimum import broken_offers, broken_pairs, in_mixed_pieces
from services.matching.engine.raise_rate.part import part_of
from services.matching.engine.raise_rate.supply_network import Counting, Terms, highest_capacity

SMALL = 40
"""An island of so many offers at most is solved to the proven optimum, if the nodes suffice."""

NODES_OF_ISLAND = 400
NODES_IN_ALL = 4_000

Value = tuple[int, int, int]


def perfect(ledger: Ledger, offers: Ints, reached: Ints | None = None) -> None:
    """Change the plan to the optimum on every small island of these offers, given the plan on all others.

    Where `reached` (offers of the market,) is given, islands on which the plan moves as much are left as they are.

    Islands on which lines pay different amounts of pieces of one capability are left as they are: no flow bounds them
    closely.
    """
    market, left = ledger.market, NODES_IN_ALL
    mixed = in_mixed_pieces(market)
    number, islands = island_of(market, offers)
    worth = np.bincount(number, minlength=islands) <= SMALL
    worth[number[mixed[market.capability[offers]]]] = False
    if reached is not None:
        worth &= summed(number, reached[offers] - ledger.amounts[offers], islands) > 0
    chosen = np.flatnonzero(worth[number])
    order = chosen[np.argsort(number[chosen], kind="stable")]
    for members in np.split(offers[order], np.flatnonzero(np.diff(number[order])) + 1):
        if len(members) and left > 0:
            left -= _perfect_island(ledger, members, min(left, NODES_OF_ISLAND))


def _perfect_island(ledger: Ledger, members: Ints, nodes: int) -> int:
    """Solve one island and book what is better; how many nodes that took."""
    market, before = ledger.market, ledger.amounts[members]
    moved = ledger.moved
    np.subtract.at(moved, market.product[market.line[members]], before)
    part = part_of(market, members, np.maximum(market.room - moved, 0))
    search = _Search(part.market, before, nodes)
    ledger.rebook(members, search.run())
    return search.nodes


@dataclass(frozen=True)
class _Node:
    """Minimums that a plan takes on, by pair and by offer, and offers that it does without."""

    minimum: Ints
    least: Ints
    closed: Ints


class _Search:
    """Depth first, the likelier side first; `best` is the best plan so far."""

    def __init__(self, market: Market, best: Ints, limit: int) -> None:
        self._market = market
        self._best = best
        self._reached = self._value(best)
        self._limit = limit
        self.nodes = 0

    def run(self) -> Ints:
        """The best plan found: the optimum, if the limit was not met."""
        market = self._market
        nothing = np.zeros(len(market.line), np.int64)
        stack = [_Node(np.zeros_like(market.minimum), nothing, nothing)]
        while stack and self.nodes < self._limit:
            self.nodes += 1
            stack += self._branches(stack.pop())
        return self._best

    def _branches(self, node: _Node) -> list[_Node]:
        """The two sides of a broken minimum, the likelier one last; none where nothing better can come."""
        market, alive = self._market, np.flatnonzero(node.closed == 0)
        terms = Terms([Counting.EXACT] * len(market.room), highest_capacity(market, alive), node.minimum, node.least)
        try:
            amounts = best_amounts(market, alive, terms)
        except InfeasibleFlow:
            return []
        value = self._value(amounts)
        if value <= self._reached:
            return []
        pairs, offers = broken_pairs(market, amounts), broken_offers(market, amounts)
        if len(pairs):
            return self._decide_pair(node, int(pairs[0]), amounts)
        if len(offers):
            return self._decide_offer(node, int(offers[0]), amounts)
        self._best, self._reached = amounts, value
        return []

    def _decide_pair(self, node: _Node, pair: int, amounts: Ints) -> list[_Node]:
        market = self._market
        members = slice(int(market.pair_start[pair]), int(market.pair_start[pair + 1]))
        minimum, closed = node.minimum.copy(), node.closed.copy()
        minimum[pair], closed[members] = market.minimum[pair], 1
        sides = [_Node(node.minimum, node.least, closed), _Node(minimum, node.least, node.closed)]
        return sides if 2 * int(amounts[members].sum()) >= market.minimum[pair] else sides[::-1]

    def _decide_offer(self, node: _Node, offer: int, amounts: Ints) -> list[_Node]:
        least, closed = node.least.copy(), node.closed.copy()
        least[offer], closed[offer] = self._market.least[offer], 1
        sides = [_Node(node.minimum, node.least, closed), _Node(node.minimum, least, node.closed)]
        return sides if 2 * int(amounts[offer]) >= self._market.least[offer] else sides[::-1]

    def _value(self, amounts: Ints) -> Value:
        found = objective_of(self._market, amounts)
        return found.toward_target, found.total, found.weighted_score
