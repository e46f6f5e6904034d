"""A run made ready for what-ifs: from its snapshot and policy to a kept basis, asked and answered in its positions.

The run's snapshot never changes, nor does the engine's answer to it, so that what is kept here is what the run saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from services.matching.engine.candidates.search import open_hall, shortlists
from services.matching.engine.judgement.eligibility import Bench
from services.matching.engine.judgement.facts import gather
from services.matching.engine.plan import CureSet, Objective
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.canonical import Orders, original_cures
from services.matching.engine.preparation.prepared import prepare
from services.matching.engine.raise_rate.opening import Pairs, trade_of
from services.matching.engine.raise_rate.supply_network import Counting
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.supply_graph.alternatives import in_order
from services.matching.engine.what_if.changes import (
    AddSupplier,
    Change,
    ClosePair,
    OpenPair,
    RemoveSupplier,
    SetCapacity,
    SetMovable,
)
from services.matching.engine.what_if.cures import Remedy, by_cluster, of_cluster, remedies, smallest_set
from services.matching.engine.what_if.kept import Kept
from services.matching.engine.what_if.near import near_row
from services.matching.engine.what_if.union import unite
from services.matching.engine.what_if.what_if import Shift, WhatIf


@dataclass(frozen=True)
class Answer:
    """What changes do to what is attainable: the objective, 元 by product (every one), and the greatest shifts."""

    before: Objective
    after: Objective
    moved_before: list[int]
    moved_after: list[int]
    shifts: list[Shift]
    shifted: int
    pivots: int


class Rehearsal:
    """A run's kept basis, and its eligible `pairs`. All positions are those of the snapshot as it was stored."""

    def __init__(self, snapshot: Snapshot, policy: Policy) -> None:
        ready = prepare(snapshot, policy)
        columns, self._orders, self._facts = ready.columns, ready.orders, gather(ready.snapshot, policy)
        lists = shortlists(open_hall(columns))
        eligible, near = (Pairs(found.line, found.capability, found.score) for found in (lists.candidates, lists.near))
        trade = trade_of(columns)
        old_lines, old_capabilities = np.array(self._orders.lines.old), np.array(self._orders.capabilities.old)
        self.pairs = in_order(old_lines[eligible.line], old_capabilities[eligible.capability])
        self._near, self._union = near, unite(columns, trade, eligible, near)
        self._what_if = WhatIf(self._union, trade, [Counting.ALL] * len(snapshot.products))

    def what_if(self, changes: Sequence[Change], most_shifts: int) -> Answer:
        """What the changes do, made together. Raises UnknownPair."""
        found = self._what_if.what_if([_ordered(change, self._orders) for change in changes])
        shifts = sorted(found.shifts, key=lambda row: (-abs(row.after - row.before), row.line, row.capability))
        return Answer(
            before=found.before.objective,
            after=found.after.objective,
            moved_before=self._orders.products.restore(found.before.moved.tolist()),
            moved_after=self._orders.products.restore(found.after.moved.tolist()),
            shifts=[_told(row, self._orders) for row in shifts[:most_shifts]],
            shifted=len(shifts),
            pivots=found.pivots,
        )

    def cures(self, product: int) -> CureSet | None:
        """A small set of cures that brings a product to its target; None where the optimum reaches it."""
        kept, every = self._cures
        found = smallest_set(kept, self._orders.products.new[product], every)
        return None if found is None else original_cures(found, self._orders)

    def cluster_cures(self, cluster: int) -> CureSet | None:
        """The same for a cluster, its products together."""
        kept, every = self._cures
        grouped = by_cluster(kept, self._facts.snapshot)
        found = smallest_set(grouped, self._orders.clusters.new[cluster], every)
        return None if found is None else original_cures(of_cluster(found), self._orders)

    @cached_property
    def _cures(self) -> tuple[Kept, list[Remedy]]:
        """What cures are tried on, and all that there are: each near miss has to be put into words first."""
        bench, columns = Bench(self._facts), (self._near.line, self._near.capability, self._near.score)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        near = [near_row(self._facts, bench, *row)[0] for row in rows]
        kept = Kept(self._union.market, self._union.is_open, self._what_if.amounts)
        return kept, remedies(near, self._union.near)


def _ordered(change: Change, orders: Orders) -> Change:
    """A change in canonical positions."""
    lines, capabilities = orders.lines.new, orders.capabilities.new
    match change:
        case OpenPair() | ClosePair():
            return replace(change, line=lines[change.line], capability=capabilities[change.capability])
        case SetCapacity():
            return replace(change, capability=capabilities[change.capability])
        case RemoveSupplier():
            return replace(change, supplier=orders.suppliers.new[change.supplier])
        case SetMovable():
            return replace(change, line=lines[change.line])
        case AddSupplier():
            return replace(change, lines=tuple(lines[line] for line in change.lines))


def _told(row: Shift, orders: Orders) -> Shift:
    known = orders.capabilities.old
    capability = known[row.capability] if row.capability < len(known) else row.capability
    return replace(row, line=orders.lines.old[row.line], capability=capability)
