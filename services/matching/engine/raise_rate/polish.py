"""The best amounts on the pairs that a plan uses: one exact flow in which each of them keeps its minimum.

It moves money along ways of any length, where the search looks at neighbours only, and makes the most of the scores.
"""

import numpy as np

from services.matching.engine.raise_rate.beside import best_beside
from services.matching.engine.raise_rate.ledger import Ledger, booked
from services.matching.engine.raise_rate.market import Ints, moved_by_product
from services.matching.engine.raise_rate.minimum import in_mixed_pieces
from services.matching.engine.raise_rate.supply_network import Counting
from services.matching.engine.raise_rate.targets import first_guess, misjudged
from shared.compiled import compiled


def polish(ledger: Ledger) -> Ledger:
    """The plan with the best amounts on the offers in use, or the same one where that is no better.

    The minimums are set aside as the plan keeps them. Where offers take different amounts of a capability's stock for
    each 元, they may only take less than they do. Products that get to their target's edge are counted exactly the
    second time. O(two solves on the offers in use).
    """
    market, amounts = ledger.market, ledger.amounts
    used = np.flatnonzero(amounts)
    reserved = minimums_in(amounts, market.least, market.pair_start, market.minimum)
    most = np.where(in_mixed_pieces(market)[market.capability], amounts, market.most)
    counting, best = first_guess(market, ledger.moved), ledger
    for _ in range(2):
        found = best_beside(market, reserved, used, most, counting)
        best = max(best, booked(market, found), key=_value)
        wrong = misjudged(market, counting, moved_by_product(market, found))
        if not len(wrong):
            break
        for product in wrong:
            counting[product] = Counting.EXACT
    return best


@compiled
def minimums_in(amounts: Ints, least: Ints, pair_start: Ints, minimum: Ints) -> Ints:
    """As much of a plan's amounts as its minimums ask for: of each offer in use its own, then the pair's in order."""
    reserved = np.where(amounts > 0, least, 0)
    for pair in range(len(minimum)):
        missing = minimum[pair] - reserved[pair_start[pair] : pair_start[pair + 1]].sum()
        for offer in range(pair_start[pair], pair_start[pair + 1]):
            more = max(0, min(missing, amounts[offer] - reserved[offer]))
            reserved[offer] += more
            missing -= more
    return reserved


def _value(ledger: Ledger) -> tuple[int, ...]:
    found: Ints = ledger.books.value
    return tuple(found.tolist())
