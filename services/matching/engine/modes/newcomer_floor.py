"""The newcomer floor in a plan: at least a share of what is moved goes to firms new to every supplier system.

The flow under the floor is exact (newcomers.py). The plan under minimums is then made with known firms held to what
that flow gives them; where the minimums took more from newcomers than from known firms, known pairs are given up again,
the smallest first, until the share holds.
"""

from fractions import Fraction

import numpy as np

from services.matching.engine.columns import Bools, Columns, Ints
from services.matching.engine.modes.newcomers import NewcomerPlan, with_share
from services.matching.engine.plan import NewcomerOutcome
from services.matching.engine.policy import exact_share
from services.matching.engine.raise_rate.ledger import Ledger, booked
from services.matching.engine.raise_rate.market import Market
from services.matching.engine.raise_rate.minimum import viable
from services.matching.engine.raise_rate.planning import make_plan
from services.matching.engine.raise_rate.supply_network import HUB, Layout
from services.matching.engine.raise_rate.targets import Optimum, optimum


def plan_with_floor(columns: Columns, market: Market, bound: Optimum) -> tuple[Ledger, NewcomerOutcome]:
    """The plan that keeps the policy's newcomer share, and what the floor costs."""
    share = exact_share(columns.policy.newcomer_share)
    new = ~columns.suppliers.known[market.supplier]
    flow = _flow(columns, bound.layout, share)
    held = np.where(new, market.most, bound.layout.amounts(flow.flow))
    narrower = market._replace(most=np.ascontiguousarray(held))
    within = optimum(narrower, viable(narrower), bound.counting)
    ledger = booked(market, make_plan(narrower, within).amounts)
    _give_up(ledger, new, share)
    amounts = ledger.amounts
    newcomers, moved = int(amounts[new].sum()), int(amounts.sum())
    reached = newcomers >= share * moved
    return ledger, NewcomerOutcome(columns.policy.newcomer_share, reached, newcomers, moved, flow.forgone)


def _flow(columns: Columns, layout: Layout, share: Fraction) -> NewcomerPlan:
    """The optimal flow under the floor: the arcs into the hub are those of capabilities, or of limited suppliers."""
    owner = np.concatenate([columns.capabilities.supplier, np.arange(len(columns.suppliers.party))])
    arcs = np.concatenate([layout.capability_arc, layout.supplier_arc])
    there = arcs >= 0
    owner, arcs = owner[there], arcs[there]
    into_hub = layout.problem.head[arcs] == HUB
    owner, arcs = owner[into_hub], np.ascontiguousarray(arcs[into_hub])
    known = columns.suppliers.known[owner]
    return with_share(layout.problem, arcs[~known], arcs[known], share)


def _give_up(ledger: Ledger, new: Bools, share: Fraction) -> None:
    """Give up known pairs, the smallest first, while newcomers have less than their share."""
    market = ledger.market
    for pair in _known_pairs(market, ledger, new):
        amounts = ledger.amounts
        if int(amounts[new].sum()) >= share * int(amounts.sum()):
            return
        for offer in range(int(market.pair_start[pair]), int(market.pair_start[pair + 1])):
            ledger.book(offer, -int(amounts[offer]))


def _known_pairs(market: Market, ledger: Ledger, new: Bools) -> list[int]:
    """The pairs in use of known firms, those that carry least first."""
    carried: Ints = ledger.carried
    used = np.flatnonzero((carried > 0) & ~new[market.pair_start[:-1]])
    return [int(pair) for pair in used[np.argsort(carried[used], kind="stable")]]
