"""Fictitious markets of any size for benches: the plan instances, with what a plan under minimums has to keep."""

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble, starts
from services.matching.engine.raise_rate.stocks import set_stocks
from tests.bench.instances import PlanInstance, plan_instance

MINIMUM_SHARE = 15
"""Per cent of a line that is worth a new supplier."""


def market_of(size: str, seed: int, *, crossing: bool = False) -> Market:
    """The market of an instance of a named size.

    A tenth of the suppliers has several capabilities, a tenth of the capabilities a minimum order; one in twenty is
    stated in pieces, for which lines pay prices that differ by a half; one supplier in thirty has a total.
    """
    instance = plan_instance(size, seed, cross_class=crossing, targets=True)
    draw = np.random.default_rng(seed + 1)
    capabilities = len(instance.capacity)
    supplier = np.cumsum(draw.random(capabilities) < 0.9)
    use, reach, stock = _pieces(instance, draw)
    order = np.where(draw.random(capabilities) < 0.1, instance.capacity // 10, 0)
    limit = np.where(draw.random(supplier[-1] + 1) < 1 / 30, instance.capacity.mean().astype(np.int64), UNLIMITED)
    offers = Offers(
        line=instance.line,
        supplier=supplier[instance.capability],
        capability=instance.capability,
        score=instance.score,
        most=np.minimum(instance.most, reach),
        order=order[instance.capability],
        use=use,
        reach=reach,
        share=-(-instance.amount[instance.line] * MINIMUM_SHARE // 100),
        cap=instance.most,
    )
    return assemble(offers, instance.amount, instance.product, instance.room, stock, limit)


def _pieces(instance: PlanInstance, draw: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """`use` and `reach` per pair, `stock` per capability; prices in 1/10000 元."""
    capability, capacity = instance.capability, instance.capacity
    units = np.where(draw.random(len(capacity)) < 0.05, capacity // 10, -1)
    price = draw.choice([80_000, 90_000, 100_000, 110_000, 120_000], len(instance.amount))[instance.line]
    shared = np.gcd(price, 10_000)
    top, bottom = price // shared, 10_000 // shared
    reach = np.where(units[capability] >= 0, units[capability] * top // bottom, capacity[capability])
    order, stock = np.argsort(capability, kind="stable").astype(np.int64), capacity.copy()
    use = set_stocks(starts(capability, len(capacity)), order, top, bottom, reach, units, stock)
    return use, reach, stock
