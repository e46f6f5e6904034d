"""Proposals of the last run that nobody has decided yet: changed only where that brings enough.

People are reading them, so a plan prefers them among equally good ones (`optimum`'s `kept`), and an island keeps them
where the new plan gains less than the policy's threshold. What is free beside them is still filled.
"""

import numpy as np

from services.matching.engine.columns import Shares
from services.matching.engine.raise_rate.islands import island_of
from services.matching.engine.raise_rate.ledger import Ledger, best_first, booked
from services.matching.engine.raise_rate.market import Ints, Market, summed


def former_amounts(market: Market, proposals: Shares) -> Ints:
    """元 per offer of the market as proposed last; what is not eligible any more is left out."""
    size = len(market.stock)
    keys, asked = market.line * size + market.capability, proposals.line * size + proposals.capability
    amounts = np.zeros(len(keys), np.int64)
    if len(keys) and len(asked):
        order = np.argsort(keys, kind="stable")
        at = order[np.minimum(np.searchsorted(keys, asked, sorter=order), len(keys) - 1)]
        still = keys[at] == asked
        np.add.at(amounts, at[still], proposals.amount[still])
    return np.minimum(amounts, market.most)


def settle(ledger: Ledger, former: Ints, offers: Ints, threshold: float) -> Ledger:
    """The plan in the ledger, but the former one on islands where what is new moves less than this share more.

    The former plan counts as far as it still fits, filled up by score with these offers (all that may be used).
    """
    market = ledger.market
    usable = np.zeros(len(market.line), np.int64)
    usable[offers] = former[offers]
    if not usable.any():
        return ledger
    kept = booked(market, usable)
    kept.fill(best_first(market, offers))
    stays = _stays(market, offers, kept.amounts, ledger.amounts, usable, threshold)
    amounts = np.where(stays, kept.amounts, ledger.amounts)
    return booked(market, amounts)


def _stays(market: Market, offers: Ints, kept: Ints, new: Ints, former: Ints, threshold: float) -> Ints:
    """Whether an offer is on an island that keeps its former proposals. (offers of the market,)"""
    number, islands = island_of(market, offers)
    before, after = summed(number, kept[offers], islands), summed(number, new[offers], islands)
    proposed = summed(number, former[offers], islands) > 0
    enough = after - before > np.floor(threshold * before)
    stays = np.zeros(len(market.line), bool)
    stays[offers] = (proposed & ~enough)[number]
    return stays
