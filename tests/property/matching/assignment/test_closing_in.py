"""Closing in on whole lines: bounds below and choices above the optimum that HiGHS proves, sides included."""

from fractions import Fraction
from random import Random

import pytest

from services.matching.engine.assignment.closing_in import ClosingIn
from services.matching.engine.assignment.core import core_of, share_side
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.highs import relax
from services.matching.engine.assignment.lagrangian import Knapsacks
from services.matching.engine.assignment.problem import AssignmentProblem, Goal, Pair, Supplier
from services.matching.engine.assignment.search import Search
from services.matching.engine.assignment.single import proved, single_lines


def make_problem(random: Random, share: Fraction | None, suppliers: int = 4, lines: int = 16) -> AssignmentProblem:
    """A tight problem: dear pairs take little capacity."""
    use = [[random.randint(5, 25) for _ in range(lines)] for _ in range(suppliers)]
    pairs = [
        Pair(line, who, Fraction(40 - use[who][line] + random.randint(-4, 4)), Fraction(use[who][line]))
        for line in range(lines)
        for who in range(suppliers)
        if who < 2 or random.random() < 0.8
    ]
    capacity = [Fraction(sum(row) * 9 // (10 * suppliers) + 8) for row in use]
    return AssignmentProblem(
        suppliers=tuple(Supplier(str(who), limit, who % 2 == 0) for who, limit in enumerate(capacity)),
        lines=tuple(str(line) for line in range(lines)),
        pairs=tuple(pairs),
        single_source=True,
        goal=Goal.MIN_COST,
        min_local_share=share,
        max_cost=None,
        time_limit=30.0,
    )


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Compile what the search calls, which would else use up the time limit of the first test."""
    problem = make_problem(Random(99), None)
    core = core_of(problem, lambda pair: pair.cost, [])
    relaxed = relax(core, Deadline.after(60.0))
    Knapsacks(core, relaxed).climb(Fraction(10**6), Deadline.after(0.1))
    Search(core, relaxed, None).run(Deadline.after(0.1))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [None, Fraction(45, 100)])
def test_it_meets_the_optimum(seed: int, share: Fraction | None) -> None:
    problem = make_problem(Random(seed), share)
    core = core_of(problem, lambda pair: pair.cost, share_side(problem))
    best = proved(core, Deadline.after(60.0), None, None)
    assert best.value is not None
    closing = ClosingIn(core, None, lambda part, until: proved(part, until, None, None))
    proven = closing.run(Deadline.after(2.0))
    assert closing.best is not None and closing.bound is not None
    assert core.keeps(closing.best)
    assert closing.bound <= best.value <= core.value(closing.best)
    assert not proven or core.value(closing.best) == best.value


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [None, Fraction(45, 100)])
def test_no_better_choice_loses_its_pairs(seed: int, share: Fraction | None) -> None:
    problem = make_problem(Random(seed), share)
    core = core_of(problem, lambda pair: pair.cost, share_side(problem))
    best = proved(core, Deadline.after(60.0), None, None)
    assert best.value is not None and best.shares is not None
    relaxed = relax(core, Deadline.after(60.0))
    knapsacks = Knapsacks(core, relaxed)
    knapsacks.climb(best.value + 5, Deadline.after(5.0))
    assert knapsacks.bound <= best.value
    useful = knapsacks.useful(int(best.value) + 1)
    assert all(useful[pair] for pair, _ in best.shares)
    search = Search(core, relaxed, None)
    search.run(Deadline.after(0.5))
    assert search.best is None or (core.keeps(search.best) and core.value(search.best) >= best.value)


def test_a_problem_too_large_for_one_call() -> None:
    problem = make_problem(Random(5), None, suppliers=5, lines=70)
    core = core_of(problem, lambda pair: pair.cost, [])
    found = single_lines(core, Deadline.after(4.0))
    assert found.shares is not None and found.value is not None and found.bound is not None
    assert found.bound <= found.value <= found.bound * Fraction(101, 100)
