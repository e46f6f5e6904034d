"""Compiled knapsacks per supplier: the Lagrangian of "each line once", and what fixing a pair in or out would lose.

M. L. Fisher, R. Jaikumar, L. N. Van Wassenhove (1986); fixing as M. Posta, J. A. Ferland, P. Michelon, An exact method
with variable fixing for solving the generalized assignment problem (2012). Whole numbers throughout, so every bound
is exact.
"""

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.assignment.core import Ints
from shared.compiled import compiled


@compiled
def ascend(
    own: Ints,
    pairs: Ints,
    line: Ints,
    weight: Ints,
    use: Ints,
    capacity: Ints,
    worth: Ints,
    best_worth: Ints,
    best: int,
    upper: int,
    pace: float,
    rounds: int,
) -> int:
    """Subgradient steps on the lines' `worth`, from `worth`; the best goes to `best_worth`, its bound is returned.

    Supplier i's pairs are `pairs[own[i]:own[i + 1]]`. The bound is Σ worth + Σ_i least Σ (weight - worth) over the
    sets of its lines that fit. `upper` is a known value, `pace` the step's factor.
    """
    widest = 0
    for i in range(len(capacity)):
        widest = max(widest, own[i + 1] - own[i])
    most = capacity.max() + 1
    took = np.zeros((widest, most), dtype=np.uint8)
    old, new = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    for _ in range(rounds):
        served = np.zeros(len(worth), dtype=np.int64)
        bound = worth.sum()
        for i in range(len(capacity)):
            bound -= fill(own[i], own[i + 1], pairs, line, weight, use, capacity[i], worth, served, took, old, new)
        if bound > best:
            best = bound
            best_worth[:] = worth
        length = 0
        for j in range(len(worth)):
            length += (1 - served[j]) ** 2
        if length == 0 or best > upper:
            break
        step = pace * max(1.0, 1.0 * (upper - bound)) / length
        for j in range(len(worth)):
            worth[j] += np.int64(np.rint(step * (1 - served[j])))
    return best


@compiled
def fill(
    first: int,
    end: int,
    pairs: Ints,
    line: Ints,
    weight: Ints,
    use: Ints,
    capacity: int,
    worth: Ints,
    served: Ints,
    took: NDArray[np.uint8],
    old: Ints,
    new: Ints,
) -> int:
    """The best of one supplier's knapsack; counts in `served` what it takes."""
    old[: capacity + 1] = 0
    for item in range(first, end):
        pair = pairs[item]
        profit, size = worth[line[pair]] - weight[pair], use[pair]
        if profit <= 0 or size > capacity:
            continue
        row = took[item - first]
        for room in range(size):
            new[room] = old[room]
            row[room] = 0
        for room in range(size, capacity + 1):
            with_it = old[room - size] + profit
            row[room] = with_it > old[room]
            new[room] = max(with_it, old[room])
        old, new = new, old
    room = capacity
    for item in range(end - 1, first - 1, -1):
        pair = pairs[item]
        if worth[line[pair]] - weight[pair] <= 0 or use[pair] > capacity:
            continue
        if took[item - first, room]:
            served[line[pair]] += 1
            room -= use[pair]
    return np.int64(old[capacity])  # type: ignore[return-value]


@compiled
def losses(
    own: Ints, pairs: Ints, line: Ints, weight: Ints, use: Ints, capacity: Ints, worth: Ints, enter: Ints, leave: Ints
) -> None:
    """What the bound rises at least if a pair must be in its supplier's knapsack (`enter`), or out (`leave`)."""
    widest = 0
    for i in range(len(capacity)):
        widest = max(widest, own[i + 1] - own[i])
    most = capacity.max() + 1
    before, after = np.zeros((widest + 1, most), dtype=np.int64), np.zeros((widest + 1, most), dtype=np.int64)
    for i in range(len(capacity)):
        first, count, limit = own[i], own[i + 1] - own[i], capacity[i]
        before[0, : limit + 1] = 0
        after[count, : limit + 1] = 0
        for item in range(count):
            pair = pairs[first + item]
            add(before[item], before[item + 1], worth[line[pair]] - weight[pair], use[pair], limit)
        for item in range(count - 1, -1, -1):
            pair = pairs[first + item]
            add(after[item + 1], after[item], worth[line[pair]] - weight[pair], use[pair], limit)
        for item in range(count):
            pair = pairs[first + item]
            top = before[count, limit]
            leave[pair] = top - meet(before[item], after[item + 1], limit)
            enter[pair] = np.int64(1) << 60
            if use[pair] <= limit:
                inside = meet(before[item], after[item + 1], limit - use[pair])
                enter[pair] = top - inside - (worth[line[pair]] - weight[pair])


@compiled
def add(old: Ints, new: Ints, profit: int, size: int, limit: int) -> None:
    """One more item for a knapsack: from `old[room]` to `new[room]`."""
    for room in range(limit + 1):
        new[room] = old[room]
    if profit > 0:
        for room in range(size, limit + 1):
            new[room] = max(old[room], old[room - size] + profit)


@compiled
def meet(before: Ints, after: Ints, limit: int) -> int:
    """The best of two sets of items that share a room of `limit`."""
    best = before[0] + after[limit]
    for room in range(1, limit + 1):
        best = max(best, before[room] + after[limit - room])
    return best  # type: ignore[no-any-return]
