"""Improving a plan under minimums: where a line is left short, its neighbourhood makes room.

A neighbourhood is the line, the lines that its suppliers serve now, and the lines that share suppliers with these. It
is solved anew by an exact flow in which every gate in use keeps its minimum; all else stays as it is. First with the
gates in use, then with one more open, then with one more and a rival gone. A change is kept if it reaches more: in a
strict round the total may not fall for the target's sake, in a free one the order of the objectives decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.matching.engine.flow.lexicographic import InfeasibleFlow
from services.matching.engine.ledger import Ledger, best_first
from services.matching.engine.minimum import broken_gates, overbooked, piece_limits
from services.matching.engine.supply_network import Counting, Terms, best_amounts

_LINES = 14
_TRIED_PER_LINE = 8
_RIVALS = 4
_ROUNDS = (True, False, True)
_FITS = 4

Value = tuple[int, int, int]


def improve(ledger: Ledger, offers: Sequence[int]) -> None:
    """Change the plan in `ledger` for the better, line by line, in strict and free rounds."""
    search = _Search(ledger, offers)
    for strict in _ROUNDS:
        search.strict = strict
        for line in search.shortest_first():
            search.serve(line)


@dataclass(frozen=True)
class _Change:
    """What to try around a line: an offer to open (None: only those in use), and one to do without."""

    line: int
    new: int | None = None
    gone: int | None = None


class _Search:
    """The offers of a plan by line and by capability, and the changes that are tried on it."""

    def __init__(self, ledger: Ledger, offers: Iterable[int]) -> None:
        self.strict = True
        self._ledger = ledger
        self._market = ledger.market
        self._by_line: dict[int, list[int]] = {}
        self._by_capability: dict[int, list[int]] = {}
        for offer in offers:
            row = self._market.offers[offer]
            self._by_line.setdefault(row.line, []).append(offer)
            self._by_capability.setdefault(row.capability, []).append(offer)

    def shortest_first(self) -> list[int]:
        """Lines of products below their target before others; among them those with most 元 left."""
        product, room, left = self._market.product, self._market.room, self._ledger.line_left

        def rank(line: int) -> tuple[bool, int, int]:
            return self._ledger.moved[product[line]] >= room[product[line]], -left[line], line

        return sorted(self._by_line, key=rank)

    def serve(self, line: int) -> None:
        """Try what may bring the line more, until it is full: first its suppliers in use, then the best others."""
        left = self._ledger.line_left
        if left[line] > 0:
            self._try(_Change(line))
        for new in self._unused(line):
            if left[line] == 0:
                return
            changes = [_Change(line, new), *(_Change(line, new, rival) for rival in self._rivals(new))]
            any(self._try(change) for change in changes)  # stops at the first that is better

    def _unused(self, line: int) -> list[int]:
        """The best offer of each supplier that the line does not use, the best first, a bounded number."""
        first_of: dict[int, int] = {}
        for offer in best_first(self._market, self._by_line[line]):
            first_of.setdefault(self._market.through[offer][0], offer)
        carried = self._ledger.through_gate
        return [offer for gate, offer in first_of.items() if carried[gate] == 0][:_TRIED_PER_LINE]

    def _rivals(self, new: int) -> list[int]:
        """What is in use on the new offer's line, or takes its capacity; the smallest first."""
        row, amounts = self._market.offers[new], self._ledger.amounts
        near = {*self._by_line[row.line], *self._by_capability[row.capability]}
        return sorted((offer for offer in near if amounts[offer]), key=lambda o: (amounts[o], o))[:_RIVALS]

    def _try(self, change: _Change) -> bool:
        """Solve the neighbourhood under the change; keep what is better, else leave all as it was."""
        offers = self._in_play(self._neighbourhood(change), change)
        before = {offer: amount for offer in offers if (amount := self._ledger.amounts[offer])}
        gates = self._gates(offers, change)
        for offer, amount in before.items():
            self._ledger.book(offer, -amount)
        after = self._solved([offer for offer in offers if offer != change.gone], gates)
        if after is not None and self._better(self._value(after), self._value(before)) and self._book_all(after):
            return True
        self._book_all(before)
        return False

    def _neighbourhood(self, change: _Change) -> list[int]:
        """The lines to solve anew, nearest first, a bounded number."""
        lines = {change.line: None}
        for _ in range(2):
            offers = self._in_play(lines, change)
            capabilities = dict.fromkeys(self._market.offers[offer].capability for offer in offers)
            lines.update(dict.fromkeys(self._served(capabilities)))
        return list(lines)[:_LINES]

    def _served(self, capabilities: Iterable[int]) -> list[int]:
        using = (offer for capability in capabilities for offer in self._by_capability[capability])
        return [self._market.offers[offer].line for offer in using if self._ledger.amounts[offer]]

    def _in_play(self, lines: Iterable[int], change: _Change) -> list[int]:
        """The offers of suppliers in use on these lines, without idle ones with a minimum order; the new one."""
        carried, amounts = self._ledger.through_gate, self._ledger.amounts

        def plays(offer: int) -> bool:
            shared, own = self._market.through[offer][0], self._market.through[offer][-1]
            idle_order = amounts[offer] == 0 and own != shared and self._market.gates[own].minimum > 0
            return offer == change.new or (carried[shared] > 0 and not idle_order)

        return [offer for line in lines for offer in self._by_line[line] if plays(offer)]

    def _gates(self, offers: Iterable[int], change: _Change) -> set[int]:
        """The gates to keep open: of the suppliers that stay, and the own ones of what carries something or is new."""
        stay = [offer for offer in offers if offer != change.gone]
        own = (offer for offer in stay if self._ledger.amounts[offer] or offer == change.new)
        return {self._market.through[offer][0] for offer in stay} | {self._market.through[offer][-1] for offer in own}

    def _solved(self, offers: list[int], gates: set[int]) -> dict[int, int] | None:
        """The best amounts on these offers with what the ledger has left; None where the minimums do not fit."""
        ledger, limits = self._ledger, dict[int, int]()
        counting = [
            Counting.ALL if moved < room else Counting.NONE
            for moved, room in zip(ledger.moved, self._market.room, strict=True)
        ]
        capacity, own = ledger.capacity_left(offers), self._own_minimums(offers, gates)
        for _ in range(_FITS):
            try:
                amounts = best_amounts(self._market, offers, Terms(counting, capacity, open=gates, limits=limits))
            except InfeasibleFlow:
                return None
            over = overbooked(self._market, amounts, ledger.units_left)
            if not over:
                return amounts
            for capability in over:
                limits.update(piece_limits(self._market, amounts, capability, ledger.units_left, own.__getitem__))
        return None

    def _own_minimums(self, offers: Iterable[int], gates: set[int]) -> dict[int, int]:
        """What each offer must carry by itself: the minimum of the open gate that it has to itself."""
        found: dict[int, int] = {}
        for offer in offers:
            own = self._market.through[offer][-1]
            alone = own in gates and len(self._market.gates[own].offers) == 1
            found[offer] = self._market.gates[own].minimum if alone else 0
        return found

    def _value(self, amounts: Mapping[int, int]) -> Value:
        """What amounts beside those in the ledger bring, in the order of the objectives."""
        moved: dict[int, int] = {}
        for offer, amount in amounts.items():
            product = self._market.product[self._market.offers[offer].line]
            moved[product] = moved.get(product, self._ledger.moved[product]) + amount
        toward = sum(min(done, self._market.room[product]) - self._before(product) for product, done in moved.items())
        score = sum(amount * self._market.offers[offer].score for offer, amount in amounts.items())
        return toward, sum(amounts.values()), score

    def _better(self, after: Value, before: Value) -> bool:
        return after > before and not (self.strict and after[1] < before[1])

    def _before(self, product: int) -> int:
        return min(self._ledger.moved[product], self._market.room[product])

    def _book_all(self, amounts: Mapping[int, int]) -> bool:
        """Book these amounts if every one fits, in pieces too, and none is below a minimum; else book nothing."""
        done: list[int] = []
        fits = not broken_gates(self._market, amounts)
        for offer, amount in amounts.items() if fits else ():
            fits = fits and amount <= self._ledger.room(offer)
            if fits:
                self._ledger.book(offer, amount)
                done.append(offer)
        if not fits:
            for offer in done:
                self._ledger.book(offer, -amounts[offer])
        return fits
