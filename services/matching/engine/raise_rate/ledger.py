"""The ledger of a plan in the making: what is booked, and how much more each offer can take; exact in pieces."""

import numpy as np

from services.matching.engine.raise_rate import books as kept
from services.matching.engine.raise_rate.books import AMOUNT, CARRIED, LEFT, MOVED, Books, open_books
from services.matching.engine.raise_rate.market import Ints, Market, by_group, starts


class Ledger:
    """Books 元 on offers; never more than lines, caps, stocks and suppliers hold."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.books: Books = open_books(market)

    @property
    def amounts(self) -> Ints:
        """元 per offer."""
        return self.books.offers[:, AMOUNT].copy()

    @property
    def carried(self) -> Ints:
        """元 per pair."""
        return self.books.pairs[:-1, CARRIED].copy()

    @property
    def line_left(self) -> Ints:
        """元 per line that may move and have not."""
        return self.books.lines[:-1, LEFT].copy()

    @property
    def moved(self) -> Ints:
        """元 per product."""
        return self.books.products[:, MOVED].copy()

    def room(self, offer: int) -> int:
        """How many more 元 the offer can take, whatever the minimum says."""
        return kept.room(self.books, offer)

    def supply_room(self, offer: int) -> int:
        """How many more 元 the offer could take if nothing of its line had moved yet."""
        return kept.supply_room(self.books, offer)

    def book(self, offer: int, amount: int) -> None:
        """Book `amount` 元 more on an offer (negative: give back)."""
        kept.book(self.books, offer, amount)

    def rebook(self, offers: Ints, amounts: Ints) -> None:
        """Let these offers carry these amounts, one for each, instead of what they carry."""
        kept.rebook(self.books, np.ascontiguousarray(offers, np.int64), np.ascontiguousarray(amounts, np.int64))

    def fill(self, offers: Ints) -> None:
        """Let each offer in turn take all it can, if that reaches its minimum and its pair's."""
        kept.fill(self.books, np.ascontiguousarray(offers, np.int64))


def best_first(market: Market, offers: Ints | None = None) -> Ints:
    """Offers (all when left out) by score, the best first; equal ones in the order of the natural keys."""
    among = np.arange(len(market.line)) if offers is None else np.sort(offers)
    score = market.score[among]
    below = score.max(initial=0) - score
    return among[by_group(below, starts(below, int(below.max(initial=0)) + 1))]


def booked(market: Market, amounts: Ints) -> Ledger:
    """A ledger with these amounts, cut where they overbook a stock in pieces; what falls below a minimum is dropped.

    Where pieces are short, offers of a high price are booked first: they bring most 元 per piece.
    """
    ledger = Ledger(market)
    wanted = np.flatnonzero(amounts)
    order = wanted[np.lexsort((wanted, -market.score[wanted], market.use[wanted]))]
    kept.book_all(ledger.books, order.astype(np.int64), np.ascontiguousarray(amounts, np.int64))
    kept.drop_broken(ledger.books)
    return ledger
