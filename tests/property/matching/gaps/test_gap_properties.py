"""Every plan that the engine makes can be told: its diagnosis adds up, and each line and lever has its sentence."""

from hypothesis import given, settings

from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.solve import solve
from services.matching.gaps.rules import By, check, diagnose, diagnose_all, totals
from services.matching.gaps.sentences import lever_sentence, line_sentence, near_sentence
from tests.property.matching.engine.worlds import policies, worlds


@settings(max_examples=30)
@given(worlds(), policies())
def test_every_plan_can_be_told(snapshot: Snapshot, policy: Policy) -> None:
    plan = solve(snapshot, policy, lambda _: None)
    check(snapshot, plan)
    everything = list(range(len(snapshot.lines)))
    whole = diagnose_all(snapshot, plan, everything)
    for by in By:
        assert sum(row.spend for row in diagnose(snapshot, plan, by, everything)) == whole.spend
    for at in everything:
        sentence = line_sentence(snapshot, plan, at, policy.basis)
        assert sentence.startswith("检索到 ")
        assert "下一步：" in sentence
    for near in plan.near_misses:
        assert "只差一步" in near_sentence(snapshot, near, policy.basis)
    counted = {at: row.counted for at, row in enumerate(totals(snapshot, plan, By.CLUSTER, everything))}
    for lever in plan.levers:
        assert "家企业" in lever_sentence(snapshot, lever, dict(counted), policy.basis)


@settings(max_examples=30)
@given(worlds(), policies())
def test_the_joint_optimum_of_all_products_is_not_below_the_plan(snapshot: Snapshot, policy: Policy) -> None:
    plan = solve(snapshot, policy, lambda _: None)
    rows = totals(snapshot, plan, By.PRODUCT, list(range(len(snapshot.lines))))
    assert sum(row.suggested for row in rows) <= sum(row.attainable_joint for row in rows)
    assert all(row.local_now + row.approved + row.suggested <= row.counted for row in rows)
    assert all((row.attainable_alone or 0) + row.local_now + row.approved <= row.counted for row in rows)
