"""The optimum over products with targets, and plans under minimums, against an oracle on small markets."""

from dataclasses import astuple
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.raise_rate.greedy import greedy_amounts
from services.matching.engine.raise_rate.islands import island_of
from services.matching.engine.raise_rate.ledger import Ledger, booked
from services.matching.engine.raise_rate.market import Ints, Market, moved_by_product, objective_of
from services.matching.engine.raise_rate.minimum import broken_offers, broken_pairs, viable
from services.matching.engine.raise_rate.planning import make_plan
from services.matching.engine.raise_rate.supply_network import Counting
from services.matching.engine.raise_rate.targets import Optimum, alone, first_guess, optimum
from tests.property.matching.engine.raise_rate.markets import Value, make_market, markets, oracle

ENOUGH = settings(max_examples=100)


def reached(market: Market, amounts: Ints) -> Value:
    """The objective's three values."""
    return astuple(objective_of(market, amounts))


def everything(market: Market) -> Ints:
    """All offers."""
    return np.arange(len(market.line))


def bound_of(market: Market) -> Optimum:
    """The bound of a plan, as the engine finds it."""
    joint = optimum(market, everything(market), first_guess(market, alone(market, everything(market))))
    return optimum(market, viable(market), joint.counting)


def plan_of(market: Market, bound: Optimum) -> Ledger:
    """A plan under the minimums, as the engine makes it."""
    return make_plan(market, bound)


def keeps_every_rule(market: Market, amounts: Ints) -> bool:
    """Whether amounts keep lines, caps, stocks (in pieces), limits and minimums; summed in Python's integers."""
    groups = (
        (market.line, market.movable, None),
        (market.supplier, market.limit, None),
        (market.capability, market.stock, market.use),
        (market.pair, market.cap, None),
    )
    for group, limits, use in groups:
        total = dict.fromkeys(group.tolist(), 0)
        for offer, key in enumerate(group.tolist()):
            total[key] += int(amounts[offer]) * (1 if use is None else int(use[offer]))
        if any(total[key] > limits[key] for key in total):
            return False
    broken = len(broken_pairs(market, amounts)) + len(broken_offers(market, amounts))
    return broken == 0 and bool(((amounts >= 0) & (amounts <= market.most)).all())


@ENOUGH
@given(markets(pieces=False))
def test_the_joint_optimum_equals_the_oracle(market: Market) -> None:
    guess = first_guess(market, alone(market, everything(market)))
    expected = oracle(market, minimum=False)
    for counting in (guess, [Counting.EXACT] * len(market.room), [Counting.ALL] * len(market.room)):
        assert reached(market, optimum(market, everything(market), counting).amounts) == expected


@ENOUGH
@given(markets(pieces=False))
def test_what_a_product_can_get_alone_equals_the_oracle(market: Market) -> None:
    own = alone(market, everything(market))
    for product in range(len(market.room)):
        rivals = market._replace(
            movable=np.where(market.product == product, market.movable, 0), room=np.zeros_like(market.room)
        )
        assert own[product] == oracle(rivals, minimum=False)[1]


@ENOUGH
@given(markets())
def test_the_bound_stands_over_the_oracle_and_the_oracle_over_the_plan(market: Market) -> None:
    bound = bound_of(market)
    best = oracle(market, minimum=True)
    plan = plan_of(market, bound)
    assert reached(market, bound.amounts) >= best
    assert bound.amounts.sum() >= best[1]
    for amounts in (plan.amounts, greedy_amounts(market)):
        assert keeps_every_rule(market, amounts)
        assert best >= reached(market, amounts)
    assert (plan.moved == moved_by_product(market, plan.amounts)).all()


@ENOUGH
@given(markets(pieces=False))
def test_small_islands_are_planned_to_the_optimum(market: Market) -> None:
    assert reached(market, plan_of(market, bound_of(market)).amounts) == oracle(market, minimum=True)


@ENOUGH
@given(markets(), st.randoms(use_true_random=False), st.sampled_from((0.0, 0.3)))
def test_former_proposals_stay_where_a_new_plan_brings_little(market: Market, random: Random, least: float) -> None:
    bound = bound_of(market)
    new = make_plan(market, bound).amounts
    former = np.array([random.choice((0, 0, int(most))) for most in market.most], np.int64)
    former[np.setdiff1d(everything(market), viable(market))] = 0
    plan = make_plan(market, bound, former, least)
    fits = booked(market, former).amounts
    assert keeps_every_rule(market, plan.amounts)
    number, islands = island_of(market, viable(market))
    for island in range(islands):
        members = viable(market)[number == island]
        if fits[members].any() and (plan.amounts[members] < fits[members]).any():
            assert (plan.amounts[members] == new[members]).all()
            assert new[members].sum() > (1 + least) * fits[members].sum() - 1


def test_plans_under_minimums_are_near_the_optimum_of_small_markets() -> None:
    """On 120 fixed markets most plans are optimal; in all they are 1 % short at most, and greedy ones more."""
    best = planned = rival = exact = 0
    for seed in range(120):
        market = make_market(Random(seed), lines=4, capabilities=5)
        optimal = oracle(market, minimum=True)
        plan = reached(market, plan_of(market, bound_of(market)).amounts)
        exact += plan[:2] == optimal[:2]
        best, planned, rival = best + optimal[1], planned + plan[1], rival + int(greedy_amounts(market).sum())
    assert exact >= 100
    assert planned >= 0.99 * best > rival
