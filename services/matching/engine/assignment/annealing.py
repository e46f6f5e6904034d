"""Simulated annealing for whole lines: shifts and swaps, capacities and sides kept by prices on what exceeds them.

Deterministic: the numbers that look random come from a seed. Compiled; lets other threads run.
"""

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.assignment.core import Floats, Ints
from shared.compiled import compiled

Seed = NDArray[np.uint64]


@compiled
def anneal(
    start: Ints,
    supplier: Ints,
    weight: Floats,
    use: Floats,
    capacity: Floats,
    price: Floats,
    side: NDArray[np.float64],
    side_limit: Floats,
    side_price: Floats,
    free: Ints,
    choice: Ints,
    best: Ints,
    best_value: float,
    moves: int,
    hot: float,
    cold: float,
    seed: Seed,
) -> float:
    """Move `choice` for `moves` steps from temperature `hot` down to `cold`; the best feasible one goes to `best`.

    `free` lines have a choice at all; `price[i]` per unit above `capacity[i]`; `side` has shape (sides, pairs).
    Returns the value of `best`.
    """
    load = np.zeros(len(capacity))
    tied = np.zeros(len(side_limit))
    value = 0.0
    for line in range(len(choice)):
        pair = choice[line]
        value += weight[pair]
        load[supplier[pair]] += use[pair]
        for k in range(len(tied)):
            tied[k] += side[k, pair]
    temperature = hot
    cooling = (cold / hot) ** (1024.0 / moves)
    for move in range(moves):
        if move % 1024 == 1023:
            temperature *= cooling
        line = free[draw(seed, len(free))]
        old = choice[line]
        other, back = -1, -1
        if draw(seed, 2) == 0:
            new = start[line] + draw(seed, start[line + 1] - start[line])
            if new == old:
                continue
        else:
            other = free[draw(seed, len(free))]
            if supplier[choice[other]] == supplier[old]:
                continue
            new = find(supplier, start[line], start[line + 1], supplier[choice[other]])
            back = find(supplier, start[other], start[other + 1], supplier[old])
            if new < 0 or back < 0:
                continue
        giver, taker = supplier[old], supplier[new]
        leave, enter = -use[old], use[new]
        gain = weight[new] - weight[old]
        if other >= 0:
            leave += use[back]
            enter -= use[choice[other]]
            gain += weight[back] - weight[choice[other]]
        delta = gain + price[giver] * (
            max(0.0, load[giver] + leave - capacity[giver]) - max(0.0, load[giver] - capacity[giver])
        )
        delta += price[taker] * (
            max(0.0, load[taker] + enter - capacity[taker]) - max(0.0, load[taker] - capacity[taker])
        )
        for k in range(len(tied)):
            change = side[k, new] - side[k, old]
            if other >= 0:
                change += side[k, back] - side[k, choice[other]]
            delta += side_price[k] * (max(0.0, tied[k] + change - side_limit[k]) - max(0.0, tied[k] - side_limit[k]))
        if delta > 0.0 and delta > temperature * 40.0:
            continue
        if delta > 0.0 and -np.log((draw(seed, 1 << 30) + 1.0) / (1 << 30)) * temperature < delta:
            continue
        for k in range(len(tied)):
            tied[k] += side[k, new] - side[k, old]
            if other >= 0:
                tied[k] += side[k, back] - side[k, choice[other]]
        load[giver] += leave
        load[taker] += enter
        value += gain
        choice[line] = new
        if other >= 0:
            choice[other] = back
        if value < best_value and fits(load, capacity) and fits(tied, side_limit):
            best_value = value
            best[:] = choice
    return best_value


@compiled
def draw(seed: Seed, below: int) -> int:
    """The next number of the sequence, 0 ≤ it < `below` (xorshift64, Marsaglia 2003)."""
    state = seed[0]
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    seed[0] = state
    return np.int64((state >> np.uint64(33)) % np.uint64(below))  # type: ignore[return-value]


@compiled
def find(supplier: Ints, first: int, end: int, wanted: int) -> int:
    """The pair between `first` and `end` with this supplier (they are sorted by it), or -1."""
    while first < end:
        middle = (first + end) // 2
        if supplier[middle] < wanted:
            first = middle + 1
        elif supplier[middle] > wanted:
            end = middle
        else:
            return middle
    return -1


@compiled
def fits(load: Floats, limit: Floats) -> bool:
    """Whether nothing is above its limit."""
    over = 0.0
    for position in range(len(load)):
        over = max(over, load[position] - limit[position])
    return over <= 0.0
