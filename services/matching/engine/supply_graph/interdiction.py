"""Which k firms together would stop most if they were all gone: interdiction of the supply network.

Losing two firms can stop more than both losses added up, where each was the other's way out; so the k worst firms one
by one need not be the worst k together. Finding these is NP-hard (Wood 1993); this is greedy, firm by firm, each step
by solving again, once from nothing and once from the worst pair, and says what no k firms can pass.

R. K. Wood, Deterministic network interdiction, Mathematical and Computer Modelling 17(2), 1993, 1–18.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations

import numpy as np

from services.matching.engine.supply_graph.critical import flags, supplied_by
from services.matching.engine.supply_graph.losses import Alternatives, loss_of
from services.matching.engine.supply_graph.supply import Supply

TRIED = 24
"""Firms that a step chooses from: those that supply most."""


@dataclass(frozen=True)
class WorstSet:
    """Firms that together stop `stopped` 元, in the order of their choice; no k firms stop more than `at_most`."""

    suppliers: list[int]
    stopped: int
    at_most: int


def worst_set(supply: Supply, others: Alternatives, k: int, first: Sequence[int]) -> WorstSet:
    """A set of k firms whose joint loss is great: the best of the greedy ones and of `first`, another choice of k.

    At most 2 · k · TRIED + TRIED² / 2 small flow problems.
    """
    firms, supplied = supplied_by(supply)
    pool = firms[np.lexsort((firms, -supplied))[: max(TRIED, k)]].tolist()
    pair = _worst(supply, others, combinations(pool[:TRIED], min(2, k, len(pool))))
    choices = [_greedy(supply, others, k, pool, start) for start in ((), pair)]
    suppliers = _worst(supply, others, [*choices, list(first)[:k]])
    return WorstSet(list(suppliers), _stopped(supply, others, suppliers), sum(nlargest(k, supplied.tolist())))


def _greedy(supply: Supply, others: Alternatives, k: int, pool: list[int], start: Sequence[int]) -> Sequence[int]:
    """From a start, firm by firm the one with which most stops."""
    chosen = start
    while len(chosen) < min(k, len(pool)):
        chosen = _worst(supply, others, ([*chosen, firm] for firm in pool if firm not in chosen))
    return chosen


def _worst(supply: Supply, others: Alternatives, choices: Iterable[Sequence[int]]) -> Sequence[int]:
    """The firms whose joint loss stops most; of equal ones the first."""
    return max(choices, key=lambda some: _stopped(supply, others, some), default=())


def _stopped(supply: Supply, others: Alternatives, suppliers: Sequence[int]) -> int:
    return loss_of(supply, others, flags(supply, suppliers)).stopped
