"""Single sources, concentration, losses, critical firms, outages and tiers, worked by hand."""

import networkx as nx
import numpy as np
import pytest

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.snapshot import Incumbent
from services.matching.engine.supply_graph.concentration import GroupedBy, concentration, hhi, whole
from services.matching.engine.supply_graph.critical import critical_firms, flags
from services.matching.engine.supply_graph.interdiction import worst_set
from services.matching.engine.supply_graph.losses import Alternatives, loss_of
from services.matching.engine.supply_graph.outage import Damage, outage
from services.matching.engine.supply_graph.sources import single_sources
from services.matching.engine.supply_graph.supply import Stage
from services.matching.engine.supply_graph.tiers import firm_graph, tiers
from tests.unit.matching.engine.build import QINGDAO, YANTAI, product, supplier
from tests.unit.matching.supply_graph.market import DING, JIA, YI, A, B, C, approved, others, supply, world


def test_lines_with_one_source() -> None:
    first, second = single_sources(supply())
    assert (first.line, first.supplier, first.amount, first.certain) == (B, JIA, 500, True)
    assert (second.line, second.supplier, second.unnamed, second.certain) == (C, YI, 600, False)


def test_two_stages_of_one_supplier_are_one_source() -> None:
    """What 丁, outside the cluster, sells now gives way to what it is approved for: 100 · 750 / 1000."""
    of = world(**approved(250), incumbents=[Incumbent(A, DING, 100)])
    (found,) = single_sources(supply(of, Stage.APPROVED))
    assert (found.line, found.supplier, found.amount) == (A, DING, 325)


@pytest.mark.parametrize(
    ("amounts", "index"), [([], 0), ([7], 10_000), ([1, 1], 5_000), ([600, 400], 5_200), ([1, 1, 1], 3_333)]
)
def test_the_index_of_amounts(amounts: list[int], index: int) -> None:
    assert hhi(amounts) == index


def test_concentration_of_parts() -> None:
    first, second, third = concentration(supply(), GroupedBy.PART)
    assert (first.key, first.suppliers, first.cities, first.count) == (("L1", "a"), 5_200, 5_200, 2)
    assert (second.key, second.suppliers, second.unnamed) == (("L1", "b"), 10_000, 0)
    # 200 of 800 are known: a quarter squared, and at most all in one hand
    assert (third.key, third.suppliers, third.least, third.most) == (("L2", "c"), 10_000, 625, 10_000)


def test_concentration_of_leaders() -> None:
    first, second = concentration(supply(), GroupedBy.LEADER)
    assert (first.key, first.named, first.greatest) == (("L1",), 1500, JIA)
    assert first.suppliers == 6_089  # (1100² + 400²) / 1500²
    assert second.lines == (C,)


def test_concentration_of_regions() -> None:
    qingdao, yantai = concentration(supply(), GroupedBy.REGION)
    assert (qingdao.key, qingdao.named, qingdao.suppliers, qingdao.unnamed) == ((QINGDAO,), 1100, 10_000, 0)
    assert (yantai.key, yantai.named, yantai.lines) == ((YANTAI,), 600, (A, C))
    everything = whole(supply())
    assert everything is not None
    assert everything.cities == 5_433  # (1100² + 600²) / 1700²


def test_what_the_loss_of_one_firm_stops() -> None:
    """甲 loses 600 of a and 500 of b: 乙 takes 300 of a, 丁 350 of either."""
    loss = loss_of(supply(), others(), flags(supply(), [JIA]))
    assert (loss.supplied, loss.stopped) == (1100, 450)
    assert loss.line.tolist() == [A, B]


def test_what_the_loss_of_nobody_stops() -> None:
    loss = loss_of(supply(), others(), np.zeros(4, np.bool_))
    assert (loss.supplied, loss.stopped) == (0, 0)


def test_a_lost_firm_takes_nothing_over() -> None:
    """乙 loses 400 of a and 200 of c: 丁 takes 350, 丙 the 200; with 甲 gone too, 丁 has 350 for 1500."""
    assert loss_of(supply(), others(), flags(supply(), [YI])).stopped == 50
    assert loss_of(supply(), others(), flags(supply(), [JIA, YI])).stopped == 1150


def test_a_suppliers_total_binds_all_of_its_capabilities() -> None:
    some = others()
    some.limit[DING] = 100
    assert loss_of(supply(), some, flags(supply(), [JIA])).stopped == 700


def test_the_critical_firms() -> None:
    found = critical_firms(supply(), others(), 2)
    assert [(row.supplier, row.loss.stopped, row.together) for row in found.found] == [(JIA, 450, 450), (YI, 50, 1150)]
    # a: 600 - 650, b: 500 - 350
    assert (found.firms, found.solved, found.found[0].cut) == (2, 2, 150)


def test_a_firm_that_cannot_be_among_the_worst_is_not_solved() -> None:
    of = world(incumbents=[Incumbent(B, JIA, 500), Incumbent(C, YI, 100)])
    found = critical_firms(supply(of), others(), 1)
    assert [(row.supplier, row.loss.stopped) for row in found.found] == [(JIA, 150)]
    assert (found.firms, found.solved) == (2, 1)


def test_firms_that_are_each_others_way_out_are_worst_together() -> None:
    """甲 and 乙 could each take the other's 500 of b or c; 丙's 90 of a nobody can."""
    of = world(incumbents=[Incumbent(B, JIA, 500), Incumbent(C, YI, 500), Incumbent(A, 2, 90)])
    each_other = Alternatives(
        line=np.array([B, C]),
        capability=np.array([0, 1]),
        most=np.array([500, 500]),
        supplier=np.array([YI, JIA]),
        capacity=np.array([500, 500]),
        limit=np.full(4, UNLIMITED),
    )
    alone = critical_firms(supply(of), each_other, 2)
    assert [row.loss.stopped for row in alone.found] == [90, 0]
    together = worst_set(supply(of), each_other, 2, [2, JIA])
    assert (sorted(together.suppliers), together.stopped, together.at_most) == ([JIA, YI], 1000, 1000)
    assert worst_set(supply(of), each_other, 3, []).stopped == 1090


def test_a_region_goes_out() -> None:
    """Both suppliers of Yantai, of whom 乙 sells: the same as its loss, but 丙 takes nothing over either."""
    out = outage(supply(), others(), YANTAI)
    assert (out.suppliers, out.coarse) == ([YI], [])
    assert out.by_product == {0: Damage(400, 350), 1: Damage(200, 0)}
    assert out.by_cluster(supply()) == {0: Damage(400, 350), None: Damage(200, 0)}


def test_a_supplier_known_only_by_its_province_may_be_in_the_city() -> None:
    of = world(suppliers=[supplier("甲", region="370000"), *world().suppliers[1:]])
    out = outage(supply(of), others(), QINGDAO)
    assert (out.suppliers, out.coarse, out.loss.supplied) == ([], [JIA], 0)


def test_tiers_through_a_supplier_that_is_a_leader() -> None:
    """Q is made by 乙, which supplies L1: its supplier 丙 is two steps from L1, though also a direct one of it."""
    of = world(
        products=[product("P"), product("Q", leader_key="乙")],
        incumbents=[Incumbent(A, YI, 100), Incumbent(C, 2, 70), Incumbent(B, 2, 30)],
    )
    found = {row.firm: row for row in tiers(firm_graph(supply(of)))}
    assert {firm: row.tier for firm, row in found.items()} == {"L1": 0, "乙": 1, "丙": 2}
    assert (found["乙"].buys, found["乙"].sells, found["丙"].sells) == (70, 100, 100)


def test_firms_that_supply_each_other_are_one_step() -> None:
    graph = nx.DiGraph()
    for leader, firm in [("L", "x"), ("x", "y"), ("y", "x"), ("y", "z")]:
        graph.add_edge(leader, firm, amount=1)
    found = {row.firm: (row.tier, row.in_circle) for row in tiers(graph)}
    assert found == {"L": (0, False), "x": (1, True), "y": (1, True), "z": (2, False)}


def test_a_leaders_own_make_is_no_tier() -> None:
    of = world(products=[product("P", leader_key="甲"), product("Q")], incumbents=[Incumbent(A, JIA, 600)])
    assert tiers(firm_graph(supply(of))) == []
