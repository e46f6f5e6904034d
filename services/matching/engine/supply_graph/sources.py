"""Lines with one source: a single supplier has all that anybody is known to supply of them."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.supply_graph.supply import Supply


@dataclass(frozen=True)
class SingleSource:
    """`supplier` has `amount` 元 of a line; `unnamed` 元 of its spend have no named supplier.

    `certain`: nothing is unnamed, so that the supplier really has all of it.
    """

    line: int
    supplier: int
    amount: int
    unnamed: int

    @property
    def certain(self) -> bool:
        """Whether the supplier has all of the line's spend."""
        return self.unnamed == 0


def single_sources(supply: Supply) -> list[SingleSource]:
    """The lines of which one supplier has all that is attributed; the greatest amount at stake first."""
    amounts: dict[int, dict[int, int]] = {}
    for line, supplier, amount in zip(*np.array([supply.line, supply.supplier, supply.amount]).tolist(), strict=True):
        held = amounts.setdefault(line, {})
        held[supplier] = held.get(supplier, 0) + amount
    found = [_source(supply, line, held) for line, held in amounts.items() if len(held) == 1]
    return sorted(found, key=lambda row: (-row.amount, row.line))


def _source(supply: Supply, line: int, held: dict[int, int]) -> SingleSource:
    ((supplier, amount),) = held.items()
    return SingleSource(line, supplier, amount, max(0, supply.snapshot.lines[line].spend - amount))
