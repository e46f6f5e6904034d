"""Who else could make what, and what there is to spare."""

from typing import Any

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Suggestion
from services.matching.engine.snapshot import Commitment, Snapshot
from services.matching.engine.supply_graph.alternatives import Eligible, alternatives, in_order
from services.matching.engine.supply_graph.losses import Alternatives
from services.matching.engine.supply_graph.supply import Stage
from services.matching.engine.what_if.rehearsal import Rehearsal
from tests.unit.matching.engine.build import PLAIN, YANTAI, capability, line, snapshot, supplier
from tests.unit.matching.supply_graph.market import plan

EVERY_PAIR = in_order(np.array([1, 0, 1, 0]), np.array([1, 0, 0, 1]))


def two(**tables: Any) -> Snapshot:
    """Two lines of 100 元 and 200 元 a piece, and two suppliers who can make both."""
    rows: dict[str, Any] = {
        "suppliers": [supplier("S1"), supplier("S2", region=YANTAI)],
        "capabilities": [capability("C1", 0), capability("C2", 1)],
        "lines": [line("N1"), line("N2", unit_price=2_000_000, quantity=5_000_000)],
    }
    return snapshot(**rows | tables)


def room(of: Snapshot, until: Stage = Stage.CURRENT, **made: Any) -> Alternatives:
    return alternatives(of, plan(**made), PLAIN, until, EVERY_PAIR)


def listed(found: Eligible) -> list[tuple[int, int]]:
    return list(zip(found.line.tolist(), found.capability.tolist(), strict=True))


def test_the_candidates_of_a_run_whatever_the_order_of_the_rows() -> None:
    assert listed(Rehearsal(two(), PLAIN).pairs) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    turned = two(capabilities=[capability("Z", 1), capability("A", 0)])
    assert listed(Rehearsal(turned, PLAIN).pairs) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_what_is_not_stated_is_unlimited() -> None:
    found = room(two())
    assert found.capacity.tolist() == found.limit.tolist() == [UNLIMITED, UNLIMITED]
    assert found.most.tolist() == [UNLIMITED] * 4


def test_what_is_approved_and_suggested_is_not_to_spare() -> None:
    rows = [capability("C1", 0, capacity_yuan=1000), capability("C2", 1)]
    of = two(capabilities=rows, commitments=[Commitment(0, 0, 300)])
    wanted = [Suggestion(1, 0, 0, 600, None, 1, {}, [])]
    assert room(of, Stage.CURRENT, suggestions=wanted).capacity[0] == 700
    assert room(of, Stage.SUGGESTED, suggestions=wanted).capacity[0] == 100


def test_pieces_are_worth_the_lowest_price() -> None:
    """10 pieces left of 15: 500 元 of N1 at 100 元 a piece took 5."""
    rows = [capability("C1", 0, capacity_units=15_000), capability("C2", 1, capacity_units=1_000)]
    found = room(two(capabilities=rows, commitments=[Commitment(0, 0, 500)]))
    assert found.capacity.tolist() == [1000, 100]


def test_pieces_without_a_price_are_worth_nothing() -> None:
    rows = [capability("C1", 0, capacity_units=15_000), capability("C2", 1)]
    lines = [line("N1", unit_price=None), line("N2", unit_price=None)]
    assert room(two(capabilities=rows, lines=lines)).capacity.tolist() == [0, UNLIMITED]


def test_a_suppliers_total_is_less_by_what_is_approved() -> None:
    suppliers = [supplier("S1", total_capacity=1000), supplier("S2")]
    found = room(two(suppliers=suppliers, commitments=[Commitment(0, 0, 300)]))
    assert found.limit.tolist() == [700, UNLIMITED]


def test_nothing_is_limited_where_the_policy_says_so() -> None:
    of = two(capabilities=[capability("C1", 0, capacity_yuan=5), capability("C2", 1)])
    free = PLAIN.model_copy(update={"limit_capacity": False})
    assert alternatives(of, plan(), free, Stage.CURRENT, EVERY_PAIR).capacity[0] == UNLIMITED


def test_no_pairs_at_all() -> None:
    none = np.zeros(0, np.int64)
    assert alternatives(two(), plan(), PLAIN, Stage.CURRENT, in_order(none, none)).line.tolist() == []
