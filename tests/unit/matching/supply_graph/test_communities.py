"""Communities: who trades with whom, on graphs whose groups are plain to see."""

from random import Random

import networkx as nx
import pytest

from services.matching.engine.supply_graph.communities import communities


def trades(*rows: tuple[str, str, int]) -> nx.DiGraph:
    graph = nx.DiGraph()
    for leader, supplier, amount in rows:
        graph.add_edge(leader, supplier, amount=amount)
    return graph


TWO = [("L1", "S1", 900), ("L1", "S2", 500), ("L2", "S3", 800), ("L2", "S4", 700), ("L1", "S3", 10)]


def test_two_leaders_with_their_suppliers() -> None:
    found = communities(trades(*TWO))
    second, first = found.found[1], found.found[0]
    assert (first.firms, first.leaders, first.inside, first.across) == (["L2", "S3", "S4"], 1, 1500, 10)
    assert (second.firms, second.inside, second.across) == (["L1", "S1", "S2"], 1400, 10)
    assert 0.4 < found.modularity < 0.5


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = Random(3).sample(TWO, len(TWO))
    assert communities(trades(*shuffled)) == communities(trades(*TWO))


def test_leaders_that_supply_each_other_are_counted_both_ways() -> None:
    (only,) = communities(trades(("L1", "L2", 30), ("L2", "L1", 20))).found
    assert (only.leaders, only.inside, only.across) == (2, 50, 0)


@pytest.mark.parametrize("graph", [nx.DiGraph(), trades(("L1", "S1", 0))], ids=["empty", "nothing is dealt"])
def test_nobody_trades(graph: nx.DiGraph) -> None:
    assert communities(graph).found == [] or communities(graph).modularity == 0
