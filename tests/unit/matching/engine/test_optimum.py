"""The optimum over products with targets, and the ledger, on markets written by hand."""

from fractions import Fraction

from services.matching.engine.improve import improve
from services.matching.engine.ledger import Ledger, booked
from services.matching.engine.market import Capacity, Gate, Market, Offer, objective_of
from services.matching.engine.minimum import broken_gates, overbooked, piece_limits, viable
from services.matching.engine.repair import repair
from services.matching.engine.supply_network import Counting, highest_capacity
from services.matching.engine.targets import Optimum, optimum


def market(
    offers: list[Offer],
    *,
    movable: list[int],
    capacity: list[Capacity],
    product: list[int] | None = None,
    room: list[int] | None = None,
    minimum: int = 0,
) -> Market:
    """A market in which every offer stands behind a gate of its own."""
    gates = [Gate((position,), max(minimum, offer.order), offer.most) for position, offer in enumerate(offers)]
    return Market(
        offers=offers,
        gates=gates,
        through=[(position,) for position in range(len(offers))],
        movable=movable,
        product=product or [0] * len(movable),
        room=room or [sum(movable)],
        capacity=capacity,
        supplier_limit=[None] * len(capacity),
    )


def offer(line: int, capability: int, most: int, score: int = 1, pieces: Fraction | None = None) -> Offer:
    """An offer of a supplier with one capability."""
    return Offer(line, capability, capability, score, most, 0, pieces)


def test_a_product_that_reaches_its_target_in_competition_is_counted_exactly() -> None:
    """12 元 for two lines: product 0 lacks 8 and scores less, product 1 lacks 4; both can take 10."""
    of = market(
        [offer(0, 0, 10, score=1), offer(1, 0, 10, score=9)],
        movable=[10, 10],
        capacity=[Capacity(12, None)],
        product=[0, 1],
        room=[8, 4],
    )
    for guess in ([Counting.NONE] * 2, [Counting.ALL] * 2, [Counting.EXACT] * 2):
        found = optimum(of, [0, 1], guess)
        assert found.amounts == [8, 4]
    assert optimum(of, [0, 1], [Counting.NONE] * 2).counting != [Counting.NONE] * 2


def test_pieces_are_worth_most_at_the_highest_price() -> None:
    of = market(
        [offer(0, 0, 100, pieces=Fraction(1, 5)), offer(1, 0, 100, pieces=Fraction(1, 2))],
        movable=[100, 100],
        capacity=[Capacity(None, Fraction(9))],
    )
    assert highest_capacity(of, [0, 1]) == {0: 45}
    assert overbooked(of, {0: 30, 1: 6}, [Fraction(9)]) == []
    assert overbooked(of, {0: 30, 1: 7}, [Fraction(9)]) == [0]
    assert piece_limits(of, {0: 30, 1: 7}, 0, [Fraction(9)], [0, 0].__getitem__) == {1: 6}
    assert piece_limits(of, {0: 30, 1: 7}, 0, [Fraction(9)], [0, 7].__getitem__) == {0: 27}


def test_what_overbooks_pieces_is_cut_where_it_brings_least_per_piece() -> None:
    of = market(
        [offer(0, 0, 45, pieces=Fraction(1, 5)), offer(1, 0, 18, pieces=Fraction(1, 2))],
        movable=[100, 100],
        capacity=[Capacity(None, Fraction(9))],
    )
    assert booked(of, [30, 10]).amounts == [30, 6]
    assert booked(of, [45, 18]).amounts == [45, 0]


def test_a_plan_in_pieces_uses_them_where_they_are_worth_most() -> None:
    of = market(
        [offer(0, 0, 45, pieces=Fraction(1, 5)), offer(1, 0, 18, score=9, pieces=Fraction(1, 2))],
        movable=[30, 100],
        capacity=[Capacity(None, Fraction(9))],
    )
    bound = optimum(of, [0, 1], [Counting.ALL])
    plan = repair(of, bound)
    assert plan.amounts == [30, 6]
    assert objective_of(of, bound.amounts).total >= 36


def test_offers_that_cannot_reach_their_minimum_are_not_viable() -> None:
    of = market([offer(0, 0, 4), offer(0, 1, 5)], movable=[9], capacity=[Capacity(None, None)] * 2, minimum=5)
    assert viable(of) == [1]
    assert broken_gates(of, {0: 4, 1: 5}) == {0: Fraction(4, 5)}


def test_the_ledger_fills_only_what_reaches_the_minimum() -> None:
    of = market([offer(0, 0, 9), offer(0, 1, 9)], movable=[12], capacity=[Capacity(9, None)] * 2, minimum=4)
    ledger = Ledger(of)
    ledger.fill([0, 1])
    assert ledger.amounts == [9, 0]
    assert (ledger.room(1), ledger.supply_room(1)) == (3, 9)


def test_improving_lets_the_first_supplier_make_room_for_a_second_one() -> None:
    """12 元: the first took 9, the 3 left are below the minimum of 4; with 8 and 4 all is served."""
    of = market([offer(0, 0, 9), offer(0, 1, 9)], movable=[12], capacity=[Capacity(9, None)] * 2, minimum=4)
    ledger = Ledger(of)
    ledger.fill([0, 1])
    improve(ledger, [0, 1])
    assert ledger.amounts == [8, 4] and not ledger.below_minimum(1)


def test_improving_gives_up_a_rival_where_that_brings_more() -> None:
    """One capability of 10 元: 4 on a small line now; a line of 10 would take all of it."""
    of = market([offer(0, 0, 4), offer(1, 0, 10)], movable=[4, 10], capacity=[Capacity(10, None)], minimum=0)
    blocked = Market(**{**vars(of), "gates": [Gate((0,), 4, 4), Gate((1,), 7, 10)], "movable": [4, 10]})
    ledger = Ledger(blocked)
    ledger.fill([0, 1])
    assert ledger.amounts == [4, 0]
    improve(ledger, [0, 1])
    assert ledger.amounts == [0, 10]


def test_repair_opens_a_gate_that_carries_most_of_its_minimum() -> None:
    of = market(
        [offer(0, 0, 6, score=9), offer(0, 1, 8, score=1)],
        movable=[9],
        capacity=[Capacity(6, None), Capacity(8, None)],
        minimum=4,
    )
    bound = Optimum([6, 3], [9], [Counting.ALL])
    assert repair(of, bound).amounts == [5, 4]
