"""Proposals that nobody has decided yet are not reshuffled for little."""

from services.matching.engine.plan import Plan
from services.matching.engine.snapshot import Proposal, Snapshot
from tests.unit.matching.engine.build import PLAIN, capability, line, plan_of, snapshot, supplier


def two_suppliers(*proposals: Proposal, second: int | None = None) -> Snapshot:
    """A line of 1,000,000 that two suppliers could take; the first has room for 990,000, the second for `second`."""
    return snapshot(
        suppliers=[supplier(), supplier("S2")],
        capabilities=[capability(capacity_yuan=990_000), capability("C2", 1, capacity_yuan=second)],
        lines=[line()],
        proposals=list(proposals),
    )


def amounts(plan: Plan) -> dict[int, int]:
    """元 by capability."""
    return {row.capability: row.amount for row in plan.suggestions}


def test_among_equally_good_plans_the_former_one_stays() -> None:
    for former in (0, 1):
        of = snapshot(
            suppliers=[supplier(), supplier("S2")],
            capabilities=[capability(), capability("C2", 1)],
            proposals=[Proposal(0, former, 1_000_000)],
        )
        assert amounts(plan_of(of)) == {former: 1_000_000}


def test_what_is_free_beside_former_proposals_is_filled() -> None:
    assert amounts(plan_of(two_suppliers(Proposal(0, 0, 900_000), second=100_000))) == {0: 990_000, 1: 10_000}


def test_a_gain_above_the_threshold_changes_them() -> None:
    """Alone the first can have 990,000; the second the whole. The minimum of 15 % forbids to split off 1 %."""
    policy = PLAIN.model_copy(update={"minimum_share": 0.15, "change_threshold": 0.005})
    of = two_suppliers(Proposal(0, 0, 990_000))
    assert sum(amounts(plan_of(of, policy)).values()) == 1_000_000
    patient = policy.model_copy(update={"change_threshold": 0.02})
    assert amounts(plan_of(of, patient)) == {0: 990_000}
