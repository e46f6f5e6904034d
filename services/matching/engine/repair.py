"""From the bound's flow to a plan that keeps the minimums and the pieces, island by island.

Gates that carry too little are opened (they get their minimum as a lower bound) or closed, and the flow is solved
again, until none is left: some rounds with all offers, then with those in use only. Where a capability is overbooked
in pieces, its offers of the lowest price are limited.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from services.matching.engine.islands import islands
from services.matching.engine.ledger import Ledger, best_first, booked
from services.matching.engine.market import Market
from services.matching.engine.minimum import broken_gates, hopeless, overbooked, piece_limits, viable
from services.matching.engine.supply_network import Counting, Terms, best_amounts, highest_capacity
from services.matching.engine.targets import Optimum

_WIDE_ROUNDS = 2
_TIMES_LIMITED = 12
_WORTH_OPENING = Fraction(1, 2)


def repair(market: Market, bound: Optimum) -> Ledger:
    """A plan that keeps every rule: a ledger with what each offer gets, filled up by score where room is left.

    Products count toward their targets as the bound's flow says: all their 元 where it stays below, none where it goes
    beyond; where it just reaches the target, exactly, which ties the islands of the product's lines together.
    """
    counting = [_counting(moved, room) for moved, room in zip(bound.moved, market.room, strict=True)]
    tied = {product for product, how in enumerate(counting) if how is Counting.EXACT}
    amounts, closed, offers = [0] * len(market.offers), hopeless(market, range(len(market.offers))), viable(market)
    for island in islands(market, offers, tied):
        for offer, amount in _Island(market, island, counting, closed).repair().items():
            amounts[offer] = amount
    ledger = booked(market, amounts)
    ledger.fill(best_first(market, offers))
    return ledger


def _counting(moved: int, room: int) -> Counting:
    if moved == room > 0:
        return Counting.EXACT
    return Counting.ALL if moved < room else Counting.NONE


class _Island:
    """The offers still in play on an island, the terms they are under, and what the open gates have reserved.

    What is reserved is itself a flow that keeps all lower bounds, so that the network stays feasible.
    """

    def __init__(self, market: Market, offers: Sequence[int], counting: list[Counting], closed: set[int]) -> None:
        self._market = market
        self._offers = list(offers)
        self._in_play = set(offers)
        self._terms = Terms(counting, highest_capacity(market, offers), closed=set(closed))
        self._units = [capacity.units for capacity in market.capacity]
        self._reserved = Ledger(market)
        self._limited: Counter[int] = Counter()

    def repair(self) -> dict[int, int]:
        """元 per offer, no gate broken; overbooked at most where limits did not help (`booked` trims that)."""
        rounds = 0
        while True:
            amounts = best_amounts(self._market, self._offers, self._terms)
            broken = broken_gates(self._market, amounts)
            over = [
                row for row in overbooked(self._market, amounts, self._units) if self._limited[row] < _TIMES_LIMITED
            ]
            if not broken and not over:
                return amounts
            self._decide(broken)
            self._limit(over, amounts)
            rounds += 1
            if rounds > _WIDE_ROUNDS:
                self._narrow(amounts)

    def _decide(self, broken: Mapping[int, Fraction]) -> None:
        """Open each gate that carries half its minimum or more and whose minimum fits; close the others."""
        for gate in sorted(broken, key=lambda row: (-broken[row], row)):
            if broken[gate] >= _WORTH_OPENING and self._reserve(gate):
                self._terms.open.add(gate)
            else:
                self._close(gate)

    def _reserve(self, gate: int) -> bool:
        """Book a gate's minimum beside those of the other open gates; False, and nothing booked, if it does not fit."""
        lacking = self._market.gates[gate].minimum - self._reserved.through_gate[gate]
        done: list[tuple[int, int]] = []
        for offer in best_first(self._market, self._alive(gate)):
            amount = min(lacking, self._reserved.room(offer))
            self._reserved.book(offer, amount)
            done.append((offer, amount))
            lacking -= amount
        if lacking > 0:
            for offer, amount in done:
                self._reserved.book(offer, -amount)
        return lacking <= 0

    def _alive(self, gate: int) -> list[int]:
        through, closed = self._market.through, self._terms.closed
        members = self._in_play.intersection(self._market.gates[gate].offers)
        return [offer for offer in members if not closed.intersection(through[offer])]

    def _close(self, gate: int) -> None:
        """Close a gate, and take back what was opened for its supplier and line: it may have stood on these offers."""
        self._terms.closed.add(gate)
        shared = self._market.through[self._market.gates[gate].offers[0]][0]
        for offer in self._market.gates[shared].offers:
            self._terms.open.difference_update(self._market.through[offer])
            self._reserved.book(offer, -self._reserved.amounts[offer])

    def _limit(self, over: Sequence[int], amounts: Mapping[int, int]) -> None:
        """Limit the offers of overbooked capabilities; no limit is below what the open gates have reserved."""
        limits, reserved = self._terms.limits, self._reserved.amounts
        for capability in over:
            limits.update(piece_limits(self._market, amounts, capability, self._units, reserved.__getitem__))
            self._limited[capability] += 1
        for offer, limit in limits.items():
            limits[offer] = max(limit, reserved[offer])

    def _narrow(self, amounts: Mapping[int, int]) -> None:
        """Drop the offers that are not in use and behind no open gate."""
        through, opened = self._market.through, self._terms.open
        self._offers = [o for o in self._offers if amounts.get(o) or opened.intersection(through[o])]
        self._in_play = set(self._offers)
