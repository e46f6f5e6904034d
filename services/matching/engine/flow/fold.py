"""Several objectives in one: whole-number weights under which the first outweighs all others together.

A flow is best in the order of the objectives iff no simple cycle of its residual network gains in that order (the
difference of two flows falls into such cycles). So a weight need not outweigh whole flows, only simple cycles: with
C[j] ≥ |gain of objective j over any simple cycle| and W[k] > Σ_{j>k} W[j]·C[j], a cycle's weighted gain has the sign of
its first gain that is not 0, and the same flows are optimal for Σ_k W[k]·objective[k], which is then one solve.

A simple cycle passes a node once, over two of its arcs. So C[j] = 2·Σ_{v in S} max |gain of objective j at v|, for any
set S of nodes that has an end of each arc where objective j is not 0: the hub, and of all other arcs either the tails
or the heads. That is a factor of 10**5 for scores in a province, where whole flows would ask for 10**14.
"""

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.door import contiguous
from services.matching.engine.flow.problem import FlowOverflow, Ints
from shared.compiled import compiled

_MOST = 2**62
Floats = NDArray[np.float64]


def fold_objectives(tail: Ints, head: Ints, objectives: Ints, nodes: int, hub: int) -> Ints:
    """The cost per arc, to be minimised, whose optima are those of the objectives, to be *maximised* in their order.

    `objectives` has shape (K, arcs). Raises FlowOverflow where the cost of an arc would pass 2**62.
    """
    return weighted(objectives, weights(tail, head, objectives, nodes, hub))


def weights(tail: Ints, head: Ints, objectives: Ints, nodes: int, hub: int) -> tuple[int, ...]:
    """The weight of each objective; the last one's is 1. Raises FlowOverflow."""
    tail, head, objectives = contiguous(tail), contiguous(head), contiguous(objectives)
    reach = 1 + 2.0**-20
    found, rest, most = [1], 0, 0.0
    swings, greatest = _swings(tail, head, objectives, nodes, hub)
    for rank in range(len(objectives) - 1, -1, -1):
        most += found[0] * greatest[rank]
        if rank == 0 or not most * reach < _MOST:
            break
        rest += found[0] * int(swings[rank] * reach + 1)
        found.insert(0, rest + 1)
    if not most * reach < _MOST:
        raise FlowOverflow("the weights of the objectives would pass 64 bits")
    return tuple(found)


@compiled
def _swings(tail: Ints, head: Ints, objectives: Ints, nodes: int, hub: int) -> tuple[Floats, Floats]:
    """C per objective (the least of the two covers), and the greatest gain of one arc, in floats."""
    ranks, arcs = objectives.shape
    swings, greatest = np.zeros(ranks), np.zeros(ranks)
    by_tail, by_head = np.empty(nodes), np.empty(nodes)
    for rank in range(ranks):
        by_tail[:], by_head[:], at_hub = 0.0, 0.0, 0.0
        for arc in range(arcs):
            gain = abs(float(objectives[rank, arc]))
            if tail[arc] == hub or head[arc] == hub:
                at_hub = max(at_hub, gain)
            else:
                by_tail[tail[arc]] = max(by_tail[tail[arc]], gain)
                by_head[head[arc]] = max(by_head[head[arc]], gain)
        swings[rank] = 2.0 * (at_hub + min(by_tail.sum(), by_head.sum()))
        greatest[rank] = max(at_hub, by_tail.max()) if nodes > 0 else 0.0
    return swings, greatest


def weighted(objectives: Ints, weights: tuple[int, ...]) -> Ints:
    """-Σ_k weights[k]·objectives[k]."""
    cost = np.zeros(objectives.shape[1], np.int64)
    for weight, row in zip(weights, objectives, strict=True):
        cost -= weight * row
    return cost
