"""A what-if from the kept basis equals the full solve of what would have been, and leaves nothing behind."""

from random import Random

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.matching.engine.raise_rate.supply_network import Counting
from services.matching.engine.what_if.changes import OpenPair
from services.matching.engine.what_if.what_if import WhatIf
from tests.property.matching.engine.what_if.grounds import Ground, make_changes, make_ground

randoms = st.integers(0, 2**32).map(Random)


def kept(ground: Ground) -> WhatIf:
    """The basis of its bound."""
    return WhatIf(ground.union(), ground.trade, ground.solved()[1].counting)


@settings(max_examples=150)
@given(randoms)
@example(Random(78))  # a pair is opened whose supplier has all that the line's cap lets it have
@example(Random(80))  # a line that pays most for a capability's pieces, without minimum, may not move any more
def test_a_what_if_equals_the_full_solve(random: Random) -> None:
    ground = make_ground(random)
    basis = kept(ground)
    assert basis.before.objective == ground.value()
    for _ in range(3):
        changes, after = make_changes(random, ground), ground
        for change in changes:
            after = after.after(change)
        found = basis.what_if(changes)
        assert found.after.objective == after.value()
        assert found.before == basis.before
        more = sum(shift.after - shift.before for shift in found.shifts)
        assert (
            more
            == found.after.objective.total - found.before.objective.total
            == int((found.after.moved - found.before.moved).sum())
        )


@settings(max_examples=50)
@given(randoms)
def test_a_what_if_leaves_nothing_behind(random: Random) -> None:
    ground = make_ground(random)
    basis = kept(ground)
    changes = make_changes(random, ground)
    first = basis.what_if(changes)
    for _ in range(3):
        basis.what_if(make_changes(random, ground))
    again = basis.what_if(changes)
    assert (again.after.objective, again.shifts) == (first.after.objective, first.shifts)
    nothing = basis.what_if([])
    assert nothing.shifts == [] and np.array_equal(nothing.after.moved, basis.before.moved)


@settings(max_examples=50)
@given(randoms)
def test_curing_a_near_miss_never_takes(random: Random) -> None:
    ground = make_ground(random)
    basis = kept(ground)
    for pair in ground.near:
        found = basis.what_if([OpenPair(*pair)])
        assert found.after.objective.total >= found.before.objective.total
        assert found.after.objective.toward_target >= found.before.objective.toward_target


@settings(max_examples=30)
@given(randoms, st.sampled_from(Counting))
def test_the_guess_of_how_products_count_does_not_matter(random: Random, how: Counting) -> None:
    ground = make_ground(random)
    guess = [how] * len(ground.columns.products.target)
    assert WhatIf(ground.union(), ground.trade, guess).before.objective == ground.value()
