"""Gains on a kept optimum equal the difference of two optima from scratch; sets of cures hold what they promise."""

from itertools import combinations
from random import Random

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.matching.engine.plan import Rule
from services.matching.engine.raise_rate.flows import best_amounts
from services.matching.engine.raise_rate.market import Market, moved_by_line, moved_by_product
from services.matching.engine.raise_rate.minimum import viable
from services.matching.engine.raise_rate.supply_network import Counting, Terms, highest_capacity
from services.matching.engine.what_if.cures import Remedy, smallest_set
from services.matching.engine.what_if.kept import Kept, passable
from tests.property.matching.engine.raise_rate.markets import markets
from tests.property.matching.engine.what_if.worlds import World, ints, make_world

SOME = settings(max_examples=60)
ENOUGH = 10**9

worlds = st.integers(0, 2**32).map(Random).map(make_world)


def keys_of(world: World, offers: list[int]) -> set[tuple[int, int]]:
    market = world.market(world.rows)
    return {(int(market.line[offer]), int(market.capability[offer])) for offer in offers}


@SOME
@given(worlds, st.integers(0, 2**32).map(Random))
def test_opening_offers_brings_the_difference_of_two_optima(world: World, random: Random) -> None:
    kept, is_open = world.kept()
    closed = np.flatnonzero(~is_open).tolist()
    groups = [[offer] for offer in closed]
    groups += [sorted(random.sample(closed, random.randint(1, len(closed)))) for _ in range(3) if closed]
    gains = kept.gains([ints(group) for group in groups], ENOUGH)
    before = world.value(world.open_rows())
    for group, gain in zip(groups, gains.tolist(), strict=True):
        after = world.value(world.open_rows(keys_of(world, group)))
        trial = kept.try_opening(ints(group))
        assert gain == trial.gain == sum(trial.by_product.values()) == after.total - before.total >= 0
        assert 0 <= trial.toward <= after.toward_target - before.toward_target
        assert min(trial.by_product.values(), default=0) >= 0
        if len(group) == 1 and gain:
            assert kept.may_gain(ints(group)).all()
    assert kept.gains([ints(group) for group in groups], ENOUGH).tolist() == gains.tolist()


@given(markets(), st.data())
def test_what_may_pass_is_what_the_bound_was_made_of(market: Market, data: st.DataObject) -> None:
    size = len(market.line)
    is_open = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool)
    assert np.flatnonzero(passable(market, is_open)).tolist() == viable(market, np.flatnonzero(is_open)).tolist()


@SOME
@given(worlds)
def test_toward_the_targets_it_is_the_most_that_takes_from_no_line(world: World) -> None:
    kept, is_open = world.kept()
    closed = np.flatnonzero(~is_open)
    own, best = world.solved(world.open_rows())
    held = moved_by_line(own, best.amounts)
    market = world.market(world.rows)
    able = viable(market)
    exact = Terms([Counting.EXACT] * len(market.room), highest_capacity(market, able), held=held)
    moved = moved_by_product(market, best_amounts(market, able, exact))
    expected = int(np.minimum(moved, market.room).sum() - np.minimum(best.moved, market.room).sum())
    assert kept.try_opening(closed).toward == expected


def remedies_of(world: World) -> list[Remedy]:
    """Each closed offer is a cure of its own, but those of one supplier's lines are cured two by two."""
    market, (_, is_open) = world.market(world.rows), world.kept()
    found: dict[tuple[int, int], list[int]] = {}
    for offer in np.flatnonzero(~is_open).tolist():
        found.setdefault((int(market.supplier[offer]), int(market.line[offer]) // 2), []).append(offer)
    return [Remedy(who, Rule.CERTIFICATE, str(what), ints(rows)) for (who, what), rows in sorted(found.items())]


@settings(max_examples=25)
@example(make_world(Random(15946735)))
@given(worlds)
def test_a_set_of_cures_reaches_the_target_and_no_smaller_one_than_its_bound(world: World) -> None:
    kept, _ = world.kept()
    for product in range(len(world.room)):
        check_set(world, kept, product, [product])


@settings(max_examples=25)
@given(worlds)
def test_so_it_does_of_products_together(world: World) -> None:
    kept, _ = world.kept()
    group = np.arange(len(world.room)) % 2
    room = np.bincount(group, weights=kept.room(), minlength=3).astype(np.int64)  # of the last one there is nothing
    together = kept.grouped(group, room)
    for number in range(2):
        check_set(world, together, number, np.flatnonzero(group == number).tolist())
    assert smallest_set(together, 2, remedies_of(world)) is None


def check_set(world: World, kept: Kept, number: int, products: list[int]) -> None:
    """The set that is found for some products holds what it promises."""
    every = remedies_of(world)
    found = smallest_set(kept, number, every)
    lacking = int(kept.room()[number])
    if found is None:
        assert lacking == 0
        return
    reached = {size for size in range(len(every) + 1) if _reach(world, products, every, size) >= lacking}
    assert found.reached == bool(reached)
    assert found.gain == sum(cure.gain for cure in found.cures) == min(found.most, lacking)
    if reached:
        assert found.lower_bound is not None and found.lower_bound <= min(reached) <= len(found.cures)
        assert len(found.cures) <= min(reached) + 1


def _reach(world: World, products: list[int], every: list[Remedy], size: int) -> int:
    """The most that so many cures bring to the products where no line gets less: by trying all sets."""
    own, best = world.solved(world.open_rows())
    held = moved_by_line(own, best.amounts)
    most = 0
    for some in combinations(every, size):
        opened = keys_of(world, [offer for remedy in some for offer in remedy.offers.tolist()])
        market = world.market(world.open_rows(opened))
        viable = np.flatnonzero(passable(market, np.ones(len(market.line), bool)))
        others = np.where(np.isin(world.product, products), world.movable, held)
        for_it = market._replace(movable=others)
        terms = Terms([Counting.NONE] * len(market.room), highest_capacity(market, viable), held=held)
        moved = moved_by_product(for_it, best_amounts(for_it, viable, terms))
        most = max(most, int((moved - best.moved)[products].sum()))
    return most
