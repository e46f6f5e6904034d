"""A plan as a graph of networkx: what flows where, whole or around a node."""

import networkx as nx
import pytest

from services.matching.engine.plan import Objective, Plan, Suggestion

NOTHING = Objective(0, 0, 0)


def suggestion(line: int, supplier: int, capability: int, amount: int) -> Suggestion:
    """A suggestion without words."""
    return Suggestion(line, supplier, capability, amount, None, 0, {}, [])


def graph(**asked: object) -> nx.DiGraph:
    """Two lines of product 5 share a supplier; a third, of product 6, stands alone."""
    rows = [suggestion(0, 0, 0, 30), suggestion(1, 0, 1, 20), suggestion(1, 2, 3, 7), suggestion(2, 9, 9, 4)]
    return Plan(NOTHING, NOTHING, NOTHING, 0.0, rows).to_networkx([5, 5, 6], **asked)  # type: ignore[arg-type]


def test_what_enters_a_node_leaves_it() -> None:
    whole = graph()
    assert whole.nodes["supplier", 0] == {"kind": "supplier", "amount": 50}
    assert whole.edges[("line", 1), ("product", 5)]["amount"] == 27
    for node, told in whole.nodes(data="amount"):
        sides = [sum(each for *_, each in _edges(view, node)) for view in (whole.in_edges, whole.out_edges)]
        assert {side for side in sides if side} == {told}


def _edges(view: object, node: object) -> list[tuple[object, object, int]]:
    return list(view(node, data="amount"))  # type: ignore[operator]


def test_a_component_or_a_neighbourhood_of_a_node() -> None:
    assert ("line", 2) not in graph(around=("line", 0))
    assert set(graph(around=("line", 0), steps=1)) == {("line", 0), ("capability", 0), ("product", 5)}
    with pytest.raises(KeyError):
        graph(around=("line", 7))
