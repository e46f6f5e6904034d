"""The best flow beside what is set aside, and where a plan loses against its bound, on markets worked out by hand."""

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.beside import best_beside
from services.matching.engine.raise_rate.guide import guide_of
from services.matching.engine.raise_rate.improve import improve
from services.matching.engine.raise_rate.ledger import Ledger
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble
from services.matching.engine.raise_rate.polish import minimums_in
from services.matching.engine.raise_rate.supply_network import Counting
from services.matching.engine.raise_rate.targets import optimum


def ints(*values: int) -> Ints:
    """Whole numbers as an array."""
    return np.array(values, np.int64)


def _market(second: int = 100) -> Market:
    """Line 0 (100 元) at capabilities 0 and 1, line 1 (100 元) at 1; they have 100 元 and `second`, all caps are 60."""
    nothing = ints(0, 0, 0)
    offers = Offers(
        line=ints(0, 0, 1),
        supplier=ints(0, 1, 1),
        capability=ints(0, 1, 1),
        score=ints(500, 500, 900),
        most=ints(60, 60, 60),
        order=nothing,
        use=nothing + 1,
        reach=ints(100, second, second),
        share=nothing + 15,
        cap=nothing + 60,
    )
    return assemble(offers, ints(100, 100), ints(0, 0), ints(0), ints(100, second), ints(UNLIMITED, UNLIMITED))


def test_what_is_set_aside_stays_and_the_rest_is_best() -> None:
    market = _market()
    reserved = ints(0, 50, 0)
    assert best_beside(market, reserved, np.arange(3), market.most, [Counting.NONE]).tolist() == [50, 50, 50]


def test_nothing_more_goes_by_other_offers() -> None:
    market = _market()
    reserved = ints(15, 0, 15)
    assert best_beside(market, reserved, ints(0), market.most, [Counting.NONE]).tolist() == [60, 0, 15]
    assert best_beside(market, reserved, ints(0), reserved, [Counting.NONE]).tolist() == [15, 0, 15]


def test_a_plans_minimums_are_part_of_its_amounts() -> None:
    """Pair 0 has two offers, of which one has a minimum order of 10; pair 1 is not in use."""
    reserved = minimums_in(ints(12, 30, 0), ints(10, 0, 0), ints(0, 2, 3), ints(25, 15))
    assert reserved.tolist() == [12, 13, 0]


def test_a_guide_tells_where_a_plan_could_lose() -> None:
    """Line 0 moves whole, line 1 as far as its cap lets it; capability 1 has 20 元 left."""
    found = optimum(_market(second=120), np.arange(3), [Counting.NONE])
    assert found.amounts.tolist() == [60, 40, 60]
    guide = guide_of(found)
    assert guide.wanted.all()
    assert guide.dear.tolist() == [True, False]
    assert guide.scarce.tolist() == [False, False]
    assert guide.tight[2]


def test_a_guide_names_what_is_scarce() -> None:
    """Capability 1 has 50 元, which line 1 can use as well as line 0."""
    found = optimum(_market(second=50), np.arange(3), [Counting.NONE])
    assert found.amounts.tolist() == [60, 0, 50]
    guide = guide_of(found)
    assert guide.dear.tolist() == [False, False]
    assert guide.scarce[1]
    assert guide.scarce[0] or guide.tight[0]
    assert guide.wanted.all()


def test_a_guided_search_finds_what_the_whole_one_finds() -> None:
    market = _market()
    found = optimum(market, np.arange(3), [Counting.NONE])
    guided, whole = Ledger(market), Ledger(market)
    improve(guided, np.arange(3), guide=guide_of(found))
    improve(whole, np.arange(3))
    assert guided.amounts.sum() == whole.amounts.sum() == found.amounts.sum()
