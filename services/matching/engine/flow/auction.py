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

    Each taker has a heap of its pairs with a bid, the lowest on top. It is one long function, as it is the time of a
    solve: a call for each bid doubles it.
    """
    first, giver_of, taker_of, gain, width = pairs
    heap_at, heap, bid = _heaps(taker_of, len(left)), np.empty(len(gain), np.int64), np.zeros(len(gain), np.int32)
    count, price, wants = np.zeros(len(left), np.int64), np.zeros(len(left), np.int32), left > 0
    free, bidding = width.copy(), True
    while bidding:
        bidding = False
        for giver in range(len(left)):
            if not wants[giver]:
                continue
            bidding, wants[giver], mine, offset = True, False, left[giver], first[giver]
            takers, gains = taker_of[offset : first[giver + 1]], gain[offset : first[giver + 1]]
            while mine > 0:
                best, second, chosen = np.int32(0), np.int32(0), -1
                for at in range(len(takers)):
                    value = np.int32(gains[at] - price[takers[at]])
                    if value > second and free[offset + at] > 0:
                        if value > best:
                            best, second, chosen = value, best, at
                        else:
                            second = value
                if chosen < 0:
                    break
                chosen += offset
                taker, amount = taker_of[chosen], min(mine, free[chosen])
                start = heap_at[taker]
                bid[chosen] = gain[chosen] - second + step
                if free[chosen] == width[chosen]:
                    _push(heap, start, count[taker], (np.int64(bid[chosen]) << 32) | chosen)
                    count[taker] += 1
                free[chosen] -= amount
                mine -= amount
                room[taker] -= amount
                while room[taker] < 0:
                    pair = _lowest(heap, start, count[taker], bid)
                    amount = min(width[pair] - free[pair], -room[taker])
                    free[pair] += amount
                    room[taker] += amount
                    if giver_of[pair] == giver:
                        mine += amount
                    else:
                        left[giver_of[pair]] += amount
                        wants[giver_of[pair]] = True
                    if free[pair] == width[pair]:
                        count[taker] -= 1
                        _sink(heap, start, count[taker], heap[start + count[taker]])
                if room[taker] == 0 and count[taker] > 0:
                    price[taker] = bid[_lowest(heap, start, count[taker], bid)]
            left[giver] = mine
    return width - free


@compiled
def _heaps(taker_of: Nodes32, nodes: int) -> Ints:
    """Where the heap of each taker begins, with room for all its pairs."""
    first = np.zeros(nodes + 1, np.int64)
    for taker in taker_of:
        first[taker + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    return first


@compiled
def _lowest(heap: Ints, start: int, count: int, bid: Ints32) -> int:
    """The pair with the lowest bid of a heap; ones that were raised since are put in their place first."""
    while True:
        pair = heap[start] & _PAIR
        if bid[pair] == heap[start] >> 32:
            return int(pair)
        _sink(heap, start, count, (np.int64(bid[pair]) << 32) | pair)


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
