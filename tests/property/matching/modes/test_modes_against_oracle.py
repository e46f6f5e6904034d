"""The modes against CP-SAT: least change, within a cost, whole lines; what they say of themselves is true."""

from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.assignment.problem import Status
from services.matching.engine.modes.least_change import least_change
from services.matching.engine.modes.problem import ModeTerms, cost_of, keeps, needed, rate_of
from services.matching.engine.modes.whole_lines import single_source
from services.matching.engine.modes.within_cost import within_cost
from tests.property.matching.modes.small_markets import Oracle, make_problem

MILLION = 1_000_000


@settings(max_examples=80)
@given(st.randoms(use_true_random=False), st.booleans(), st.booleans(), st.sampled_from((3, 5, 8)))
def test_least_change(random: Random, fixed: bool, per_product: bool, tenths: int) -> None:
    problem = make_problem(random, fixed=fixed)
    terms = ModeTerms(Fraction(tenths, 10), per_product, 3 if fixed else 0, 50_000)
    result = least_change(problem, terms)
    assert keeps(problem, result.amounts) and result.cost == cost_of(problem, terms, result.amounts)
    oracle = Oracle(problem, terms.switching_per_pair, terms.switching_per_million)
    for group, amount in enumerate(needed(problem, terms).tolist()):
        oracle.model.add(oracle.moved_of({group} if per_product else {0, 1}) >= amount)
    best = oracle.best(oracle.cost, highest=False)
    if best is not None:
        assert (result.status, result.cost, result.gap) == (Status.OPTIMAL, Fraction(best, MILLION), 0)
        assert not any(result.missing)
        return
    assert result.status is Status.UNREACHABLE and any(result.missing)
    assert result.bound is not None and result.bound >= result.rate
    if not per_product:
        free = Oracle(problem, 0, 0)
        most = free.best(free.moved, highest=True)
        assert most is not None and result.rate == result.bound == rate_of(problem, most) < terms.target


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.booleans(), st.sampled_from((0, 1, 3, 50)))
def test_within_cost(random: Random, fixed: bool, percent: int) -> None:
    problem = make_problem(random, fixed=fixed)
    terms = ModeTerms(tolerance=Fraction(percent, 100), switching_per_pair=2 if fixed else 0)
    result = within_cost(problem, terms)
    budget = terms.tolerance * int(problem.counted.sum())
    assert keeps(problem, result.amounts) and result.cost <= budget
    oracle = Oracle(problem, terms.switching_per_pair, 0)
    oracle.model.add(oracle.cost <= int(budget * MILLION))
    best = oracle.best(oracle.moved, highest=True)
    assert best is not None
    assert (result.status, result.rate, result.gap) == (Status.OPTIMAL, rate_of(problem, best), 0)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_single_source(random: Random) -> None:
    problem = make_problem(random, fixed=True)
    result = single_source(problem, ModeTerms())
    oracle = Oracle(problem, 0, 0, whole=True)
    best = oracle.best(oracle.moved, highest=True)
    assert best is not None
    assert (result.status, result.rate) == (Status.OPTIMAL, rate_of(problem, best))
