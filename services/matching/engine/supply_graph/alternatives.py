"""Who else could make what: the candidates of every line of a run, and what their capacities have to spare."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED, Ints
from services.matching.engine.judgement.facts import pieces_per_yuan
from services.matching.engine.plan import Plan
from services.matching.engine.policy import Basis, Policy
from services.matching.engine.snapshot import Capability, Snapshot
from services.matching.engine.supply_graph.losses import Alternatives
from services.matching.engine.supply_graph.supply import Stage


@dataclass(frozen=True)
class Eligible:
    """Eligible pairs, in the order of (line, capability)."""

    line: Ints
    capability: Ints


def in_order(line: Ints, capability: Ints) -> Eligible:
    """Pairs, in whatever order they come."""
    order = np.lexsort((capability, line))
    return Eligible(line[order].astype(np.int64), capability[order].astype(np.int64))


def alternatives(snapshot: Snapshot, plan: Plan, policy: Policy, until: Stage, pairs: Eligible) -> Alternatives:
    """The pairs with what they could take beyond all stages up to `until`.

    In need the dual-source cap and the minimum are waived: a pair may take as much of a line as its capacity allows.
    Pieces become 元 at the lowest price among the capability's lines, so that none is promised twice; what is
    recovered is then a lower bound where prices differ.
    """
    room = _Room(snapshot, plan, policy, until, pairs)
    capacity = np.array([room.capability(at) for at in range(len(snapshot.capabilities))], np.int64)
    return Alternatives(
        line=pairs.line,
        capability=pairs.capability,
        most=capacity[pairs.capability],
        supplier=np.array([row.supplier for row in snapshot.capabilities], np.int64),
        capacity=capacity,
        limit=np.array([room.supplier(at) for at in range(len(snapshot.suppliers))], np.int64),
    )


class _Room:
    """What capabilities and suppliers have to spare, in 元."""

    def __init__(self, snapshot: Snapshot, plan: Plan, policy: Policy, until: Stage, pairs: Eligible) -> None:
        self._snapshot = snapshot
        self._limited = policy.limit_capacity and policy.basis is not Basis.LINES
        self._taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._sold: dict[int, int] = defaultdict(int)
        for line, capability, amount in _takers(snapshot, plan, until):
            self._taken[capability].append((line, amount))
            self._sold[snapshot.capabilities[capability].supplier] += amount
        self._lines: dict[int, list[int]] = defaultdict(list)
        in_pieces = np.array([row.capacity_units is not None for row in snapshot.capabilities], np.bool_)
        priced = in_pieces[pairs.capability]
        rows = zip(pairs.line[priced].tolist(), pairs.capability[priced].tolist(), strict=True)
        for line, capability in rows:
            self._lines[capability].append(line)

    def capability(self, at: int) -> int:
        """What a capability has to spare."""
        row = self._snapshot.capabilities[at]
        if not self._limited or (row.capacity_yuan is None and row.capacity_units is None):
            return UNLIMITED
        if row.capacity_yuan is not None:
            return max(0, row.capacity_yuan - sum(amount for _, amount in self._taken[at]))
        return self._pieces(row, at)

    def supplier(self, at: int) -> int:
        """What a supplier has to spare in all."""
        total = self._snapshot.suppliers[at].total_capacity
        if not self._limited or total is None:
            return UNLIMITED
        return max(0, total - self._sold[at])

    def _pieces(self, row: Capability, at: int) -> int:
        """Pieces left, as 元 at the lowest price; 0 where no line tells a price."""
        each = [pieces_per_yuan(self._snapshot.lines[line], row) for line in self._lines[at]]
        told = [pieces for pieces in each if pieces is not None]
        if not told:
            return 0
        used = ((amount, pieces_per_yuan(self._snapshot.lines[line], row)) for line, amount in self._taken[at])
        left = Fraction(row.capacity_units or 0) - sum(amount * each for amount, each in used if each is not None)
        return max(0, floor(left / max(told)))


def _takers(snapshot: Snapshot, plan: Plan, until: Stage) -> Iterable[tuple[int, int, int]]:
    """(line, capability, 元) of what takes capacity beside today's purchases, which spare capacity is free of."""
    for done in snapshot.commitments:
        yield done.line, done.capability, done.amount
    for wanted in plan.suggestions if until is Stage.SUGGESTED else ():
        yield wanted.line, wanted.capability, wanted.amount
