"""The market of a run with its near misses laid out beside the eligible pairs, as offers that are closed."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.columns import Columns
from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.market import Ints, Market
from services.matching.engine.raise_rate.opening import Pairs, Trade, limits_of, open_market
from services.matching.engine.what_if.kept import Kept, Mask


@dataclass(frozen=True)
class Union:
    """The market of both, who is eligible in it, and where the near misses are (-1: nothing could flow there).

    `idle` are the pairs (line, capability) of either that are not in it: no change could let anything flow there.
    """

    market: Market
    is_open: Mask
    near: Ints
    idle: frozenset[tuple[int, int]]


def unite(columns: Columns, trade: Trade, eligible: Pairs, near: Pairs) -> Union:
    """Lay out eligible pairs and near misses, those too that could carry something only after a change."""
    both = Pairs(
        line=np.append(eligible.line, near.line),
        capability=np.append(eligible.capability, near.capability),
        score=np.append(eligible.score, near.score),
    )
    market = _limited(open_market(columns, _generous(trade), both), trade)
    there = positions(market, both.line, both.capability)
    is_open, near_offers = there[: len(eligible.line)], there[len(eligible.line) :]
    mask = np.zeros(len(market.line), bool)
    mask[is_open[is_open >= 0]] = True
    idle = zip(both.line[there < 0].tolist(), both.capability[there < 0].tolist(), strict=True)
    return Union(market, mask, near_offers, frozenset(idle))


def _generous(trade: Trade) -> Trade:
    """So much may move and be made that no pair is left out which some change could bring to life."""
    anything, unstated = np.full(len(trade.yuan), UNLIMITED, np.int64), np.full(len(trade.units), -1, np.int64)
    return trade._replace(movable=np.maximum(trade.movable, 1), yuan=anything, units=unstated)


def _limited(market: Market, trade: Trade) -> Market:
    """The market with what there really is; a limited stock is only known as such (what it is worth is `reach`)."""
    limits = limits_of(trade, market.line, market.capability)
    is_limited = (trade.yuan < UNLIMITED) | (trade.units >= 0)
    return market._replace(
        most=limits.most,
        reach=limits.reach,
        movable=trade.movable.copy(),
        stock=np.where(is_limited, 0, UNLIMITED).astype(np.int64),
    )


def keep(union: Union, plain: Market, amounts: Ints) -> Kept:
    """Keep an optimum of the market of the eligible pairs alone; `amounts` belong to its offers."""
    there = positions(union.market, plain.line, plain.capability)
    found = np.zeros(len(union.market.line), np.int64)
    found[there] = amounts
    return Kept(union.market, union.is_open, found)


def positions(market: Market, line: Ints, capability: Ints) -> Ints:
    """The offer of each pair of line and capability; -1 where there is none."""
    size = len(market.stock)
    keys = market.line * size + market.capability
    order = np.argsort(keys)
    wanted = line * size + capability
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), max(len(keys) - 1, 0))
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    found = order[at]
    return np.where(keys[found] == wanted, found, -1).astype(np.int64)
