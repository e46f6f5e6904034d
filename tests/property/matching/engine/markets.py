"""Small markets in which offers compete, and an oracle that shares no code with the engine: OR-tools' CP-SAT."""

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from math import lcm
from random import Random

from hypothesis import strategies as st
from ortools.sat.python import cp_model

from services.matching.engine.market import Capacity, Gate, Market, Offer

Value = tuple[int, int, int]


def make_market(random: Random, *, lines: int, capabilities: int, products: int = 2, pieces: bool = True) -> Market:
    """A dense market: a few lines, each offered to by most capabilities; some suppliers have several, some a limit."""
    supplier_of = [random.randrange(max(1, capabilities * 2 // 3)) for _ in range(capabilities)]
    spend = [random.randint(10, 60) for _ in range(lines)]
    price = [Fraction(random.choice((1, 2, 3, 5))) for _ in range(lines)]
    capacity = [
        random.choice((Capacity(random.randint(3, 50), None), Capacity(None, None)))
        if not pieces or random.random() < 0.6
        else Capacity(None, Fraction(random.randint(3, 40)))
        for _ in range(capabilities)
    ]
    cap = [max(1, amount * random.choice((6, 10)) // 10) for amount in spend]
    movable = [random.randint(amount // 2, amount) for amount in spend]
    offers = []
    for line in range(lines):
        for capability in sorted(range(capabilities), key=lambda row: (supplier_of[row], row)):
            if random.random() < 0.7:
                own = 1 / price[line] if capacity[capability].units is not None else None
                offers.append(
                    Offer(
                        line=line,
                        supplier=supplier_of[capability],
                        capability=capability,
                        score=random.randint(0, 9),
                        most=_most(capacity[capability], own, cap[line], movable[line]),
                        order=random.choice((0, 0, 0, 4, 9)),
                        pieces=own,
                    )
                )
    offers = [offer for offer in offers if offer.most > 0]
    gates, through = _gates(offers, [random.choice((0, 15, 30)) * amount // 100 for amount in spend], cap)
    product = [line % products for line in range(lines)]
    room = [random.choice((0, 15, 40, 200)) for _ in range(products)]
    limits = [random.choice((None, None, 30)) for _ in range(capabilities)]
    return Market(offers, gates, through, movable, product, room, capacity, limits)


@st.composite
def markets(draw: st.DrawFn, pieces: bool = True) -> Market:
    """Small markets of changing size."""
    random = draw(st.randoms(use_true_random=False))
    return make_market(random, lines=draw(st.integers(1, 4)), capabilities=draw(st.integers(1, 5)), pieces=pieces)


def oracle(market: Market, *, minimum: bool) -> Value:
    """The lexicographic optimum by CP-SAT, pieces exact, with or without the minimums."""
    model = cp_model.CpModel()
    amounts = [model.new_int_var(0, offer.most, "") for offer in market.offers]
    _limit(model, market, amounts)
    for row in market.gates:
        through = sum(amounts[offer] for offer in row.offers)
        model.add(through <= row.cap)
        if minimum:
            open_gate = model.new_bool_var("")
            model.add(through >= row.minimum).only_enforce_if(open_gate)
            model.add(through == 0).only_enforce_if(~open_gate)
    toward = []
    for product, room in enumerate(market.room):
        counted = model.new_int_var(0, room, "")
        model.add(counted <= sum(a for a, o in _zip(market, amounts) if market.product[o.line] == product))
        toward.append(counted)
    stages = [sum(toward), sum(amounts), sum(a * o.score for a, o in _zip(market, amounts))]
    return _solve_in_stages(model, stages)


def _limit(model: cp_model.CpModel, market: Market, amounts: list[cp_model.IntVar]) -> None:
    _at_most(model, market, amounts, lambda offer: offer.line, dict(enumerate(market.movable)))
    limits = {who: limit for who, limit in enumerate(market.supplier_limit) if limit is not None}
    _at_most(model, market, amounts, lambda offer: offer.supplier, limits)
    yuan = {position: row.yuan for position, row in enumerate(market.capacity) if row.yuan is not None}
    _at_most(model, market, amounts, lambda offer: offer.capability, yuan)
    for position, row in enumerate(market.capacity):
        used = [(a, o.pieces) for a, o in _zip(market, amounts) if o.capability == position and o.pieces is not None]
        if row.units is not None and used:
            common = lcm(row.units.denominator, *(each.denominator for _, each in used))
            model.add(sum(a * int(each * common) for a, each in used) <= int(row.units * common))


def _at_most(
    model: cp_model.CpModel,
    market: Market,
    amounts: list[cp_model.IntVar],
    group: Callable[[Offer], int],
    limits: dict[int, int],
) -> None:
    grouped: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for amount, offer in _zip(market, amounts):
        grouped[group(offer)].append(amount)
    for key, members in grouped.items():
        if key in limits:
            model.add(sum(members) <= limits[key])


def _solve_in_stages(model: cp_model.CpModel, stages: list[cp_model.LinearExpr]) -> Value:
    found = []
    for stage in stages:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        model.maximize(stage)
        assert solver.solve(model) == cp_model.OPTIMAL
        found.append(round(solver.objective_value))
        model.add(stage == found[-1])
    return (found[0], found[1], found[2])


def _zip(market: Market, amounts: list[cp_model.IntVar]) -> list[tuple[cp_model.IntVar, Offer]]:
    return list(zip(amounts, market.offers, strict=True))


def _most(capacity: Capacity, pieces: Fraction | None, cap: int, movable: int) -> int:
    limits = [cap, movable]
    if capacity.yuan is not None:
        limits.append(capacity.yuan)
    if capacity.units is not None and pieces is not None:
        limits.append(int(capacity.units / pieces))
    return min(limits)


def _gates(offers: list[Offer], share: list[int], cap: list[int]) -> tuple[list[Gate], list[tuple[int, ...]]]:
    behind: dict[tuple[int, int], list[int]] = defaultdict(list)
    for position, offer in enumerate(offers):
        behind[offer.line, offer.supplier].append(position)
    gates: list[Gate] = []
    through: list[tuple[int, ...]] = [()] * len(offers)
    for (line, _), members in behind.items():
        alone = offers[members[0]].order if len(members) == 1 else 0
        gates.append(Gate(tuple(members), max(share[line], alone), cap[line]))
        shared = len(gates) - 1
        for member in members:
            through[member] = (shared,)
        for member in members if len(members) > 1 else ():
            gates.append(Gate((member,), offers[member].order, offers[member].most))
            through[member] = (shared, len(gates) - 1)
    return gates, through
