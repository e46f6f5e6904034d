"""The best amounts on the pairs that a plan uses: one exact flow in which each of them keeps its minimum.

It moves money along ways of any length, where the search looks at neighbours only, and makes the most of the scores.
"""

import numpy as np

from services.matching.engine.raise_rate.beside import rest_beside
from services.matching.engine.raise_rate.ledger import Ledger, booked
from services.matching.engine.raise_rate.market import Ints, Market, moved_by_product
from services.matching.engine.raise_rate.minimum import in_mixed_pieces
from services.matching.engine.raise_rate.part import part_of
from services.matching.engine.raise_rate.targets import first_guess, optimum
from shared.compiled import compiled


def polish(ledger: Ledger) -> None:
    """Change the plan to the best amounts on the offers in use, where they are better.

    The minimums are set aside as the plan keeps them. Where offers take different amounts of a capability's stock for
    each 元, they may only take less than they do. O(a solve on the offers in use), as a market of their own.
    """
    amounts = ledger.amounts
    used = np.flatnonzero(amounts)
    if len(used):
        ledger.rebook(used, _best(part_of(ledger.market, used, ledger.market.room).market, amounts[used]))


def _best(market: Market, amounts: Ints) -> Ints:
    """The best amounts of the offers in use, at least as good as these."""
    reserved = minimums_in(amounts, market.least, market.pair_start, market.minimum)
    most = np.where(in_mixed_pieces(market)[market.capability], amounts, market.most)
    rest = rest_beside(market, reserved, np.arange(len(amounts)), most)
    if not len(rest.offers):
        return amounts
    guess = first_guess(market, moved_by_product(market, amounts))
    found = reserved + optimum(rest.market, rest.offers, guess, capacity=rest.capacity).amounts
    return max(booked(market, amounts), booked(market, found), key=_value).amounts


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
