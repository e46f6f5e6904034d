"""Small markets in which offers compete, and an oracle that shares no code with the engine: OR-tools' CP-SAT."""

from collections import defaultdict
from random import Random

import numpy as np
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble, starts
from services.matching.engine.raise_rate.stocks import set_stocks

Value = tuple[int, int, int]


def make_market(random: Random, *, lines: int, capabilities: int, products: int = 2, pieces: bool = True) -> Market:
    """A dense market: a few lines, each offered to by most capabilities; some suppliers have several, some a limit."""
    supplier_of = sorted(random.randrange(max(1, capabilities * 2 // 3)) for _ in range(capabilities))
    spend = [random.randint(10, 60) for _ in range(lines)]
    price = [random.choice((1, 2, 3, 5)) for _ in range(lines)]
    units = [random.randint(3, 40) if pieces and random.random() < 0.4 else -1 for _ in range(capabilities)]
    yuan = [random.choice((random.randint(3, 50), UNLIMITED)) for _ in range(capabilities)]
    cap = [max(1, amount * random.choice((6, 10)) // 10) for amount in spend]
    share = [random.choice((0, 15, 30)) * amount // 100 for amount in spend]
    movable = [random.randint(amount // 2, amount) for amount in spend]
    rows = []
    for line in range(lines):
        for capability in range(capabilities):
            if random.random() < 0.7:
                reach = yuan[capability] if units[capability] < 0 else units[capability] * price[line]
                most = min(cap[line], movable[line], reach)
                row = (line, supplier_of[capability], capability, random.randint(0, 9), most)
                rows.append((*row, random.choice((0, 0, 0, 4, 9)), reach, share[line], cap[line], price[line]))
    columns = np.array(rows, np.int64).reshape(-1, 10).T.copy()
    stock = np.array(yuan, np.int64)
    return assemble(
        offers=_offers(columns, np.array(units, np.int64), stock),
        movable=np.array(movable, np.int64),
        product=np.arange(lines) % products,
        room=np.array([random.choice((0, 15, 40, 200)) for _ in range(products)], np.int64),
        stock=stock,
        limit=np.array([random.choice((UNLIMITED, UNLIMITED, 30)) for _ in range(capabilities)], np.int64),
    )


def _offers(columns: Ints, units: Ints, stock: Ints) -> Offers:
    line, supplier, capability, score, most, order, reach, share, cap, price = columns
    by_capability = np.argsort(capability, kind="stable").astype(np.int64)
    bottom, begin = np.ones(len(line), np.int64), starts(capability, len(stock))
    use = set_stocks(begin, by_capability, price.copy(), bottom, reach.copy(), units, stock)
    return Offers(line, supplier, capability, score, most, order, use, reach, share, cap)


@st.composite
def markets(draw: st.DrawFn, pieces: bool = True) -> Market:
    """Small markets of changing size."""
    random = draw(st.randoms(use_true_random=False))
    return make_market(random, lines=draw(st.integers(1, 4)), capabilities=draw(st.integers(1, 5)), pieces=pieces)


def oracle(market: Market, *, minimum: bool) -> Value:
    """The lexicographic optimum by CP-SAT, pieces exact, with or without the minimums."""
    model = cp_model.CpModel()
    amounts = [model.new_int_var(0, int(most), "") for most in market.most]
    _at_most(model, amounts, market.line, market.movable)
    _at_most(model, amounts, market.supplier, market.limit)
    _at_most(model, amounts, market.capability, market.stock, market.use)
    _at_most(model, amounts, market.pair, market.cap)
    if minimum:
        _at_least(model, amounts, market.pair, market.minimum)
        _at_least(model, amounts, np.arange(len(amounts)), market.least)
    toward = []
    for product, room in enumerate(market.room.tolist()):
        counted = model.new_int_var(0, room, "")
        lines = np.flatnonzero(market.product == product)
        model.add(counted <= sum(amounts[offer] for offer in np.flatnonzero(np.isin(market.line, lines))))
        toward.append(counted)
    scores = [amount * int(score) for amount, score in zip(amounts, market.score, strict=True)]
    return _solve_in_stages(model, [sum(toward), sum(amounts), sum(scores)])


def _grouped(amounts: list[cp_model.IntVar], group: Ints, factor: Ints) -> dict[int, list[cp_model.LinearExpr]]:
    members: dict[int, list[cp_model.LinearExpr]] = defaultdict(list)
    for amount, key, times in zip(amounts, group.tolist(), factor.tolist(), strict=True):
        members[key].append(amount * times)
    return members


def _at_most(
    model: cp_model.CpModel, amounts: list[cp_model.IntVar], group: Ints, limits: Ints, use: Ints | None = None
) -> None:
    factor = np.ones(len(group), np.int64) if use is None else use
    for key, members in _grouped(amounts, group, factor).items():
        if limits[key] < UNLIMITED:
            model.add(sum(members) <= int(limits[key]))


def _at_least(model: cp_model.CpModel, amounts: list[cp_model.IntVar], group: Ints, minimums: Ints) -> None:
    for key, members in _grouped(amounts, group, np.ones(len(group), np.int64)).items():
        opened = model.new_bool_var("")
        model.add(sum(members) >= int(minimums[key])).only_enforce_if(opened)
        model.add(sum(members) == 0).only_enforce_if(~opened)


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
