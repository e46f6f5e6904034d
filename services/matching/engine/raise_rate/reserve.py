"""Which minimums a plan takes upon itself: opened ones are reserved, others are closed. Compiled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.books import (
    AMOUNT,
    CARRIED,
    FIRST,
    LEAST,
    LEFT,
    MINIMUM,
    PAIR,
    USE,
    Books,
    book,
    room,
)
from services.matching.engine.raise_rate.market import Ints, Market, summed
from shared.compiled import compiled

Bools = NDArray[np.bool_]


class Gates(NamedTuple):
    """Pairs and offers that must carry their minimum (`…_open`), offers that must carry nothing (`closed`).

    `reserved` are books with the minimums of all open ones; `most` is what each offer may carry.
    """

    reserved: Books
    pair_open: Bools
    offer_open: Bools
    closed: Bools
    most: Ints


def decide(market: Market, gates: Gates, amounts: Ints, pairs: Ints, offers: Ints) -> None:
    """Open each broken pair and offer that carries half its minimum or more and whose minimum fits; close the others.

    Those that carry the largest part of their minimum come first.
    """
    carried = summed(market.pair, amounts, len(market.minimum))
    parts = carried[pairs] / market.minimum[pairs]
    _decide_pairs(gates, carried, pairs[np.lexsort((pairs, -parts))])
    own = amounts[offers] / market.least[offers]
    _decide_offers(gates, amounts, offers[np.lexsort((offers, -own))])


@compiled
def limit(gates: Gates, amounts: Ints, stock: Ints) -> int:
    """Limit the offers of capabilities that these amounts overbook in pieces; how many offers were limited.

    After what is reserved, pieces go to the offers of the highest price first: there they bring most 元.
    """
    books, limited = gates.reserved, 0
    for capability in range(len(stock)):
        if stock[capability] >= UNLIMITED:
            continue
        members = books.offers_of[books.capabilities[capability, FIRST] : books.capabilities[capability + 1, FIRST]]
        if not _overbooked(books, amounts, members, stock[capability]):
            continue
        left = books.capabilities[capability, LEFT]
        for offer in members[np.argsort(books.offers[members, USE], kind="mergesort")]:
            reserved, use = books.offers[offer, AMOUNT], books.offers[offer, USE]
            more = amounts[offer] - reserved
            fits = min(max(more, 0), max(0, left // use))
            if fits < more:
                gates.most[offer] = reserved + fits
                limited += 1
            left -= fits * use
    return limited


@compiled
def _overbooked(books: Books, amounts: Ints, members: Ints, stock: int) -> bool:
    left, fits = stock, True
    for offer in members:
        fits = fits and amounts[offer] <= left // books.offers[offer, USE]
        if fits:
            left -= amounts[offer] * books.offers[offer, USE]
    return not fits


@compiled
def _decide_pairs(gates: Gates, carried: Ints, pairs: Ints) -> None:
    for pair in pairs:
        if 2 * carried[pair] < gates.reserved.pairs[pair, MINIMUM] or not _reserve_pair(gates, pair):
            _close_pair(gates, pair)


@compiled
def _decide_offers(gates: Gates, amounts: Ints, offers: Ints) -> None:
    for offer in offers:
        if gates.closed[offer]:
            continue
        row = gates.reserved.offers[offer]
        need = max(0, row[LEAST] - row[AMOUNT])
        if 2 * amounts[offer] >= row[LEAST] and room(gates.reserved, offer) >= need:
            book(gates.reserved, offer, need)
            gates.offer_open[offer] = True
            gates.most[offer] = max(gates.most[offer], row[AMOUNT])
        else:
            gates.closed[offer] = True
            _take_back(gates, row[PAIR])


@compiled
def _reserve_pair(gates: Gates, pair: int) -> bool:
    """Book a pair's minimum beside those of the other open ones; False, and nothing booked, if it does not fit."""
    books = gates.reserved
    first, last = books.pairs[pair, FIRST], books.pairs[pair + 1, FIRST]
    before = books.offers[first:last, AMOUNT].copy()
    missing = books.pairs[pair, MINIMUM] - books.pairs[pair, CARRIED]
    for offer in range(first, last):
        if not gates.closed[offer] and missing > 0:
            amount = min(missing, room(books, offer))
            book(books, offer, amount)
            missing -= amount
    if missing > 0:
        for offer in range(first, last):
            book(books, offer, before[offer - first] - books.offers[offer, AMOUNT])
        return False
    gates.pair_open[pair] = True
    for offer in range(first, last):
        gates.most[offer] = max(gates.most[offer], books.offers[offer, AMOUNT])
    return True


@compiled
def _close_pair(gates: Gates, pair: int) -> None:
    for offer in range(gates.reserved.pairs[pair, FIRST], gates.reserved.pairs[pair + 1, FIRST]):
        gates.closed[offer] = True
    _take_back(gates, pair)


@compiled
def _take_back(gates: Gates, pair: int) -> None:
    """Nothing of a pair is open or reserved any more: what was may have stood on the offer that was closed."""
    gates.pair_open[pair] = False
    for offer in range(gates.reserved.pairs[pair, FIRST], gates.reserved.pairs[pair + 1, FIRST]):
        gates.offer_open[offer] = False
        book(gates.reserved, offer, -gates.reserved.offers[offer, AMOUNT])
