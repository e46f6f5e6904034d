"""The firms whose loss stops most spend: by solving again without each of them, not by their size alone.

What stops when firm f is gone lies between two bounds that need no solving:

    cut(f)      = Σ over its lines of what it has, less all that the other eligible pairs could take, each by itself
    supplied(f) = Σ over its lines of what it has        (its weighted degree in the graph)

so firms are solved in the order of `supplied`, and none whose `supplied` is below the k-th best found (or below the
k-th greatest cut) can be among the k: the answer is exact though few are solved. Betweenness would be a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappushpop, nlargest

import numpy as np

from services.matching.engine.flow.problem import Ints
from services.matching.engine.supply_graph.losses import Alternatives, Flags, Loss, loss_of, pairs_of
from services.matching.engine.supply_graph.supply import Supply


@dataclass(frozen=True)
class CriticalFirm:
    """A firm, what its loss does, and what stops when it and all firms before it in the list are gone together."""

    supplier: int
    loss: Loss
    cut: int
    together: int


@dataclass(frozen=True)
class CriticalFirms:
    """The k worst losses, the worst first; `solved` of the `firms` that supply anything were solved again."""

    found: list[CriticalFirm]
    firms: int
    solved: int


def critical_firms(supply: Supply, others: Alternatives, k: int) -> CriticalFirms:
    """The k ≥ 1 firms whose loss, each by itself, stops most; equal ones in the order of the snapshot. Exact.

    At most one small flow problem per firm, of the firm's lines and their pairs only.
    """
    firms, supplied = supplied_by(supply)
    cut = _cut(supply, others, firms)
    enough = min(nlargest(k, cut.tolist()), default=0) if len(firms) >= k else 0
    losses: dict[int, Loss] = {}
    best = [0] * k
    for at in np.lexsort((firms, -supplied)).tolist():
        if supplied[at] < max(enough, best[0]):
            break
        losses[at] = loss_of(supply, others, flags(supply, [int(firms[at])]))
        heappushpop(best, losses[at].stopped)
    worst = sorted(losses, key=lambda at: (-losses[at].stopped, at))[:k]
    together = _together(supply, others, [int(firms[at]) for at in worst])
    rows = zip(worst, together, strict=True)
    found = [CriticalFirm(int(firms[at]), losses[at], int(cut[at]), joint) for at, joint in rows]
    return CriticalFirms(found, len(firms), len(losses))


def flags(supply: Supply, suppliers: Sequence[int]) -> Flags:
    """Suppliers (positions) as flags over all of them."""
    gone = np.zeros(len(supply.snapshot.suppliers), np.bool_)
    gone[list(suppliers)] = True
    return gone


def _together(supply: Supply, others: Alternatives, suppliers: list[int]) -> list[int]:
    """What stops when the first firm is gone, the first two, and so on."""
    counts = range(1, len(suppliers) + 1)
    return [loss_of(supply, others, flags(supply, suppliers[:count])).stopped for count in counts]


def supplied_by(supply: Supply) -> tuple[Ints, Ints]:
    """The suppliers with any amount, ascending, and what each supplies in 元."""
    firms, at = np.unique(supply.supplier, return_inverse=True)
    supplied = np.zeros(len(firms), np.int64)
    np.add.at(supplied, at, supply.amount)
    return firms, supplied


def _cut(supply: Supply, others: Alternatives, firms: Ints) -> Ints:
    """What each firm's lines lack even if every other pair could give each of them all that it has."""
    every, own = _offered(supply, others)
    held: dict[tuple[int, int], int] = {}
    rows = zip(supply.line.tolist(), supply.supplier.tolist(), supply.amount.tolist(), strict=True)
    for line, supplier, amount in rows:
        held[line, supplier] = held.get((line, supplier), 0) + amount
    cut = dict.fromkeys(firms.tolist(), 0)
    for (line, supplier), amount in held.items():
        cut[supplier] += max(0, amount - every.get(line, 0) + own.get((line, supplier), 0))
    return np.array(list(cut.values()), np.int64)


def _offered(supply: Supply, others: Alternatives) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """What the pairs of each line could take in all, and those of one supplier on it; in Python's long integers."""
    pairs = pairs_of(others, np.unique(supply.line))
    suppliers = others.supplier[others.capability[pairs]].tolist()
    by_line: dict[int, int] = {}
    by_supplier: dict[tuple[int, int], int] = {}
    for line, supplier, most in zip(others.line[pairs].tolist(), suppliers, others.most[pairs].tolist(), strict=True):
        by_line[line] = by_line.get(line, 0) + most
        by_supplier[line, supplier] = by_supplier.get((line, supplier), 0) + most
    return by_line, by_supplier
