"""One try at a better plan, compiled: an offer is opened, others make room, and what that frees is used again.

Every entry is logged, so that a try that does not pay is taken back exactly. Of a capability with very many offers a
try looks at some only. Costs O(offers of the lines that it touches, and `_LOOKED_AT` per capability).
"""

from typing import NamedTuple

import numpy as np

from services.matching.engine.raise_rate.books import (
    AMOUNT,
    CAP,
    CAPABILITY,
    CARRIED,
    CHANGED,
    FIRST,
    LEFT,
    LINE,
    MINIMUM,
    MOST,
    PAIR,
    SUPPLIER,
    TOTAL,
    TRIED,
    USE,
    Books,
    book,
    lacking,
    room,
    spare,
)
from services.matching.engine.raise_rate.ledger import best_first
from services.matching.engine.raise_rate.market import Ints, Market, by_group
from shared.compiled import compiled

_ENTRIES = 1024
_LOOKED_AT = 48

SIZE, TICK = range(2)
"""Positions in `state`: entries in the log, and how many tries were kept."""


class Desk(NamedTuple):
    """What a search works on: books, each line's offers with the best first, and the log of the present try.

    The log's rows are (offer, amount); `before` is the books' value at its start.
    """

    books: Books
    ranked: Ints
    log: Ints
    state: Ints
    before: Ints


def desk_of(market: Market, books: Books) -> Desk:
    """A desk with an empty log; O(offers)."""
    best = best_first(market)
    ranked = best[by_group(market.line[best], market.line_start)]
    return Desk(books, ranked, np.zeros((_ENTRIES, 2), np.int64), np.zeros(2, np.int64), np.zeros(3, np.int64))


@compiled
def begin(desk: Desk) -> None:
    """Start a try: from here on it can be taken back."""
    desk.state[SIZE] = 0
    desk.before[:] = desk.books.value


@compiled
def note(desk: Desk, offer: int, amount: int) -> bool:
    """Book and log; False, and nothing booked, when the log is full."""
    at = desk.state[SIZE]
    if amount == 0 or at >= _ENTRIES:
        return bool(amount == 0)
    desk.log[at, 0], desk.log[at, 1] = offer, amount
    desk.state[SIZE] = at + 1
    book(desk.books, offer, amount)
    return True


@compiled
def rewind(desk: Desk) -> None:
    """Take back everything since `begin`."""
    for at in range(desk.state[SIZE] - 1, -1, -1):
        book(desk.books, desk.log[at, 0], -desk.log[at, 1])
    desk.state[SIZE] = 0


@compiled
def keep(desk: Desk) -> None:
    """Let the entries since `begin` stand, and note whom they concern."""
    if desk.state[SIZE] > 0:
        desk.state[TICK] += 1
    for at in range(desk.state[SIZE]):
        row = desk.books.offers[desk.log[at, 0]]
        desk.books.lines[row[LINE], CHANGED] = desk.state[TICK]
        desk.books.capabilities[row[CAPABILITY], CHANGED] = desk.state[TICK]
    desk.state[SIZE] = 0


@compiled
def stale(desk: Desk, offer: int) -> bool:
    """Whether nothing of an offer's line and capability has changed since it was tried."""
    row, books = desk.books.offers[offer], desk.books
    return bool(row[TRIED] >= max(books.lines[row[LINE], CHANGED], books.capabilities[row[CAPABILITY], CHANGED]))


@compiled
def pays(desk: Desk, strict: bool) -> bool:
    """Whether the books are better than at `begin`: in the order of the objectives; if strict, with no less in all."""
    now, then = desk.books.value, desk.before
    if strict and now[TOTAL] < then[TOTAL]:
        return False
    for rank in range(3):
        if now[rank] != then[rank]:
            return bool(now[rank] > then[rank])
    return False


@compiled
def neighbours(books: Books, offer: int) -> tuple[int, int, int]:
    """Where the capability's offers begin and how many there are, and from which of them a look goes round."""
    capability = books.offers[offer, CAPABILITY]
    first, last = books.capabilities[capability, FIRST], books.capabilities[capability + 1, FIRST]
    size = last - first
    return first, size, 0 if size <= _LOOKED_AT else offer % size


@compiled
def neighbour(books: Books, first: int, size: int, begin_at: int, step: int) -> int:
    """The offer at a step of that look."""
    return int(books.offers_of[first + (begin_at + step) % size])


@compiled
def give_up(desk: Desk, offer: int) -> None:
    """Take an offer's amount back; the whole pair's, where the rest would be below its minimum."""
    books, pair = desk.books, desk.books.offers[offer, PAIR]
    note(desk, offer, -books.offers[offer, AMOUNT])
    if 0 < books.pairs[pair, CARRIED] < books.pairs[pair, MINIMUM]:
        for member in range(books.pairs[pair, FIRST], books.pairs[pair + 1, FIRST]):
            note(desk, member, -books.offers[member, AMOUNT])


@compiled
def can_have(desk: Desk, offer: int, need: int) -> bool:
    """Whether the other offers of its line, and of its capability, can spare what the offer needs."""
    books, row = desk.books, desk.books.offers[offer]
    lacks = need - books.lines[row[LINE], LEFT]
    for at in range(books.lines[row[LINE], FIRST], books.lines[row[LINE] + 1, FIRST]):
        if lacks <= 0:
            break
        if books.offers[at, AMOUNT] > 0:
            lacks -= spare(books, at)
    missing = need * row[USE] - books.capabilities[row[CAPABILITY], LEFT]
    first, size, turn = neighbours(books, offer)
    for step in range(min(size, _LOOKED_AT)):
        if missing <= 0 or lacks > 0:
            break
        at = neighbour(books, first, size, turn, step)
        if books.offers[at, AMOUNT] > 0:
            missing -= spare(books, at) * books.offers[at, USE]
    return bool(missing <= 0 and lacks <= 0)


@compiled
def make_room(desk: Desk, offer: int, need: int) -> bool:
    """Let the other offers of its line, then those of its capability, give what they can spare, up to the need."""
    books, row = desk.books, desk.books.offers[offer]
    for at in range(books.lines[row[LINE], FIRST], books.lines[row[LINE] + 1, FIRST]):
        missing = need - books.lines[row[LINE], LEFT]
        if missing <= 0:
            break
        if books.offers[at, AMOUNT] > 0 and books.offers[at, PAIR] != row[PAIR]:
            note(desk, at, -min(missing, spare(books, at)))
    first, size, turn = neighbours(books, offer)
    for step in range(min(size, _LOOKED_AT)):
        missing = need * row[USE] - books.capabilities[row[CAPABILITY], LEFT]
        lacks = need - books.supplier_left[row[SUPPLIER]]
        if missing <= 0 and lacks <= 0:
            break
        at = neighbour(books, first, size, turn, step)
        if at != offer and books.offers[at, AMOUNT] > 0:
            back = max(lacks, -(-missing // books.offers[at, USE]))
            note(desk, at, -min(back, spare(books, at)))
    return room(books, offer) >= need


@compiled
def use_again(desk: Desk) -> None:
    """Where something was taken back, offers in use take more: of the lines that lost, of the capabilities freed."""
    entries, at = desk.state[SIZE], 0
    while at < entries:
        if desk.log[at, 1] < 0:
            serve(desk, desk.books.offers[desk.log[at, 0], LINE])
            sell(desk, desk.log[at, 0])
        at += 1


@compiled
def serve(desk: Desk, line: int) -> None:
    """Let the offers in use on a line take what it has left, and move others out of their way where that helps."""
    books = desk.books
    for at in range(books.lines[line, FIRST], books.lines[line + 1, FIRST]):
        if books.lines[line, LEFT] == 0:
            return
        offer = desk.ranked[at]
        if 0 < books.offers[offer, AMOUNT] < books.offers[offer, MOST]:
            raise_offer(desk, offer)
            if room_but_stock(desk, offer) > 0:
                exchange(desk, offer)


@compiled
def sell(desk: Desk, like: int) -> None:
    """Let the offers in use of this one's capability take what it has left."""
    books, capability = desk.books, desk.books.offers[like, CAPABILITY]
    first, size, turn = neighbours(books, like)
    for step in range(min(size, _LOOKED_AT)):
        if books.capabilities[capability, LEFT] == 0:
            return
        offer = neighbour(books, first, size, turn, step)
        if books.offers[offer, AMOUNT] > 0 and books.lines[books.offers[offer, LINE], LEFT] > 0:
            raise_offer(desk, offer)


@compiled
def raise_offer(desk: Desk, offer: int) -> int:
    """Book all the room that an offer has; how much that was."""
    more = room(desk.books, offer)
    if more <= 0 or more < lacking(desk.books, offer):
        return 0
    return more if note(desk, offer, more) else 0


@compiled
def room_but_stock(desk: Desk, offer: int) -> int:
    """What an offer could take if its capability had enough."""
    row = desk.books.offers[offer]
    pair = desk.books.pairs[row[PAIR]]
    own = min(row[MOST] - row[AMOUNT], pair[CAP] - pair[CARRIED])
    return int(max(0, min(own, desk.books.lines[row[LINE], LEFT])))


@compiled
def exchange(desk: Desk, offer: int) -> None:
    """Rivals for the offer's capability go to other suppliers in use on their lines, as far as these have room."""
    books = desk.books
    first, size, turn = neighbours(books, offer)
    for step in range(min(size, _LOOKED_AT)):
        if room_but_stock(desk, offer) == 0:
            return
        rival = neighbour(books, first, size, turn, step)
        if rival == offer or spare(books, rival) == 0:
            continue
        line = books.offers[rival, LINE]
        for other in range(books.lines[line, FIRST], books.lines[line + 1, FIRST]):
            if books.offers[other, AMOUNT] > 0 and books.offers[other, CAPABILITY] != books.offers[offer, CAPABILITY]:
                move(desk, rival, other, offer)


@compiled
def move(desk: Desk, rival: int, other: int, offer: int) -> None:
    """As much as fits from the rival to another offer of its line; the offer takes what that frees."""
    books = desk.books
    row = books.offers[other]
    pair = books.pairs[row[PAIR]]
    free = min(row[MOST] - row[AMOUNT], pair[CAP] - pair[CARRIED], books.supplier_left[row[SUPPLIER]])
    free = min(free, books.capabilities[row[CAPABILITY], LEFT] // row[USE])
    back = min(room_but_stock(desk, offer), spare(books, rival), free)
    if back > 0 and note(desk, rival, -back):
        note(desk, other, min(back, room(books, other)))
        raise_offer(desk, offer)


@compiled
def open_offer(desk: Desk, offer: int, gone: int, strict: bool) -> bool:
    """Try the plan with an offer more, and without another one (-1: with all); keep it if it pays."""
    books = desk.books
    begin(desk)
    if gone >= 0:
        give_up(desk, gone)
    need = max(1, lacking(books, offer))
    fits = need <= books.offers[offer, MOST] - books.offers[offer, AMOUNT] and can_have(desk, offer, need)
    if fits and make_room(desk, offer, need):
        raise_offer(desk, offer)
        use_again(desk)
        if desk.state[SIZE] < _ENTRIES and pays(desk, strict):
            keep(desk)
            return True
    rewind(desk)
    return False
