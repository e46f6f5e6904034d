"""What holds of every supply network: losses against an LP, and their bounds; indexes; pictures that add up."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Objective, Plan
from services.matching.engine.snapshot import Incumbent, Snapshot
from services.matching.engine.supply_graph.concentration import GroupedBy, concentration, hhi, whole
from services.matching.engine.supply_graph.critical import critical_firms, flags
from services.matching.engine.supply_graph.drawing import Focus, drawing
from services.matching.engine.supply_graph.interdiction import worst_set
from services.matching.engine.supply_graph.losses import Alternatives, loss_of
from services.matching.engine.supply_graph.outage import outage
from services.matching.engine.supply_graph.sources import single_sources
from services.matching.engine.supply_graph.supply import Stage, Supply, supply_of
from tests.unit.matching.engine.build import PLAIN, capability, line, product, snapshot, supplier

PLACES = ("370100", "370200", "370213", "370600", "370000", None)
NOTHING = Objective(0, 0, 0)
Market = tuple[Supply, Alternatives]


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Up to six suppliers and five lines, with whatever pairs and capacities."""
    firms, lines, offers = draw(st.integers(1, 6)), draw(st.integers(1, 5)), draw(st.integers(1, 6))
    amount = st.integers(0, 50)
    owners = [draw(st.integers(0, firms - 1)) for _ in range(offers)]
    bought = draw(st.dictionaries(st.tuples(st.integers(0, lines - 1), st.integers(0, firms - 1)), amount, max_size=12))
    made = _snapshot(draw(st.lists(st.sampled_from(PLACES), min_size=firms, max_size=firms)), lines, owners, bought)
    pairs = sorted(draw(st.sets(st.tuples(st.integers(0, lines - 1), st.integers(0, offers - 1)), max_size=12)))
    limits = st.sampled_from((0, 5, 20, 45, UNLIMITED))
    others = Alternatives(
        line=np.array([at for at, _ in pairs], np.int64),
        capability=np.array([offer for _, offer in pairs], np.int64),
        most=np.array([draw(limits) for _ in pairs], np.int64),
        supplier=np.array(owners, np.int64),
        capacity=np.array([draw(limits) for _ in range(offers)], np.int64),
        limit=np.array([draw(limits) for _ in range(firms)], np.int64),
    )
    plan = Plan(objective=NOTHING, bound=NOTHING, greedy=NOTHING, gap=0.0)
    return supply_of(made, plan, PLAIN, Stage.CURRENT, range(lines)), others


def _snapshot(places: list[str | None], lines: int, owners: list[int], bought: dict[tuple[int, int], int]) -> Snapshot:
    spend = [sum(amount for (at, _), amount in bought.items() if at == line) + line for line in range(lines)]
    return snapshot(
        suppliers=[supplier(f"S{at}", region=place) for at, place in enumerate(places)],
        capabilities=[capability(f"C{at}", owner) for at, owner in enumerate(owners)],
        products=[product("P"), product("Q", leader_key="S0", cluster=None)],
        lines=[line(f"N{at}", at % 2, part_code=f"{at // 2}", spend=spend[at]) for at in range(lines)],
        incumbents=[Incumbent(at, firm, amount) for (at, firm), amount in sorted(bought.items())],
    )


def by_linear_program(supply: Supply, others: Alternatives, gone: set[int]) -> int:
    """What stops: all that is lost less the most that the pairs of firms that stay can carry."""
    lost = np.zeros(len(supply.snapshot.lines))
    for at, firm, amount in zip(supply.line, supply.supplier, supply.amount, strict=True):
        lost[at] += amount if int(firm) in gone else 0
    alive = [p for p in range(len(others.line)) if int(others.supplier[others.capability[p]]) not in gone]
    if not alive:
        return int(lost.sum())
    by_line = [[float(others.line[p] == at) for p in alive] for at in range(len(lost))]
    by_offer = [[float(others.capability[p] == at) for p in alive] for at in range(len(others.capacity))]
    by_firm = [[float(others.supplier[others.capability[p]] == at) for p in alive] for at in range(len(others.limit))]
    most = np.concatenate([lost, others.capacity, others.limit]).astype(float)
    bounds = [(0, float(others.most[p])) for p in alive]
    found = linprog(-np.ones(len(alive)), np.array([*by_line, *by_offer, *by_firm]), most, bounds=bounds)
    return round(float(lost.sum()) + float(found.fun))


@given(markets(), st.sets(st.integers(0, 5)))
@settings(max_examples=150)
def test_what_stops_is_what_a_linear_program_says(market: Market, gone: set[int]) -> None:
    supply, others = market
    gone = {firm for firm in gone if firm < len(supply.snapshot.suppliers)}
    loss = loss_of(supply, others, flags(supply, sorted(gone)))
    assert loss.stopped == by_linear_program(supply, others, gone)
    assert (loss.recovered >= 0).all() and (loss.recovered <= loss.lost).all()


@given(markets(), st.data())
@settings(max_examples=100)
def test_losing_more_firms_never_stops_less(market: Market, data: st.DataObject) -> None:
    supply, others = market
    firms = data.draw(st.permutations(range(len(supply.snapshot.suppliers))))
    stopped = [loss_of(supply, others, flags(supply, firms[:count])).stopped for count in range(len(firms) + 1)]
    assert stopped == sorted(stopped)
    assert stopped[-1] == supply.amount.sum()  # nobody is left


@given(markets(), st.integers(1, 4))
@settings(max_examples=100)
def test_the_critical_firms_are_those_of_solving_them_all(market: Market, k: int) -> None:
    supply, others = market
    found = critical_firms(supply, others, k)
    firms = sorted(set(supply.supplier.tolist()))
    every = sorted((loss_of(supply, others, flags(supply, [firm])).stopped for firm in firms), reverse=True)
    assert [row.loss.stopped for row in found.found] == every[:k]
    assert all(row.cut <= row.loss.stopped <= row.loss.supplied for row in found.found)
    assert found.solved <= found.firms == len(firms)
    assert [row.together for row in found.found] == sorted(row.together for row in found.found)


@given(markets(), st.integers(1, 3))
@settings(max_examples=60)
def test_a_worst_set_lies_between_the_critical_firms_and_its_bound(market: Market, k: int) -> None:
    supply, others = market
    alone = [row.supplier for row in critical_firms(supply, others, k).found]
    found = worst_set(supply, others, k, alone)
    firms = sorted(set(supply.supplier.tolist()))
    most = max(loss_of(supply, others, flags(supply, some)).stopped for some in combinations(firms, min(k, len(firms))))
    assert loss_of(supply, others, flags(supply, alone)).stopped <= found.stopped <= most <= found.at_most
    assert found.stopped == loss_of(supply, others, flags(supply, found.suppliers)).stopped
    assert k > 1 or found.stopped == most


@given(markets())
@settings(max_examples=60)
def test_a_regions_outage_is_the_loss_of_its_firms(market: Market) -> None:
    supply, others = market
    city, county = outage(supply, others, "370200"), outage(supply, others, "370213")
    assert county.loss.stopped <= city.loss.stopped <= outage(supply, others, "370000").loss.stopped
    assert sum(row.stopped for row in city.by_product.values()) == city.loss.stopped
    assert sum(row.lost for row in city.by_cluster(supply).values()) == city.loss.supplied
    assert not set(city.suppliers) & set(city.coarse)


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=30))
def test_the_index_lies_between_equal_parts_and_one_hand(amounts: list[int]) -> None:
    assert (10_000 / len(amounts)) - 0.5 <= hhi(amounts) <= 10_000
    assert hhi([amount * 7 for amount in amounts]) == hhi(amounts)
    assert hhi([sum(amounts)]) == 10_000
    assert hhi(amounts, 2 * sum(amounts)) <= hhi(amounts)


@given(markets(), st.sampled_from(GroupedBy))
@settings(max_examples=60)
def test_the_groups_add_up(market: Market, by: GroupedBy) -> None:
    supply, _ = market
    groups, everything = concentration(supply, by), whole(supply)
    assert sum(group.named for group in groups) == supply.amount.sum() == (everything.named if everything else 0)
    for group in groups:
        assert group.least <= group.suppliers <= 10_000 and group.least <= group.most <= 10_000
        assert group.count >= 1 and (group.count > 1 or group.suppliers == 10_000)


@given(markets())
@settings(max_examples=60)
def test_a_single_source_is_what_its_loss_stops_without_others(market: Market) -> None:
    supply, others = market
    nobody = Alternatives(others.line[:0], others.capability[:0], others.most[:0], *_owned(others))
    for row in single_sources(supply):
        loss = loss_of(supply, nobody, flags(supply, [row.supplier]))
        assert int(loss.lost[loss.line == row.line][0]) == row.amount


def _owned(others: Alternatives) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return others.supplier, others.capacity, others.limit


@given(markets(), st.integers(4, 20))
@settings(max_examples=60)
def test_a_picture_keeps_its_limit_and_adds_up(market: Market, most: int) -> None:
    supply, _ = market
    picture, everything = drawing(supply, Focus(), most), drawing(supply, Focus(), 1000)
    assert len(picture.nodes) <= most
    assert everything.shown == everything.total == picture.total
    assert sum(link.amount for link in everything.links if link.stage is not None) == supply.amount.sum()
    ids = {node.id for node in picture.nodes}
    assert all({link.source, link.target} <= ids for link in picture.links)
