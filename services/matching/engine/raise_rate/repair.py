"""From the bound's flow to a plan that keeps the minimums and the pieces.

Pairs that carry too little are opened (their minimum is set aside for them) or closed, and the flow is solved again on
the offers in use, until none is left. Where a capability is overbooked in pieces, its offers of the lowest price are
limited. All islands go through the rounds together, as a market of the pairs in use alone: that is a tenth of all
offers. The others come in again by `improve`.
"""

import numpy as np

from services.matching.engine.raise_rate import reserve
from services.matching.engine.raise_rate.beside import best_beside
from services.matching.engine.raise_rate.books import AMOUNT, open_books
from services.matching.engine.raise_rate.ledger import Ledger, best_first, booked
from services.matching.engine.raise_rate.market import Ints, Market, moved_by_product, summed
from services.matching.engine.raise_rate.minimum import broken_offers, broken_pairs
from services.matching.engine.raise_rate.part import part_of
from services.matching.engine.raise_rate.targets import Optimum, first_guess

_ROUNDS = 4


def repair(market: Market, bound: Optimum) -> Ledger:
    """A plan that keeps every rule: a ledger with what each offer gets, filled up by score where room is left."""
    offers = bound.layout.offers
    carried = summed(market.pair, bound.amounts, len(market.minimum))
    part = part_of(market, offers[carried[market.pair[offers]] > 0], market.room)
    amounts = np.zeros(len(market.line), np.int64)
    amounts[part.offers] = _rounds(part.market, bound.amounts[part.offers])
    ledger = booked(market, amounts)
    ledger.fill(best_first(market, offers[ledger.line_left[market.line[offers]] > 0]))
    return ledger


def _rounds(market: Market, amounts: Ints) -> Ints:
    """元 per offer; what is still broken or overbooked after the last round is left to `booked`.

    What is reserved is itself a flow that keeps all minimums that were opened, so that there is always one.
    """
    counting, gates = first_guess(market, moved_by_product(market, amounts)), _gates(market)
    for _ in range(_ROUNDS):
        pairs, offers = broken_pairs(market, amounts), broken_offers(market, amounts)
        over = reserve.limit(gates, amounts, market.stock)
        if not len(pairs) and not len(offers) and not over:
            break
        reserve.decide(market, gates, amounts, pairs, offers)
        reserved = gates.reserved.offers[:, AMOUNT].copy()
        gates.closed[(amounts == 0) & ~gates.pair_open[market.pair] & ~gates.offer_open] = True
        amounts = best_beside(market, reserved, np.flatnonzero(~gates.closed), gates.most, counting)
    return amounts


def _gates(market: Market) -> reserve.Gates:
    """All offers are in play, and nothing is open yet."""
    return reserve.Gates(
        reserved=open_books(market),
        pair_open=np.zeros(len(market.minimum), np.bool_),
        offer_open=np.zeros(len(market.line), np.bool_),
        closed=np.zeros(len(market.line), np.bool_),
        most=market.most.copy(),
    )
