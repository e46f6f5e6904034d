"""Markets written by hand: the optimum over products with targets, pieces, the ledger, repair and improvement."""

import numpy as np
import pytest

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.former import settle
from services.matching.engine.raise_rate.improve import improve
from services.matching.engine.raise_rate.ledger import Ledger, booked
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble, exact_dot, objective_of, starts
from services.matching.engine.raise_rate.minimum import broken_pairs, viable
from services.matching.engine.raise_rate.repair import repair
from services.matching.engine.raise_rate.stocks import divided, set_stocks
from services.matching.engine.raise_rate.supply_network import Counting, Terms, highest_capacity, lay_out
from services.matching.engine.raise_rate.targets import optimum

Row = tuple[int, int, int, int]
"""Line, capability, most, score."""


def ints(*values: int) -> Ints:
    """An array of whole numbers."""
    return np.array(values, np.int64)


def market(
    rows: list[Row],
    *,
    movable: list[int],
    stock: list[int],
    product: list[int] | None = None,
    room: list[int] | None = None,
    minimum: list[int] | None = None,
    price: list[int] | None = None,
) -> Market:
    """A market in which every capability is a supplier's only one. `price`: stock is in pieces, which lines pay so."""
    line, capability, most, score = (ints(*column) for column in zip(*rows, strict=True))
    count, none = len(rows), np.zeros(len(rows), np.int64)
    left = ints(*stock)
    reach, use = left[capability].copy(), np.ones(count, np.int64)
    if price is not None:
        top, units = ints(*price)[line], left.copy()
        reach, by_capability = left[capability] * top, np.argsort(capability, kind="stable").astype(np.int64)
        begin = starts(capability, len(stock))
        use = set_stocks(begin, by_capability, top, np.ones(count, np.int64), reach, units, left)
    share = ints(*(minimum or [0] * count))
    offers = Offers(line, capability, capability, score, most, none, use, reach, share, most)
    products = product or [0] * len(movable)
    lacks = ints(*(room or [sum(movable)]))
    return assemble(offers, ints(*movable), ints(*products), lacks, left, np.full(len(stock), UNLIMITED))


def everything(of: Market) -> Ints:
    """All offers."""
    return np.arange(len(of.line))


def test_a_product_that_reaches_its_target_in_competition_is_counted_exactly() -> None:
    """12 元 for two lines: product 0 lacks 8 and scores less, product 1 lacks 4; both can take 10."""
    of = market([(0, 0, 10, 1), (1, 0, 10, 9)], movable=[10, 10], stock=[12], product=[0, 1], room=[8, 4])
    for guess in ([Counting.NONE] * 2, [Counting.ALL] * 2, [Counting.EXACT] * 2):
        assert optimum(of, everything(of), guess).amounts.tolist() == [8, 4]
    assert optimum(of, everything(of), [Counting.NONE] * 2).counting != [Counting.NONE] * 2


def test_where_most_products_end_at_their_target_all_are_counted_exactly_at_once() -> None:
    """The market of the test above, 150 times side by side."""
    times = range(150)
    of = market(
        [row for at in times for row in ((2 * at, at, 10, 1), (2 * at + 1, at, 10, 9))],
        movable=[10] * 300,
        stock=[12] * 150,
        product=list(range(300)),
        room=[8, 4] * 150,
    )
    found = optimum(of, everything(of), [Counting.NONE] * 300)
    assert found.amounts.tolist() == [8, 4] * 150
    assert set(found.counting) == {Counting.EXACT}


def test_pieces_are_worth_most_at_the_highest_price_and_never_overbooked() -> None:
    """9 pieces; line 0 pays 5 元 each, line 1 pays 2."""
    of = market([(0, 0, 45, 1), (1, 0, 18, 1)], movable=[100, 100], stock=[9], price=[5, 2])
    assert highest_capacity(of, everything(of)).tolist() == [45]
    assert booked(of, ints(30, 10)).amounts.tolist() == [30, 6]
    assert booked(of, ints(45, 18)).amounts.tolist() == [45, 0]


def test_a_plan_in_pieces_uses_them_where_they_are_worth_most() -> None:
    of = market([(0, 0, 45, 1), (1, 0, 18, 9)], movable=[30, 100], stock=[9], price=[5, 2])
    bound = optimum(of, everything(of), [Counting.ALL])
    assert repair(of, bound).amounts.tolist() == [30, 6]
    assert objective_of(of, bound.amounts).total >= 36


def test_prices_without_a_common_fraction_are_rounded_so_that_nothing_is_overbooked() -> None:
    prices = [1_000_003, 1_000_033, 1_000_037, 1_000_039]
    rows = [(line, 0, 10**12, 1) for line in range(4)]
    of = market(rows, movable=[10**12] * 4, stock=[10**6], price=prices)
    ledger = Ledger(of)
    ledger.fill(everything(of)[::-1].copy())
    amounts = ledger.amounts.tolist()
    assert sum(amounts) >= 0.999_999 * prices[3] * 10**6
    whole = sum(amount * 10**30 // price for amount, price in zip(amounts, prices, strict=True))
    assert whole <= 10**6 * 10**30


def test_products_of_large_numbers_are_divided_exactly() -> None:
    for a, b, c in ((10**18, 10**12 + 7, 10**12 + 9), (2**61, 3, 7), (0, 5, 1), (10**9, 10**9, 7)):
        assert divided(a, b, c) == divmod(a * b, c)
    assert divided(2**61, 2**40, 3) == (UNLIMITED, 0)
    assert exact_dot(ints(1000, 3), ints(2**58, 5)) == 1000 * 2**58 + 15


def test_offers_that_cannot_reach_their_minimum_are_not_viable() -> None:
    of = market([(0, 0, 4, 1), (0, 1, 5, 1)], movable=[9], stock=[99, 99], minimum=[5, 5])
    assert viable(of).tolist() == [1]
    assert broken_pairs(of, ints(4, 5)).tolist() == [0]


def test_the_ledger_fills_only_what_reaches_the_minimum() -> None:
    of = market([(0, 0, 9, 1), (0, 1, 9, 1)], movable=[12], stock=[9, 9], minimum=[4, 4])
    ledger = Ledger(of)
    ledger.fill(ints(0, 1))
    assert ledger.amounts.tolist() == [9, 0]
    assert (ledger.room(1), ledger.supply_room(1)) == (3, 9)


def test_improving_lets_the_first_supplier_make_room_for_a_second_one() -> None:
    """12 元: the first took 9, the 3 left are below the minimum of 4; with 8 and 4 all is served."""
    of = market([(0, 0, 9, 1), (0, 1, 9, 1)], movable=[12], stock=[9, 9], minimum=[4, 4])
    ledger = Ledger(of)
    ledger.fill(ints(0, 1))
    improve(ledger, ints(0, 1))
    assert ledger.amounts.sum() == 12 and not len(broken_pairs(of, ledger.amounts))


def test_improving_gives_up_a_rival_where_that_brings_more() -> None:
    """One capability of 10 元: 4 on a small line now; a line of 10 would take all of it."""
    of = market([(0, 0, 4, 1), (1, 0, 10, 1)], movable=[4, 10], stock=[10], minimum=[4, 7])
    ledger = Ledger(of)
    ledger.fill(ints(0, 1))
    assert ledger.amounts.tolist() == [4, 0]
    improve(ledger, ints(0, 1))
    assert ledger.amounts.tolist() == [0, 10]


def test_repair_opens_a_pair_that_carries_most_of_its_minimum() -> None:
    of = market([(0, 0, 6, 9), (0, 1, 8, 1)], movable=[9], stock=[6, 8], minimum=[4, 4])
    bound = optimum(of, everything(of), [Counting.ALL])
    assert bound.amounts.tolist() == [6, 3]
    assert repair(of, bound).amounts.tolist() == [5, 4]


@pytest.mark.parametrize(("threshold", "expected"), [(0.0, [0, 10, 0]), (0.5, [8, 0, 0])])
def test_former_proposals_give_way_only_where_that_brings_enough(threshold: float, expected: list[int]) -> None:
    of = market([(0, 0, 8, 1), (0, 1, 10, 1), (1, 2, 5, 1)], movable=[10, 5], stock=[8, 10, 5], minimum=[8, 10, 6])
    ledger = Ledger(of)
    ledger.fill(ints(1))
    assert settle(ledger, ints(8, 0, 0), viable(of), threshold).amounts.tolist() == expected


def test_the_layout_tells_where_everything_is() -> None:
    of = market(
        [(0, 0, 8, 5), (2, 1, 10, 7)], movable=[10, 3, 9], stock=[8, UNLIMITED], product=[0, 0, 1], room=[3, 20]
    )
    layout = lay_out(of, everything(of), Terms([Counting.ALL, Counting.EXACT], highest_capacity(of, everything(of))))
    problem = layout.problem
    assert layout.line_node.tolist() == [1, -1, 2] and layout.capability_node.tolist() == [3, 4]
    assert problem.supply.tolist() == [-19, 10, 9, 0, 0, 0]
    assert problem.capacity[layout.capability_arc].tolist() == [8, 10]
    assert problem.head[layout.stay_arc[2]] == layout.product_node[1] == 5
    assert (problem.tail[layout.beyond_arc[1]], problem.capacity[layout.beyond_arc[1]]) == (5, 0)
    assert layout.amounts(problem.capacity).tolist() == [8, 10]
