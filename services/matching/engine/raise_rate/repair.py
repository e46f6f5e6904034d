"""From the bound's flow to a plan that keeps the minimums and the pieces.

Pairs that carry too little are opened (they get their minimum as a lower bound) or closed, and the flow is solved
again, until none is left: a few rounds with all offers, then with those in use only. Where a capability is overbooked
in pieces, its offers of the lowest price are limited. All islands go through the rounds together.
"""

import numpy as np

from services.matching.engine.raise_rate import reserve
from services.matching.engine.raise_rate.books import open_books
from services.matching.engine.raise_rate.flows import solved
from services.matching.engine.raise_rate.ledger import Ledger, best_first, booked
from services.matching.engine.raise_rate.market import Ints, Market
from services.matching.engine.raise_rate.minimum import broken_offers, broken_pairs
from services.matching.engine.raise_rate.supply_network import Terms
from services.matching.engine.raise_rate.targets import Optimum

_WIDE_ROUNDS = 1
_ROUNDS = 12


def repair(market: Market, bound: Optimum) -> Ledger:
    """A plan that keeps every rule: a ledger with what each offer gets, filled up by score where room is left."""
    ledger = booked(market, _Rounds(market, bound).run())
    ledger.fill(best_first(market, bound.layout.offers))
    return ledger


class _Rounds:
    """The offers in play, which pairs are open, and what those have reserved.

    What is reserved is itself a flow that keeps all lower bounds, so that the network stays feasible.
    """

    def __init__(self, market: Market, bound: Optimum) -> None:
        self._market = market
        self._amounts = bound.amounts
        self._layout = bound.layout
        self._basis = bound.solution.basis
        self._gates = reserve.Gates(
            reserved=open_books(market),
            pair_open=np.zeros(len(market.minimum), np.bool_),
            offer_open=np.zeros(len(market.line), np.bool_),
            closed=np.ones(len(market.line), np.bool_),
            most=market.most.copy(),
        )
        self._gates.closed[bound.layout.offers] = False

    def run(self) -> Ints:
        """元 per offer; what is still broken or overbooked after the last round is left to `booked`."""
        for number in range(_ROUNDS):
            pairs, offers = broken_pairs(self._market, self._amounts), broken_offers(self._market, self._amounts)
            over = reserve.limit(self._gates, self._amounts, self._market.stock)
            if not len(pairs) and not len(offers) and not over:
                break
            reserve.decide(self._market, self._gates, self._amounts, pairs, offers)
            if number >= _WIDE_ROUNDS:
                self._narrow()
            self._solve()
        return self._amounts

    def _solve(self) -> None:
        gates, market = self._gates, self._market
        terms = Terms(
            counting=(),
            capacity=market.stock,
            minimum=np.where(gates.pair_open, market.minimum, 0),
            least=np.where(gates.offer_open, market.least, 0),
            most=np.where(gates.closed, 0, gates.most),
        )
        self._layout = self._layout.under(market, terms)
        solution = solved(self._layout, self._basis)
        self._basis, self._amounts = solution.basis, self._layout.amounts(solution.flow)

    def _narrow(self) -> None:
        """Drop the offers that are not in use and behind no open minimum."""
        gates = self._gates
        used = (self._amounts > 0) | gates.pair_open[self._market.pair] | gates.offer_open
        gates.closed[~used] = True
        if self._basis is not None:
            self._layout, self._basis = self._layout.without(~used, self._basis)
