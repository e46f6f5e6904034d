"""What more capacity of a capability brings: one unit, and a tenth.

The dual of a full capability says that each further 元 may bring one. Where money is round that is mostly the left
derivative, and too much: so it is shown as a bound only, and the truth is tried on the kept optimum.
"""

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import CapacityValue
from services.matching.engine.raise_rate.market import Ints
from services.matching.engine.raise_rate.opening import Trade, limits_of
from services.matching.engine.what_if.kept import Kept, Trial

PIECE = 1000
"""Of 1/1000 units."""

MOST_TRIED = 2_000
"""How many capabilities are tried, those that carry most first."""


def capacity_values(kept: Kept, trade: Trade) -> list[CapacityValue]:
    """The capabilities of which more capacity brings something, those whose tenth brings most first."""
    limited = np.flatnonzero((trade.yuan < UNLIMITED) | (trade.units >= 0)).tolist()
    arcs = {capability: kept.capability_arc(capability) for capability in limited}
    used = {capability: kept.flow(arc) for capability, arc in arcs.items() if arc >= 0 and kept.flow(arc) > 0}
    tried = sorted(used, key=lambda capability: (-used[capability], capability))[:MOST_TRIED]
    found = [_value(kept, trade, capability) for capability in tried]
    return sorted((row for row in found if row.tenth_gain or row.step_gain), key=lambda row: -row.tenth_gain)


def _value(kept: Kept, trade: Trade, capability: int) -> CapacityValue:
    pieces, yuan = int(trade.units[capability]), int(trade.yuan[capability])
    now, one = (pieces, PIECE) if pieces >= 0 else (yuan, 1)
    step, by_step = _raised(kept, trade, capability, now + one)
    tenth, by_tenth = _raised(kept, trade, capability, now + max(now // 10, one))
    arc = kept.capability_arc(capability)
    at_most = tenth if kept.flow(arc) == kept.capacity(arc) else 0
    return CapacityValue(capability, step, by_step.gain, tenth, by_tenth.gain, at_most, by_tenth.by_product)


def _raised(kept: Kept, trade: Trade, capability: int, now: int) -> tuple[int, Trial]:
    """By how many 元 the capability's capacity grows, and what that brings: its offers may carry more, too."""
    market = kept.market
    first, last = market.capability_start[capability], market.capability_start[capability + 1]
    rows = market.offers_of[first:last]
    rows = rows[kept.is_open[rows]]
    limits = limits_of(_with(trade, capability, now), market.line[rows], market.capability[rows])
    before = kept.capacity(kept.capability_arc(capability))
    return int(limits.reach.max(initial=before)) - before, kept.try_limits(rows, limits.most, limits.reach)


def _with(trade: Trade, capability: int, now: int) -> Trade:
    units: Ints = trade.units
    if units[capability] >= 0:
        units = units.copy()
        units[capability] = now
        return trade._replace(units=units)
    yuan = trade.yuan.copy()
    yuan[capability] = now
    return trade._replace(yuan=yuan)
