"""The picture: nodes, links by stage, and how much of what it is about is shown."""

from services.matching.engine.snapshot import Incumbent
from services.matching.engine.supply_graph.drawing import Drawing, Extent, Focus, drawing, supply_graph
from services.matching.engine.supply_graph.supply import Stage
from tests.unit.matching.engine.build import YANTAI, product
from tests.unit.matching.supply_graph.market import DING, JIA, A, approved, supply, world


def ids(picture: Drawing) -> list[str]:
    return sorted(node.id for node in picture.nodes)


def test_all_of_it() -> None:
    picture = drawing(supply(), Focus(), 100)
    assert ids(picture) == [
        *("firm:L1", "firm:L2", "firm:乙", "firm:甲"),
        *("line:P/a", "line:P/b", "line:Q/c", "product:P", "product:Q"),
    ]
    assert picture.shown == picture.total == Extent(lines=3, suppliers=2, spend=2300)
    amounts = {(link.source, link.target, link.stage): link.amount for link in picture.links}
    assert amounts["firm:甲", "line:P/a", "current"] == 600
    assert amounts["line:P/a", "product:P", None] == 1000
    assert amounts["product:P", "firm:L1", None] == 1500
    nodes = {node.id: node for node in picture.nodes}
    assert (nodes["line:Q/c"].unnamed, nodes["firm:甲"].amount, nodes["firm:L1"].kind) == (600, 1100, "leader")


def test_the_stages_of_one_pair_are_links_of_their_own() -> None:
    of = world(**approved(250), incumbents=[Incumbent(A, DING, 100)])
    picture = drawing(supply(of, Stage.APPROVED), Focus(), 100)
    stages = {link.stage: link.amount for link in picture.links if link.source == "firm:丁"}
    assert stages == {"current": 75, "approved": 250}


def test_the_greatest_lines_first_and_it_says_so() -> None:
    picture = drawing(supply(), Focus(), 5)
    assert ids(picture) == ["firm:L1", "firm:乙", "firm:甲", "line:P/a", "product:P"]
    assert (picture.shown, picture.total) == (Extent(1, 2, 1000), Extent(3, 2, 2300))


def test_a_line_with_too_many_suppliers_shows_the_greatest() -> None:
    picture = drawing(supply(), Focus(), 4)
    assert ids(picture) == ["firm:L1", "firm:甲", "line:P/a", "product:P"]
    assert (picture.shown.suppliers, picture.total.suppliers) == (1, 2)


def test_the_neighbourhood_of_a_supplier_a_product_a_leader_a_city() -> None:
    assert drawing(supply(), Focus(supplier=JIA), 100).shown.lines == 2
    assert drawing(supply(), Focus(product=1), 100).shown.lines == 1
    assert drawing(supply(), Focus(leader="L1"), 100).shown.lines == 2
    assert drawing(supply(), Focus(region=YANTAI), 100).shown.lines == 2
    assert drawing(supply(), Focus(region=YANTAI, leader="L1"), 100).shown.lines == 1


def test_nothing_to_draw() -> None:
    picture = drawing(supply(), Focus(supplier=DING), 100)
    assert (picture.nodes, picture.links, picture.total) == ([], [], Extent(0, 0, 0))


def test_a_leader_that_supplies_is_one_node() -> None:
    of = world(products=[product("P"), product("Q", leader_key="乙")])
    graph = supply_graph(supply(of), [A, 2])
    assert graph.nodes["firm:乙"]["kind"] == "leader"
    assert graph.has_edge("firm:乙", "line:P/a") and graph.has_edge("product:Q", "firm:乙")
    assert graph["firm:乙"]["line:P/a"]["amount"] == 400
