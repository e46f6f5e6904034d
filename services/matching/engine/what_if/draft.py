"""A market with changes made to it: the offers that they concern, and what these may carry then."""

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.market import Ints
from services.matching.engine.raise_rate.opening import Trade, limits_of
from services.matching.engine.what_if.changes import (
    AddSupplier,
    Change,
    ClosePair,
    OpenPair,
    RemoveSupplier,
    SetCapacity,
    SetMovable,
    UnknownPair,
)
from services.matching.engine.what_if.kept import Mask
from services.matching.engine.what_if.network import MOST_ADDED
from services.matching.engine.what_if.union import Union, positions


class Draft:
    """The union's market with changes made to a copy of it, one after the other; the last one on a thing holds."""

    def __init__(self, union: Union, trade: Trade) -> None:
        market = union.market
        copies = {name: getattr(market, name).copy() for name in ("most", "reach", "movable")}
        self.market = market._replace(**copies)
        self.is_open: Mask = union.is_open.copy()
        self._idle = union.idle
        self.trade = trade._replace(movable=trade.movable.copy(), yuan=trade.yuan.copy(), units=trade.units.copy())
        self.lines: set[int] = set()
        self.capabilities: set[int] = set()
        self.added: list[AddSupplier] = []
        self._rows: list[Ints] = []

    def apply(self, position: int, change: Change) -> None:
        """Make a change; raises UnknownPair with its position."""
        match change:
            case OpenPair(line, capability) | ClosePair(line, capability):
                row = positions(self.market, np.array([line]), np.array([capability]))
                if row[0] >= 0:
                    self._switch(row, isinstance(change, OpenPair))
                elif (line, capability) not in self._idle:
                    raise UnknownPair(position)
            case SetCapacity(capability, yuan, units):
                self.trade.yuan[capability] = UNLIMITED if yuan is None else yuan
                self.trade.units[capability] = -1 if units is None else units
                self.capabilities.add(capability)
                self._limit(self._of_capability(capability))
            case RemoveSupplier(supplier):
                self._switch(np.flatnonzero(self.market.supplier == supplier), False)
            case SetMovable(line, movable):
                self.trade.movable[line] = self.market.movable[line] = movable
                self.lines.add(line)
                self._limit(np.arange(self.market.line_start[line], self.market.line_start[line + 1]))
            case AddSupplier():
                self.added.append(change)
                if sum(len(each.lines) for each in self.added) > MOST_ADDED:
                    raise ValueError(f"more than {MOST_ADDED} pairs are added")

    def concerned(self) -> Ints:
        """All offers of the pairs that have a changed one, ascending."""
        pairs = np.unique(self.market.pair[np.concatenate([np.zeros(0, np.int64), *self._rows])])
        start = self.market.pair_start
        spans = [np.arange(start[pair], start[pair + 1]) for pair in pairs.tolist()]
        return np.concatenate([np.zeros(0, np.int64), *spans])

    def capacity(self, capability: int, may_pass: Mask) -> int:
        """What a capability can make, in 元, pieces at the highest price among the offers that may pass."""
        if self.trade.yuan[capability] >= UNLIMITED and self.trade.units[capability] < 0:
            return UNLIMITED
        rows = self._of_capability(capability)
        return int(self.market.reach[rows[may_pass[rows]]].max(initial=0))

    def _of_capability(self, capability: int) -> Ints:
        start = self.market.capability_start
        found: Ints = self.market.offers_of[start[capability] : start[capability + 1]]
        return found

    def _switch(self, rows: Ints, is_open: bool) -> None:
        self.is_open[rows] = is_open
        self._rows.append(rows)

    def _limit(self, rows: Ints) -> None:
        """Say anew what these offers may carry."""
        limits = limits_of(self.trade, self.market.line[rows], self.market.capability[rows])
        self.market.most[rows], self.market.reach[rows] = limits.most, limits.reach
        self._rows.append(rows)
