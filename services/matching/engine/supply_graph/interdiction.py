"""Which k firms together would stop most if they were all gone: interdiction of the supply network.

Losing two firms can stop more than both losses added up, where each was the other's way out; so the k worst firms one
by one need not be the worst k together. Finding these is NP-hard (Wood 1993); this is greedy, firm by firm, each step
by solving again, once from nothing and once from the worst pair, and says what no k firms can pass.

A step solves few of its choices. When firm f goes after the firms S, what f took over from S may stop, and what f
supplies itself, and nothing else: stopped(S + f) ≤ stopped(S) + taken(f) + supplied(f). Choices are tried in the order
of that bound, until it is no better than the best one found.

R. K. Wood, Deterministic network interdiction, Mathematical and Computer Modelling 17(2), 1993, 1–18.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations

from services.matching.engine.flow.problem import Ints
from services.matching.engine.supply_graph.critical import flags, supplied_by
from services.matching.engine.supply_graph.losses import Alternatives, Loss, relief_of
from services.matching.engine.supply_graph.supply import Supply

TRIED = 24
"""Firms that a step chooses from: those that supply most."""

WORK = 200_000
"""Lost lines that may be solved in all, some seconds' work; what is left to choose then is chosen by the bound."""


@dataclass(frozen=True)
class WorstSet:
    """Firms that together stop `stopped` 元, in the order of their choice; no k firms stop more than `at_most`.

    `complete`: every step was solved; else the last ones took those that may stop most.
    """

    suppliers: list[int]
    stopped: int
    at_most: int
    complete: bool


def worst_set(supply: Supply, others: Alternatives, k: int, first: Sequence[int], work: int = WORK) -> WorstSet:
    """A set of k firms whose joint loss is great: the best of the greedy ones and of `first`, another choice of k."""
    search = _Search(supply, others, work)
    choices = [search.greedy(k, start) for start in ((), search.worst_pair(k))]
    best = max([*choices, list(first)[:k]], key=search.stopped, default=[])
    at_most = sum(nlargest(k, search.supplied.values()))
    return WorstSet(list(best), search.stopped(best), at_most, complete=search.work > 0)


class _Search:
    """The firms to choose from, with what each supplies; `work` is what may still be solved."""

    def __init__(self, supply: Supply, others: Alternatives, work: int) -> None:
        firms, supplied = supplied_by(supply)
        self.supplied = dict(zip(firms.tolist(), supplied.tolist(), strict=True))
        self.pool = sorted(self.supplied, key=lambda firm: (-self.supplied[firm], firm))
        self.work = work
        self._supply, self._others = supply, others
        self._known: dict[frozenset[int], tuple[Loss, Ints]] = {}

    def stopped(self, suppliers: Sequence[int]) -> int:
        """What stops when these are gone together."""
        return self._solved(suppliers)[0].stopped

    def greedy(self, k: int, start: Sequence[int]) -> list[int]:
        """From a start, firm by firm the one with which most stops."""
        chosen, pool = list(start), self.pool[: max(TRIED, k)]
        while len(chosen) < min(k, len(pool)):
            before, taken = self._solved(chosen)
            more = {firm: self.supplied[firm] + int(taken[firm]) for firm in pool if firm not in chosen}
            chosen.append(self._best(chosen, before.stopped, more))
        return chosen

    def worst_pair(self, k: int) -> Sequence[int]:
        """The two firms whose joint loss stops most; of equal ones the first."""
        best: Sequence[int] = ()
        most = -1
        pairs = combinations(self.pool[:TRIED], min(2, k, len(self.pool)))
        for pair in sorted(pairs, key=lambda some: -sum(self.supplied[firm] for firm in some)):
            if sum(self.supplied[firm] for firm in pair) <= most or (best and self.work <= 0):
                break
            if self.stopped(pair) > most:
                best, most = pair, self.stopped(pair)
        return best

    def _best(self, chosen: list[int], stopped: int, more: dict[int, int]) -> int:
        """The firm with which most stops, of those that add at most so `more` 元 each."""
        best, most = -1, -1
        for firm in sorted(more, key=lambda firm: -more[firm]):
            if stopped + more[firm] <= most or (best >= 0 and self.work <= 0):
                break
            now = self.stopped([*chosen, firm]) if self.work > 0 else stopped
            if now > most:
                best, most = firm, now
        return best

    def _solved(self, suppliers: Sequence[int]) -> tuple[Loss, Ints]:
        key = frozenset(suppliers)
        if key not in self._known:
            found = relief_of(self._supply, self._others, flags(self._supply, suppliers))
            self.work -= 1 + len(found[0].line)
            self._known[key] = found
        return self._known[key]
