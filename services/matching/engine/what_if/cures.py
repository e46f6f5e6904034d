"""The smallest set of cures that brings a product or a cluster to its target: greedy, made smaller, with a lower bound.

A cure is what one supplier is to do once: it gets the certificate, and all near misses go that only this kept away.
Each round takes the cure that brings the product most beside those taken. Gains may rise when others are cured, so that
a round may find nothing where several together bring something: then all are taken at once. At last each is left out
again that the others can do without. Every step is tried exactly.

The lower bound: the flow beyond the optimum passes over what a set of cures opens, so that no set brings more than the
sum of what each can carry at most. As many of the largest as it takes to cover what is lacking are needed at least.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Cure, CureSet, Rule
from services.matching.engine.raise_rate.market import Ints
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.what_if.kept import Kept
from services.matching.engine.what_if.near import NearRow

VISITS = 100_000_000
"""How many arcs may be looked at for one product; then the set is what was found so far."""


MOST_SETS = 20
"""For how many products, and clusters, sets are sought in a run: those that lack most. Others when asked for."""


@dataclass(frozen=True)
class Remedy:
    """What one supplier may do about one thing that it lacks, and the offers that it opens."""

    supplier: int
    rule: Rule
    what: str
    offers: Ints


def remedies(near: Sequence[NearRow], offers: Ints) -> list[Remedy]:
    """The cures that there are, by supplier, rule and what is lacking; `offers` are those of the near misses."""
    found: dict[tuple[int, Rule, str], list[int]] = defaultdict(list)
    for row, offer in zip(near, offers.tolist(), strict=True):
        if offer >= 0:
            found[row.supplier, row.rule, row.obstacle].append(offer)
    return [Remedy(*key, np.array(sorted(rows), np.int64)) for key, rows in sorted(found.items())]


def smallest_sets(kept: Kept, every: Sequence[Remedy]) -> list[CureSet]:
    """Small sets for the products that lack most of their targets, in the order of the products."""
    room = kept.room()
    order = np.argsort(-room, kind="stable")[:MOST_SETS]
    found = (smallest_set(kept, product, every) for product in sorted(order[room[order] > 0].tolist()))
    return [each for each in found if each is not None]


def cluster_sets(kept: Kept, snapshot: Snapshot, every: Sequence[Remedy]) -> list[CureSet]:
    """The same for clusters, each with its products together; no product need reach the target by itself."""
    return [of_cluster(found) for found in smallest_sets(by_cluster(kept, snapshot), every)]


def by_cluster(kept: Kept, snapshot: Snapshot) -> Kept:
    """The kept optimum by cluster positions; the products of no cluster are the last group, which lacks nothing."""
    none = len(snapshot.clusters)
    group = [none if row.cluster is None else row.cluster for row in snapshot.products]
    counted, local = [0] * (none + 1), [0] * (none + 1)
    for line in snapshot.lines:
        counted[group[line.product]] += line.spend - line.excluded
        local[group[line.product]] += line.local_now + line.committed
    for at, moved in zip(group, kept.moved.tolist(), strict=True):
        local[at] += moved
    asked = [-(-row.target * of // 10_000) for row, of in zip(snapshot.clusters, counted[:none], strict=True)]
    room = [max(0, wanted - there) for wanted, there in zip([*asked, 0], local, strict=True)]
    return kept.grouped(np.array(group, np.int64), np.array(room, np.int64))


def of_cluster(found: CureSet) -> CureSet:
    """A set that was sought for a group, told as the cluster's."""
    return replace(found, product=None, cluster=found.product)


def smallest_set(kept: Kept, product: int, every: Sequence[Remedy]) -> CureSet | None:
    """A small set that brings the product to its target; None where the optimum reaches it."""
    lacking = int(kept.room()[product])
    if not lacking:
        return None
    useful = _useful(kept, product, every)
    quota = np.zeros(len(kept.room()), np.int64)
    quota[product] = lacking
    most = kept.copy().open_for(_offers(useful), quota)
    taken = _greedy(kept, quota, useful, min(most, lacking))
    if most >= lacking:
        taken = _without_idle(kept, quota, taken, lacking)
    cures = _told(kept, quota, taken)
    gain = sum(cure.gain for cure in cures)
    bound = _fewest([_at_most(kept, remedy) for remedy in useful], lacking) if most >= lacking else None
    return CureSet(product, lacking, cures, gain, most, gain >= lacking, bound)


def _useful(kept: Kept, product: int, every: Sequence[Remedy]) -> list[Remedy]:
    """The cures that may be on the way of a 元 of the product."""
    if not every:
        return []
    within = kept.within_reach(_offers(every), product)
    ends = np.cumsum([len(remedy.offers) for remedy in every]).tolist()
    return [remedy for remedy, end in zip(every, ends, strict=True) if within[end - len(remedy.offers) : end].any()]


def _greedy(kept: Kept, quota: Ints, useful: Sequence[Remedy], wanted: int) -> list[Remedy]:
    """Take the best cure until what is wanted is there, or nothing more comes of any."""
    market, left, last = kept.copy(), quota.copy(), kept.visits + VISITS
    taken: list[Remedy] = []
    hoped = dict.fromkeys(range(len(useful)), UNLIMITED)
    while wanted > quota.sum() - left.sum() and hoped:
        best, gain = _best(market, left, useful, hoped)
        if gain <= 0 or kept.visits > last:
            return [*taken, *(useful[at] for at in hoped)]
        del hoped[best]
        taken.append(useful[best])
        left = left - market.open_for(useful[best].offers, left) * (quota > 0)
    return taken


def _best(kept: Kept, left: Ints, useful: Sequence[Remedy], hoped: dict[int, int]) -> tuple[int, int]:
    """The cure that brings most now, as a rule: those are tried whose last gain was above the best so far."""
    best, most = -1, 0
    for at in sorted(hoped, key=lambda row: (-hoped[row], row)):
        if hoped[at] <= most:
            break
        hoped[at] = int(kept.gains([useful[at].offers], UNLIMITED // 2, left)[0])
        if hoped[at] > most:
            best, most = at, hoped[at]
    return best, most


def _without_idle(kept: Kept, quota: Ints, taken: list[Remedy], lacking: int) -> list[Remedy]:
    """Leave out, the last taken first, what the others can do without."""
    for remedy in reversed(taken.copy()):
        others = [other for other in taken if other is not remedy]
        if int(kept.gains([_offers(others)], UNLIMITED // 2, quota)[0]) >= lacking:
            taken = others
    return taken


def _told(kept: Kept, quota: Ints, taken: Sequence[Remedy]) -> list[Cure]:
    """The cures in their order, each with what it brings beside those before it."""
    market, left, cures = kept.copy(), quota.copy(), []
    for remedy in taken:
        gain = market.open_for(remedy.offers, left)
        left = left - gain * (quota > 0)
        lines = sorted(set(kept.market.line[remedy.offers].tolist()))
        cures.append(Cure(remedy.supplier, remedy.rule, remedy.what, lines, gain))
    return cures


def _at_most(kept: Kept, remedy: Remedy) -> int:
    """What a cure can bring at most, whatever else is cured.

    New flow passes the offers that it opens, and those beside them that reach the pair's minimum only now: not more
    than each pair's cap, each capability's capacity, and the supplier's total. A dearer price may widen a capability,
    too.
    """
    market = kept.market
    pairs: dict[int, int] = {}
    by_capability: dict[int, int] = defaultdict(int)
    for pair in np.unique(market.pair[remedy.offers]).tolist():
        rows = np.arange(market.pair_start[pair], market.pair_start[pair + 1])
        shut = [row for row in rows.tolist() if kept.capacity(row) < market.most[row]]
        pairs[pair] = min(int(market.cap[pair]), sum(int(market.most[row]) for row in shut))
        for row in shut:
            by_capability[int(market.capability[row])] += int(market.most[row])
    widths = {who: max(kept.capacity(kept.capability_arc(who)), _dearest(kept, who)) for who in by_capability}
    carried = sum(min(most, widths[who]) for who, most in by_capability.items())
    wider = sum(width - kept.capacity(kept.capability_arc(who)) for who, width in widths.items())
    return min(sum(pairs.values()), carried, int(market.limit[remedy.supplier])) + wider


def _dearest(kept: Kept, capability: int) -> int:
    """A limited capability's capacity at the highest price of all its offers, closed or open; 0 for others."""
    market = kept.market
    if market.stock[capability] >= UNLIMITED:
        return 0
    rows = market.offers_of[market.capability_start[capability] : market.capability_start[capability + 1]]
    return int(market.reach[rows].max())


def _fewest(most: list[int], lacking: int) -> int | None:
    """How many of the largest cover what is lacking."""
    sums = accumulate(sorted(most, reverse=True))
    return next((number for number, total in enumerate(sums, 1) if total >= lacking), None)


def _offers(of: Sequence[Remedy]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *(remedy.offers for remedy in of)])
