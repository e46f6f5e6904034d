"""What stops when firms are gone: their lines are offered to everybody else who could make them, and solved again.

The affected part is a transport problem: each line sends what the lost firms had of it to other eligible capabilities
within what these have to spare, or, at a cost of 1 per 元, nowhere; the least cost is what stops.

    line (supply: what is lost of it) → capability → its supplier's total, if limited → hub
    line → hub, at cost 1
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, FlowProblem, Ints
from services.matching.engine.flow.solver import solve_flow
from services.matching.engine.supply_graph.supply import Supply

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Alternatives:
    """Who else could make what: eligible pairs, and what is to spare.

    Pair p: `most[p]` 元 of `line[p]` could come from `capability[p]`; pairs stand in the order of their lines.
    Capability c, of supplier `supplier[c]`, has `capacity[c]` 元 to spare, and supplier s `limit[s]` 元 in all
    (UNLIMITED: any amount).
    """

    line: Ints
    capability: Ints
    most: Ints
    supplier: Ints
    capacity: Ints
    limit: Ints


@dataclass(frozen=True)
class Loss:
    """What the loss of some firms does: of `lost[i]` 元 of `line[i]`, others take over `recovered[i]`.

    How much is recovered in all is certain; how it is spread over lines that compete for the same capacity is one
    choice of several.
    """

    line: Ints
    lost: Ints
    recovered: Ints

    @classmethod
    def read(cls, columns: Mapping[str, Sequence[int]]) -> Self:
        """A loss that was written as lists."""
        return cls(**{name: np.array(column, np.int64) for name, column in columns.items()})

    @property
    def supplied(self) -> int:
        """What the lost firms supply, in 元."""
        return int(self.lost.sum())

    @property
    def stopped(self) -> int:
        """What nobody takes over, in 元."""
        return int(self.lost.sum() - self.recovered.sum())


def loss_of(supply: Supply, others: Alternatives, gone: Flags) -> Loss:
    """What stops when the suppliers flagged in `gone` (shape: suppliers) are gone, all together."""
    return relief_of(supply, others, gone)[0]


def relief_of(supply: Supply, others: Alternatives, gone: Flags) -> tuple[Loss, Ints]:
    """The same, and what each supplier takes over in it, shape (suppliers,)."""
    affected = gone[supply.supplier]
    line, at = np.unique(supply.line[affected], return_inverse=True)
    lost = np.zeros(len(line), np.int64)
    np.add.at(lost, at, supply.amount[affected])
    taken = np.zeros(len(others.limit), np.int64)
    if not len(line):
        return Loss(line, lost, lost), taken
    pairs = pairs_of(others, line)
    left = pairs[~gone[others.supplier[others.capability[pairs]]]]
    flow = solve_flow(_problem(line, lost, others, left)).flow
    np.add.at(taken, others.supplier[others.capability[left]], flow[len(line) : len(line) + len(left)])
    return Loss(line, lost, lost - flow[: len(line)]), taken


def pairs_of(others: Alternatives, lines: Ints) -> Ints:
    """The positions of the pairs of some lines (ascending)."""
    first, end = np.searchsorted(others.line, lines, "left"), np.searchsorted(others.line, lines, "right")
    count = end - first
    before = np.cumsum(count) - count
    return np.repeat(first - before, count) + np.arange(count.sum())


def _problem(line: Ints, lost: Ints, others: Alternatives, pairs: Ints) -> FlowProblem:
    """Nodes: lines, capabilities, limited suppliers, hub. Arcs: line → hub, pairs, capabilities, suppliers."""
    capability, at_capability = np.unique(others.capability[pairs], return_inverse=True)
    owner = others.supplier[capability]
    supplier, at_supplier = np.unique(owner, return_inverse=True)
    lines, first_supplier = len(line), len(line) + len(capability)
    hub = first_supplier + len(supplier)
    own = np.arange(lines, dtype=np.int64)
    at_line = np.searchsorted(line, others.line[pairs])
    tail = (own, at_line, lines + np.arange(len(capability)), first_supplier + np.arange(len(supplier)))
    head = (np.full(lines, hub), lines + at_capability, first_supplier + at_supplier, np.full(len(supplier), hub))
    width = (lost, np.minimum(others.most[pairs], lost[at_line]), others.capacity[capability], others.limit[supplier])
    capacity = np.minimum(np.concatenate(width), UNLIMITED)
    cost = np.zeros(len(capacity), np.int64)
    cost[:lines] = 1
    return FlowProblem(
        tail=np.concatenate(tail).astype(np.int64),
        head=np.concatenate(head).astype(np.int64),
        lower=np.zeros(len(capacity), np.int64),
        capacity=capacity.astype(np.int64),
        cost=cost,
        supply=np.concatenate([lost, np.zeros(hub - lines, np.int64), [-lost.sum()]]).astype(np.int64),
    )
