"""What cures bring, exactly: of each near miss alone, and of levers, all near misses of one kind in one city together.

Near misses are grouped by rule, by what is lacking (a scheme, a parameter) and by city. Each is tried on the kept
optimum, so that there is no limit to their number but that of the work, which is counted in arcs looked at.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from services.matching.engine.plan import Lever, Rule
from services.matching.engine.raise_rate.market import Ints
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.what_if.kept import Kept, Trial
from services.matching.engine.what_if.near import NearRow
from shared.codes.regions import city_of

VISITS = 100_000_000
"""How many arcs may be looked at in all for near misses, and as many for levers: about a second each."""

Kind = tuple[Rule, str, str]


def near_gains(kept: Kept, near: Ints) -> tuple[list[int | None], list[dict[int, int]]]:
    """What each near miss brings if it alone is cured, and to which products; None where it was not tried.

    `near` are the offers of the near misses (-1: none). Those that could carry most are tried first.
    """
    gains: list[int | None] = [0] * len(near)
    products: list[dict[int, int]] = [{} for _ in near]
    there = np.flatnonzero(near >= 0)
    there = there[kept.may_gain(near[there])]
    order = there[np.argsort(-kept.market.most[near[there]], kind="stable")]
    for at, gain in zip(order.tolist(), kept.gains(near[order].reshape(-1, 1), VISITS).tolist(), strict=True):
        gains[at] = gain if gain >= 0 else None
        if gain > 0:
            products[at] = kept.try_opening(near[at : at + 1]).by_product
    return gains, products


def find_levers(snapshot: Snapshot, kept: Kept, near: Sequence[NearRow], offers: Ints) -> list[Lever]:
    """The levers that bring something, the most first."""
    groups = _groups(snapshot, near, offers)
    reach = {kind: int(kept.market.most[offers[rows]].sum()) for kind, rows in groups.items()}
    kinds = sorted(groups, key=lambda kind: (-reach[kind], kind))
    gains = kept.gains([offers[groups[kind]] for kind in kinds], VISITS).tolist()
    longest = [kind for kind, gain in zip(kinds, gains, strict=True) if gain > 0]
    levers = [_lever(snapshot, kept, near, kind, groups[kind], offers) for kind in longest]
    return sorted(levers, key=lambda lever: -lever.gain)


def by_cluster(snapshot: Snapshot, by_product: Mapping[int, int]) -> dict[int, int]:
    """Gains by product, summed by cluster; products of no cluster are left out."""
    gains: dict[int, int] = defaultdict(int)
    for product, gain in by_product.items():
        cluster = snapshot.products[product].cluster
        if cluster is not None:
            gains[cluster] += gain
    return {cluster: gain for cluster, gain in sorted(gains.items()) if gain}


def _groups(snapshot: Snapshot, near: Sequence[NearRow], offers: Ints) -> dict[Kind, list[int]]:
    """The near misses (positions) of each kind through which something could flow."""
    groups: dict[Kind, list[int]] = defaultdict(list)
    for at in np.flatnonzero(offers >= 0).tolist():
        region = snapshot.suppliers[near[at].supplier].region
        city = city_of(region) if region else None
        groups[near[at].rule, near[at].obstacle, city or ""].append(at)
    return dict(groups)


def _lever(snapshot: Snapshot, kept: Kept, near: Sequence[NearRow], kind: Kind, rows: list[int], offers: Ints) -> Lever:
    rule, what, city = kind
    trial: Trial = kept.try_opening(offers[rows])
    return Lever(
        rule=rule,
        what=what,
        city=city or None,
        suppliers=sorted({near[at].supplier for at in rows}),
        gain=trial.gain,
        cluster_gain=by_cluster(snapshot, trial.by_product),
    )
