"""A run over both tenants and its suggestions, written straight down: no engine is needed for them.

The small province's plan, with tenant A's product and words in place of P1's, tenant B's leader as Q's. Of A's need one
suggestion to its own supplier was approved; one to tenant B's supplier waits for its reviewer.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import State
from shared.codes.credit_code import make
from tests.support import small_province
from tests.support.catalog_world import World

OF_A, TO_B = UUID(int=0x7100), UUID(int=0x7101)
Mark = Callable[[str], str]


def settle(session: Session, world: World, ids: Mapping[str, str], mark: Mark) -> UUID:
    """Write the run and the suggestions, and commit; the id of the run, which no other stand has."""
    run = uuid4()
    made = _marked(small_province.snapshot(), world, ids, mark)
    for group in small_province.run_rows(run, made, small_province.plan(), Policy()):
        session.add_all(group)
        session.flush()
    near = _suggestion(OF_A, run, world, ids, mark, "near")
    near.state = near.stage = State.APPROVED
    session.add_all([near, _suggestion(TO_B, run, world, ids, mark, "far")])
    session.commit()
    return run


def _marked(made: Snapshot, world: World, ids: Mapping[str, str], mark: Mark) -> Snapshot:
    a, b = str(world.enterprises["A"]), str(world.enterprises["B"])
    named: dict[str, Any] = {"leader_name": mark("快照链主名"), "leader_key": make(1), "leader_id": a}
    ours, second, theirs = made.products
    ours = replace(ours, id=ids["products"], name=mark("快照产品名"), **named)
    theirs = replace(theirs, leader_key=make(2), leader_id=b)
    lines = [
        replace(line, part_name=mark(f"快照零件名{at}"), text=mark("快照说明")) if line.product < 2 else line
        for at, line in enumerate(made.lines)
    ]
    lines[0] = replace(lines[0], id=ids["needs"])
    cluster = replace(made.clusters[0], id=str(world.clusters["ships"]))
    products = [ours, replace(second, **named), theirs]
    return replace(made, products=products, lines=lines, clusters=[cluster])


def _suggestion(id: UUID, run: UUID, world: World, ids: Mapping[str, str], mark: Mark, supplier: str) -> Suggestion:
    """A proposed suggestion of 917,253 元 of tenant A's need."""
    labels = {
        "product_code": mark("建议产品编号"),
        "product_name": mark("建议产品名"),
        "leader_name": mark("建议链主名"),
        "cluster_name": "船舶集群",
        "part_code": mark("建议零件号"),
        "part_name": mark("建议零件名"),
        "class_code": "3443",
        "unit": "件",
        "unit_price": "7.7717",
        "supplier_name": "丙阀门（虚构）" if supplier == "near" else "丁铸造（虚构）",
        "supplier_region": "370200",
        "supplier_place": "青岛市",
        "capability_name": "阀门" if supplier == "near" else "铸件",
    }
    return Suggestion(
        id=id,
        run_id=run,
        basis="value",
        need_id=UUID(ids["needs"]),
        line_key="A/1",
        product_id=UUID(ids["products"]),
        leader_id=world.enterprises["A"],
        leader_key=make(1),
        cluster_id=world.clusters["ships"],
        supplier_id=world.enterprises[supplier],
        supplier_key=supplier,
        capability_id=UUID(int=world.enterprises[supplier].int ^ 1),
        capability_key=f"{supplier}/1",
        amount=917_253,
        quantity=None,
        placed_amount=917_253,
        line_spend=1_834_506,
        score=800,
        merit=917_253 * 800,
        labels=labels,
        score_parts={"text": 800},
        evidence=[],
        effect={"cluster": {"key": "SHIPS"}},
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
