"""Improving a plan under minimums: where a line is left short, or a capability idle, its neighbours make room.

Each try opens one offer; the others on its line and of its capability give what they can spare, or one of them goes;
what that frees is used again. A try is kept if the plan is better for it: in a strict round the total may not fall for
the target's sake, in a free one the order of the objectives decides. Rounds, not seconds, bound the effort.

A large plan is searched with a guide (see guide.py): rounds where it loses against its bound, and in the end one over
all lines that are left short by enough to be worth an offer.
"""

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.raise_rate.books import AMOUNT, FIRST, LEFT, LINE, TOWARD, TRIED
from services.matching.engine.raise_rate.guide import Guide
from services.matching.engine.raise_rate.ledger import Ledger
from services.matching.engine.raise_rate.market import Ints
from services.matching.engine.raise_rate.trial import (
    TICK,
    Desk,
    begin,
    desk_of,
    keep,
    neighbour,
    neighbours,
    open_offer,
    serve,
    stale,
)
from shared.compiled import compiled

_ROUNDS = (True, False, True)
_RIVALS = 5

Bools = NDArray[np.bool_]


def improve(ledger: Ledger, offers: Ints, toward: int | None = None, guide: Guide | None = None) -> None:
    """Change the plan in `ledger` for the better, with these offers, in strict and free rounds.

    No plan brings more than `toward` 元 below the targets, where that is told: at that a free round is left out.
    """
    desk = desk_of(ledger.market, ledger.books)
    able = np.zeros(len(ledger.market.line), np.bool_)
    able[offers] = True
    for strict in _ROUNDS:
        if not strict and ledger.books.value[TOWARD] == toward:
            continue
        if not strict:  # what did not pay in a strict round may do so in a free one, not the other way round
            ledger.books.offers[:, TRIED] = -1
        if guide is not None:
            _guided(desk, ledger, able & guide.wanted, guide, strict)
            continue
        _serve_lines(desk, _shortest_first(ledger), able, strict)
        _use_capabilities(desk, np.flatnonzero(_idle(ledger)), able, strict)
    if guide is not None:
        _serve_lines(desk, _shortest_first(ledger), able & guide.wanted & _worth_it(ledger), True)


def _guided(desk: Desk, ledger: Ledger, able: Bools, guide: Guide, strict: bool) -> None:
    """One round where the plan loses: dear lines that are short, tight offers not in use, scarce capabilities idle."""
    _serve(desk, np.flatnonzero(ledger.line_left))
    lines = _shortest_first(ledger)
    _serve_lines(desk, lines[guide.dear[lines]], able, strict)
    _open(desk, np.flatnonzero(able & guide.tight), strict)
    _use_capabilities(desk, np.flatnonzero(_idle(ledger) & guide.scarce), able, strict)


def _idle(ledger: Ledger) -> Bools:
    """Which capabilities have something left."""
    idle: Bools = ledger.books.capabilities[:-1, LEFT] > 0
    return idle


def _worth_it(ledger: Ledger) -> Bools:
    """Which offers' lines are short by half of what the offer must carry at least."""
    market = ledger.market
    least = np.maximum(market.least, market.minimum[market.pair])
    worth: Bools = 2 * ledger.line_left[market.line] >= least
    return worth


def _shortest_first(ledger: Ledger) -> Ints:
    """Lines of products below their target before others; among them those with most 元 left."""
    market, left = ledger.market, ledger.line_left
    done = (ledger.moved >= market.room)[market.product]
    return np.lexsort((np.arange(len(left)), -left, done)).astype(np.int64)


@compiled
def _serve_lines(desk: Desk, lines: Ints, able: Bools, strict: bool) -> None:
    books = desk.books
    for line in lines:
        if books.lines[line, LEFT] == 0:
            continue
        begin(desk)
        serve(desk, line)
        keep(desk)
        for at in range(books.lines[line, FIRST], books.lines[line + 1, FIRST]):
            offer = desk.ranked[at]
            if books.lines[line, LEFT] == 0:
                break
            if able[offer] and books.offers[offer, AMOUNT] == 0 and not stale(desk, offer):
                _try_all(desk, offer, strict)


@compiled
def _try_all(desk: Desk, offer: int, strict: bool) -> bool:
    """Open an offer beside all others, else in the place of one: on its line, or of its capability."""
    books, line = desk.books, desk.books.offers[offer, LINE]
    books.offers[offer, TRIED] = desk.state[TICK]
    if open_offer(desk, offer, -1, strict):
        return True
    for rival in range(books.lines[line, FIRST], books.lines[line + 1, FIRST]):
        if books.offers[rival, AMOUNT] > 0 and open_offer(desk, offer, rival, strict):
            return True
    first, size, turn = neighbours(books, offer)
    tries = 0
    for step in range(min(size, 8 * _RIVALS)):
        rival = neighbour(books, first, size, turn, step)
        if books.offers[rival, AMOUNT] > 0 and tries < _RIVALS:
            tries += 1
            if open_offer(desk, offer, rival, strict):
                return True
    return False


@compiled
def _use_capabilities(desk: Desk, capabilities: Ints, able: Bools, strict: bool) -> None:
    """Open offers of capabilities that have something left."""
    books = desk.books
    for capability in capabilities:
        for position in range(books.capabilities[capability, FIRST], books.capabilities[capability + 1, FIRST]):
            if books.capabilities[capability, LEFT] == 0:
                break
            offer = books.offers_of[position]
            if able[offer] and books.offers[offer, AMOUNT] == 0 and not stale(desk, offer):
                _try_all(desk, offer, strict)


@compiled
def _open(desk: Desk, offers: Ints, strict: bool) -> None:
    """Open these offers, whatever is left of their lines and capabilities."""
    for offer in offers:
        if desk.books.offers[offer, AMOUNT] == 0 and not stale(desk, offer):
            _try_all(desk, offer, strict)


@compiled
def _serve(desk: Desk, lines: Ints) -> None:
    """Let the offers in use take what these lines have left."""
    for line in lines:
        begin(desk)
        serve(desk, line)
        keep(desk)
