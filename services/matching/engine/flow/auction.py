"""An auction for what is scarce in a plan network: a flow near the optimum, by bids and not by a tree.

Givers (lines) have 元 to give, takers (capabilities) have room, pairs between them bring a gain per 元. Who still has
something to give bids for the pair that gains most at the takers' prices, up to what makes the next best pair as good,
and a `step` more. A full taker keeps the highest bids and sends the rest of them back to bid elsewhere; its price is
its lowest bid. In the end no 元 could gain a step more elsewhere, so the flow is within Σ amount·step of the optimum.

Prices start at nothing and only rise, so a taker with a price is full, and who gives up has no pair left that gains.
The work is the bids, each O(pairs of its giver + log pairs of its taker): few where steps are large. Bertsekas, "The
auction algorithm for the minimum cost network flow problem", *ORSA J. on Computing* 4 (1992). The givers bid in their
order, round by round, as neighbours often meet the same takers.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import Ints
from shared.compiled import compiled

Ints32 = NDArray[np.int32]
Nodes32 = NDArray[np.uint32]
CARRIED, BID = range(2)
"""The columns of a pair: what it carries, and its bid (the upper 32 bits) and its giver (the lower)."""
START, COUNT = range(2)
"""The columns of a taker: where its heap begins, and how many bids are in it."""
_PAIR = 2**32 - 1


class Pairs(NamedTuple):
    """The pairs by their givers: those of node v are first[v] ≤ pair < first[v + 1].

    Gains are positive, and with a step less than 2**30.
    """

    first: Ints
    giver: Nodes32
    taker: Nodes32
    gain: Ints32
    width: Ints


@compiled
def auction(pairs: Pairs, left: Ints, room: Ints, step: int) -> Ints:
    """What each pair carries; `left` per giver and `room` per taker become what stays with them.

    Each taker has a heap of its pairs with a bid, the lowest on top. One long function, and what is read together lies
    together, as this is most of the time of a start: a call for each bid doubles it.
    """
    first, giver_of, taker_of, gain, width = pairs
    heap, heap_at = np.empty(len(gain), np.int64), _heaps(taker_of, len(left))
    price, wants, open_gain = np.zeros(len(left), np.int32), left > 0, gain.copy()
    rows, some = np.zeros((len(gain), 2), np.int64), True
    for pair in range(len(gain)):
        rows[pair, BID] = giver_of[pair]
    while some:
        some = False
        for giver in range(len(left)):
            if not wants[giver]:
                continue
            some, wants[giver], mine, offset = True, False, left[giver], first[giver]
            takers, gains = taker_of[offset : first[giver + 1]], open_gain[offset : first[giver + 1]]
            while mine > 0:
                best, second, chosen = np.int32(0), np.int32(0), -1
                for at in range(len(takers)):
                    value = np.int32(gains[at] - price[takers[at]])
                    second = max(second, min(best, value))
                    chosen = at if value > best else chosen
                    best = max(best, value)
                if chosen < 0:
                    break
                pair, taker = offset + chosen, takers[chosen]
                amount, start = min(mine, width[pair] - rows[pair, CARRIED]), heap_at[taker, START]
                bid = np.int64(gains[chosen] - second + step)
                if rows[pair, CARRIED] == 0:
                    _push(heap, start, heap_at[taker, COUNT], (bid << 32) | pair)
                    heap_at[taker, COUNT] += 1
                rows[pair, BID] = (bid << 32) | giver
                rows[pair, CARRIED] += amount
                if rows[pair, CARRIED] == width[pair]:
                    gains[chosen] = 0
                mine -= amount
                room[taker] -= amount
                while room[taker] < 0:
                    pair = _lowest(heap, start, heap_at[taker, COUNT], rows)
                    amount, loser = min(rows[pair, CARRIED], -room[taker]), rows[pair, BID] & _PAIR
                    open_gain[pair] = gain[pair]
                    rows[pair, CARRIED] -= amount
                    room[taker] += amount
                    if loser == giver:
                        mine += amount
                    else:
                        left[loser] += amount
                        wants[loser] = True
                    if rows[pair, CARRIED] == 0:
                        heap_at[taker, COUNT] -= 1
                        _sink(heap, start, heap_at[taker, COUNT], heap[start + heap_at[taker, COUNT]])
                if room[taker] == 0 and heap_at[taker, COUNT] > 0:
                    price[taker] = rows[_lowest(heap, start, heap_at[taker, COUNT], rows), BID] >> 32
            left[giver] = mine
    return rows[:, CARRIED].copy()


@compiled
def _heaps(taker_of: Nodes32, nodes: int) -> Ints:
    """Where the heap of each taker begins, with room for all its pairs, and that it is empty."""
    heaps = np.zeros((nodes + 1, 2), np.int64)
    for taker in taker_of:
        heaps[taker + 1, START] += 1
    for node in range(nodes):
        heaps[node + 1, START] += heaps[node, START]
    return heaps


@compiled
def _lowest(heap: Ints, start: int, count: int, rows: Ints) -> int:
    """The pair with the lowest bid of a heap; ones that were raised since are put in their place first."""
    while True:
        pair = heap[start] & _PAIR
        bid = rows[pair, BID] >> 32
        if bid == heap[start] >> 32:
            return int(pair)
        _sink(heap, start, count, (bid << 32) | pair)


@compiled
def _push(heap: Ints, start: int, count: int, key: int) -> None:
    """Put a key (the bid, then the pair) into a heap of so many."""
    at = count
    while at > 0:
        above = (at - 1) >> 1
        if heap[start + above] <= key:
            break
        heap[start + at] = heap[start + above]
        at = above
    heap[start + at] = key


@compiled
def _sink(heap: Ints, start: int, count: int, key: int) -> None:
    """Put this key in the place of the lowest one."""
    at, below = 0, 1
    while below < count:
        if below + 1 < count and heap[start + below + 1] < heap[start + below]:
            below += 1
        if heap[start + below] >= key:
            break
        heap[start + at] = heap[start + below]
        at, below = below, 2 * below + 1
    heap[start + at] = key
