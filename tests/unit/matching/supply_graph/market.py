"""A supply small enough to work by hand: two products of two leaders, four suppliers in three cities.

| line  | spend | 甲 (Qingdao) | 乙 (Yantai) | 丙 (Yantai) | unnamed |
|-------|-------|-------------|------------|------------|---------|
| P/a   | 1000  | 600         | 400        |            | 0       |
| P/b   | 500   | 500         |            |            | 0       |
| Q/c   | 800   |             | 200        |            | 600     |

丁 (Weifang) supplies nothing yet. 乙 could make a with 300 元 to spare, 丁 could make a and b with 350 in all, and 丙
could make any amount of c.
"""

from typing import Any

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Objective, Plan
from services.matching.engine.snapshot import Commitment, Incumbent, Snapshot
from services.matching.engine.supply_graph.losses import Alternatives
from services.matching.engine.supply_graph.supply import Stage, Supply, supply_of
from tests.unit.matching.engine.build import (
    PLAIN,
    QINGDAO,
    WEIFANG,
    YANTAI,
    capability,
    line,
    product,
    snapshot,
    supplier,
)

JIA, YI, BING, DING = range(4)
A, B, C = range(3)
NOTHING = Objective(0, 0, 0)


def world(**tables: Any) -> Snapshot:
    """The snapshot of the table above."""
    places = {"甲": QINGDAO, "乙": YANTAI, "丙": "370602", "丁": WEIFANG}
    spends = {A: ("P/a", 0, 1000), B: ("P/b", 0, 500), C: ("Q/c", 1, 800)}
    rows: dict[str, Any] = {
        "suppliers": [supplier(key, region=place) for key, place in places.items()],
        "capabilities": [capability("乙/a", YI), capability("丁/ab", DING), capability("丙/c", BING)],
        "products": [product("P"), product("Q", leader_key="L2", leader_name="第二链主", cluster=None)],
        "lines": [
            line(key, at, part_code=key[-1], spend=spend, outside=spend, movable=spend)
            for key, at, spend in spends.values()
        ],
        "incumbents": [Incumbent(A, JIA, 600), Incumbent(A, YI, 400), Incumbent(B, JIA, 500), Incumbent(C, YI, 200)],
    }
    return snapshot(**rows | tables)


def plan(**changes: Any) -> Plan:
    """A plan that suggests nothing."""
    return Plan(objective=NOTHING, bound=NOTHING, greedy=NOTHING, gap=0.0, **changes)


def supply(of: Snapshot | None = None, until: Stage = Stage.CURRENT, made: Plan | None = None) -> Supply:
    """The supply of all lines."""
    of = of or world()
    return supply_of(of, made or plan(), PLAIN, until, range(len(of.lines)))


def others() -> Alternatives:
    """Who could take over, as the module says."""
    return Alternatives(
        line=np.array([A, A, B, C]),
        capability=np.array([0, 1, 1, 2]),
        most=np.array([300, 350, 350, UNLIMITED]),
        supplier=np.array([YI, DING, BING]),
        capacity=np.array([300, 350, UNLIMITED]),
        limit=np.full(4, UNLIMITED),
    )


def approved(amount: int) -> dict[str, Any]:
    """The world's tables with an approved suggestion: 丁 gets `amount` of line a, which is bought less outside."""
    rows = world().lines
    less = line("P/a", 0, part_code="a", spend=1000, committed=amount, outside=1000 - amount, movable=1000 - amount)
    return {"lines": [less, *rows[1:]], "commitments": [Commitment(A, 1, amount)]}
