"""What is booked on a market, and how much more each offer can take: compiled, exact in pieces.

A market and its entries lie side by side in a few tables of whole numbers, a row per offer, pair, line …: compiled
functions then pass a handful of arrays, and find what they need of an offer in one place. Tables are changed in place.
Nothing is booked beyond a line, a cap, a stock or a supplier's limit, if callers book no more than `room`.
"""

from typing import NamedTuple

import numpy as np

from services.matching.engine.raise_rate.market import Ints, Market
from shared.compiled import compiled

LINE, SUPPLIER, CAPABILITY, PAIR, SCORE, MOST, LEAST, USE, AMOUNT, TRIED = range(10)
"""Columns of `offers`; `AMOUNT` is what is booked."""

FIRST, MINIMUM, CAP, CARRIED = range(4)
"""Columns of `pairs`, which has a row more than there are pairs: the offers of pair p are `FIRST` of p to p + 1."""

LEFT, CHANGED, PRODUCT = 1, 2, 3
"""Columns of `lines` and `capabilities`, after `FIRST` (again with a row more); a capability has no product."""

ROOM, MOVED = range(2)
"""Columns of `products`."""

TOWARD, TOTAL, WORTH = range(3)
"""Positions in `value`: the three objectives."""

_AT_ONCE = 4096


class Books(NamedTuple):
    """The tables; `supplier_left` by supplier, `offers_of` the offers by capability, `value` what is reached."""

    offers: Ints
    pairs: Ints
    lines: Ints
    capabilities: Ints
    products: Ints
    supplier_left: Ints
    offers_of: Ints
    value: Ints


def open_books(market: Market) -> Books:
    """Books without an entry; O(offers)."""
    none = np.zeros(len(market.line), np.int64)
    return Books(
        offers=_table(
            market.line,
            market.supplier,
            market.capability,
            market.pair,
            market.score,
            market.most,
            market.least,
            market.use,
            none,
            none - 1,
        ),
        pairs=_table(market.pair_start, market.minimum, market.cap, np.zeros_like(market.cap)),
        lines=_table(market.line_start, market.movable, np.zeros_like(market.movable), market.product),
        capabilities=_table(market.capability_start, market.stock, np.zeros_like(market.stock)),
        products=_table(market.room, np.zeros_like(market.room)),
        supplier_left=market.limit.copy(),
        offers_of=market.offers_of.copy(),
        value=np.zeros(3, np.int64),
    )


def _table(*columns: Ints) -> Ints:
    """Columns side by side; where the first one has an item more, the others end in a 0."""
    table = np.zeros((len(columns[0]), len(columns)), np.int64)
    for begin in range(0, len(table), _AT_ONCE):  # so many rows stay in the cache until all their columns are there
        for position, column in enumerate(columns):
            part = column[begin : begin + _AT_ONCE]
            table[begin : begin + len(part), position] = part
    return table


@compiled
def supply_room(books: Books, offer: int) -> int:
    """How many more 元 the offer could take if nothing of its line had moved yet."""
    row = books.offers[offer]
    pair = books.pairs[row[PAIR]]
    room = min(row[MOST] - row[AMOUNT], pair[CAP] - pair[CARRIED], books.supplier_left[row[SUPPLIER]])
    return int(max(0, min(room, books.capabilities[row[CAPABILITY], LEFT] // row[USE])))


@compiled
def room(books: Books, offer: int) -> int:
    """How many more 元 the offer can take, whatever the minimum says."""
    return int(max(0, min(books.lines[books.offers[offer, LINE], LEFT], supply_room(books, offer))))


@compiled
def spare(books: Books, offer: int) -> int:
    """How many 元 can be taken back from an offer so that no minimum breaks."""
    row = books.offers[offer]
    pair = books.pairs[row[PAIR]]
    return int(max(0, min(row[AMOUNT] - row[LEAST], pair[CARRIED] - pair[MINIMUM])))


@compiled
def lacking(books: Books, offer: int) -> int:
    """How many 元 more the offer must take at least, so that neither it nor its pair is below its minimum."""
    row = books.offers[offer]
    pair = books.pairs[row[PAIR]]
    return int(max(row[LEAST] - row[AMOUNT], pair[MINIMUM] - pair[CARRIED]))


@compiled
def book(books: Books, offer: int, amount: int) -> None:
    """Book `amount` 元 more on an offer (negative: give back); O(1)."""
    row = books.offers[offer]
    line = books.lines[row[LINE]]
    product = books.products[line[PRODUCT]]
    before = min(product[MOVED], product[ROOM])
    row[AMOUNT] += amount
    line[LEFT] -= amount
    product[MOVED] += amount
    books.pairs[row[PAIR], CARRIED] += amount
    books.capabilities[row[CAPABILITY], LEFT] -= amount * row[USE]
    books.supplier_left[row[SUPPLIER]] -= amount
    books.value[TOWARD] += min(product[MOVED], product[ROOM]) - before
    books.value[TOTAL] += amount
    books.value[WORTH] += amount * row[SCORE]


@compiled
def fill(books: Books, offers: Ints) -> None:
    """Let each offer in turn take all it can, if that reaches its minimum and its pair's."""
    for offer in offers:
        more = room(books, offer)
        if more > 0 and more >= lacking(books, offer):
            book(books, offer, more)


@compiled
def book_all(books: Books, offers: Ints, amounts: Ints) -> None:
    """Book amounts (per offer of the market) on these offers in turn, as far as there is room."""
    for offer in offers:
        book(books, offer, min(amounts[offer], room(books, offer)))


@compiled
def rebook(books: Books, offers: Ints, amounts: Ints) -> None:
    """Let offers carry these amounts, one for each: first what becomes less, then what becomes more."""
    for more in (False, True):
        for at in range(len(offers)):
            change = amounts[at] - books.offers[offers[at], AMOUNT]
            if (change > 0) == more and change != 0:
                book(books, offers[at], change)


@compiled
def drop_broken(books: Books) -> None:
    """Give back what is below a minimum: offers first, then pairs."""
    for offer in range(len(books.offers)):
        amount = books.offers[offer, AMOUNT]
        if 0 < amount < books.offers[offer, LEAST]:
            book(books, offer, -amount)
    for pair in range(len(books.pairs) - 1):
        if 0 < books.pairs[pair, CARRIED] < books.pairs[pair, MINIMUM]:
            for offer in range(books.pairs[pair, FIRST], books.pairs[pair + 1, FIRST]):
                book(books, offer, -books.offers[offer, AMOUNT])
