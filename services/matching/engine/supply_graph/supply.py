"""Who has how much of which line, by stage: what is bought now, what is approved, what a plan suggests."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.judgement.facts import anchor_of
from services.matching.engine.locality import Locality, current_region, locality
from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Incumbent, Snapshot, Supplier

Ints = NDArray[np.int64]


class Stage(StrEnum):
    """The state of an amount; in this order each is counted on top of the former ones."""

    CURRENT = "current"
    APPROVED = "approved"
    SUGGESTED = "suggested"


STAGES = list(Stage)


@dataclass(frozen=True)
class Supply:
    """The amounts of the seen lines, counted up to a stage.

    Row r: `supplier[r]` has `amount[r]` > 0 元 a year of `line[r]`, in the state `STAGES[stage[r]]`; the rows stand in
    the order of (line, supplier, stage). What nobody named supplies is in no row: a line's spend less its rows.
    """

    snapshot: Snapshot
    lines: tuple[int, ...]
    line: Ints
    supplier: Ints
    stage: Ints
    amount: Ints


def supply_of(snapshot: Snapshot, plan: Plan, policy: Policy, until: Stage, lines: Collection[int]) -> Supply:
    """The supply of some lines with all stages up to `until`.

    What is approved or suggested takes the place of what is bought now: of suppliers outside first, then of those of
    unknown origin, as a plan moves it; within each, every supplier gives way in proportion.
    """
    seen = sorted(lines)
    members = frozenset(seen)
    amounts: dict[tuple[int, int, int], int] = defaultdict(int)
    for line, supplier, stage, amount in _rows(snapshot, plan, policy, until):
        if line in members:
            amounts[line, supplier, STAGES.index(stage)] += amount
    rows = [(*key, amount) for key, amount in sorted(amounts.items()) if amount > 0]
    columns = np.array(rows, np.int64).reshape(-1, 4).T.copy()
    return Supply(snapshot, tuple(seen), *columns)


def place_of(supplier: Supplier) -> str | None:
    """The code of a supplier's region; of a region that is no more, its successor's."""
    return current_region(supplier.region)


def _rows(snapshot: Snapshot, plan: Plan, policy: Policy, until: Stage) -> Iterator[tuple[int, int, Stage, int]]:
    """(line, supplier, stage, 元), several for a supplier with several capabilities."""
    kept = _Kept(snapshot, plan, policy, until)
    for row in snapshot.incumbents:
        yield row.line, row.supplier, Stage.CURRENT, kept.amount(row)
    if until is Stage.CURRENT:
        return
    for done in snapshot.commitments:
        yield done.line, snapshot.capabilities[done.capability].supplier, Stage.APPROVED, done.amount
    for wanted in plan.suggestions if until is Stage.SUGGESTED else ():
        yield wanted.line, wanted.supplier, Stage.SUGGESTED, wanted.amount


class _Kept:
    """What an incumbent keeps of a line when others take their part.

    A snapshot's `outside` and `unknown` are already less by what is `committed`, which came from outside as long as
    there was any; so while `outside` > 0, all of it did. Where nothing is left outside, how much of `committed` came
    from unknown origin is not recorded, and those of unknown origin are taken to have given all of it.
    """

    def __init__(self, snapshot: Snapshot, plan: Plan, policy: Policy, until: Stage) -> None:
        self._snapshot, self._scope, self._until = snapshot, policy.scope, until
        self._anchors = [anchor_of(row, snapshot.clusters, policy) for row in snapshot.products]
        self._suggested: dict[int, int] = defaultdict(int)
        for row in plan.suggestions if until is Stage.SUGGESTED else ():
            self._suggested[row.line] += row.amount

    def amount(self, row: Incumbent) -> int:
        """元 of its line that the incumbent keeps, rounded down; one related to the leader is never displaced."""
        if self._until is Stage.CURRENT or row.related:
            return row.amount
        line, supplier = self._snapshot.lines[row.line], self._snapshot.suppliers[row.supplier]
        where = locality(self._scope, supplier.region, supplier.cluster_keys, self._anchors[line.product])
        if where is Locality.LOCAL:
            return row.amount
        share = self._outside(row.line) if where is Locality.OUTSIDE else self._unknown(row.line)
        return int(row.amount * share)

    def _outside(self, at: int) -> Fraction:
        line = self._snapshot.lines[at]
        if line.outside == 0:
            return Fraction(line.committed == 0)
        return Fraction(max(0, line.outside - self._suggested[at]), line.outside + line.committed)

    def _unknown(self, at: int) -> Fraction:
        line = self._snapshot.lines[at]
        before = line.unknown + (line.committed if line.outside == 0 else 0)
        left = line.unknown - max(0, self._suggested[at] - line.outside)
        return Fraction(max(0, left), before) if before else Fraction(1)
