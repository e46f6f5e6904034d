"""What holds of every plan: limits are kept to the piece, figures add up, and row order does not matter."""

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.engine.judgement.facts import unit_factor
from services.matching.engine.plan import Plan, SpendClass, Verdict
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.solve import solve
from services.matching.engine.wire import plan_from_json, plan_to_json, snapshot_from_json, snapshot_to_json
from tests.property.matching.engine.worlds import make_world, policies, shuffled, worlds

ENOUGH = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def silent(_: str) -> None:
    """No progress is shown."""


def by_keys(snapshot: Snapshot, plan: Plan) -> dict[str, object]:
    """A plan told in natural keys, as sets where order carries nothing."""
    line, supplier = [row.key for row in snapshot.lines], [row.key for row in snapshot.suppliers]
    capability = [row.key for row in snapshot.capabilities]
    return {
        "objective": (plan.objective, plan.bound, plan.greedy, plan.gap),
        "suggestions": [
            (line[s.line], supplier[s.supplier], capability[s.capability], s.amount, s.quantity, s.score, s.score_parts)
            for s in plan.suggestions
        ],
        "near_misses": [
            (line[n.line], capability[n.capability], n.rule, n.evidence, n.potential) for n in plan.near_misses
        ],
        "funnels": {line[f.line]: (f.retrieved, f.eligible, f.taken, f.removed) for f in plan.funnels},
        "diagnosis": {line[position]: row for position, row in enumerate(plan.diagnosis)},
        "unknown": {line[position]: row for position, row in enumerate(plan.unknown_reasons)},
        "products": {
            snapshot.products[p.product].key: (p.attainable_joint, p.attainable_alone, p.greedy) for p in plan.products
        },
        "levers": [
            (
                lever.rule,
                lever.what,
                lever.city,
                [supplier[who] for who in lever.suppliers],
                lever.gain,
                {snapshot.clusters[cluster].key: gain for cluster, gain in lever.cluster_gain.items()},
            )
            for lever in plan.levers
        ],
    }


@ENOUGH
@given(worlds(), policies())
def test_no_limit_is_passed(snapshot: Snapshot, policy: Policy) -> None:
    plan = solve(snapshot, policy, silent)
    moved: Counter[int] = Counter()
    pair: Counter[tuple[int, int]] = Counter()
    yuan: Counter[int] = Counter()
    units: dict[int, Fraction] = defaultdict(Fraction)
    of_supplier: Counter[int] = Counter()
    for line, supplier, amount in (
        *((row.line, row.supplier, row.amount) for row in snapshot.incumbents),
        *((row.line, snapshot.capabilities[row.capability].supplier, row.amount) for row in snapshot.commitments),
    ):
        pair[line, supplier] += amount
    already = dict(pair)
    for row in (*snapshot.commitments, *plan.suggestions):
        line, capability = snapshot.lines[row.line], snapshot.capabilities[row.capability]
        yuan[row.capability] += row.amount
        of_supplier[capability.supplier] += row.amount
        factor = unit_factor(line.unit, capability.unit)
        if factor is not None and line.unit_price:
            units[row.capability] += factor * Fraction(row.amount * 10_000_000, line.unit_price)
    for suggestion in plan.suggestions:
        moved[suggestion.line] += suggestion.amount
        pair[suggestion.line, suggestion.supplier] += suggestion.amount
    assert all(amount <= snapshot.lines[line].movable for line, amount in moved.items())
    for (at, supplier), amount in pair.items():
        own = snapshot.lines[at].supplier_cap
        cap = Decimal(str(policy.supplier_cap)) if own is None else Decimal(own) / 10_000
        if amount > already.get((at, supplier), 0):
            assert amount <= floor(cap * snapshot.lines[at].spend)
    for suggestion in plan.suggestions if policy.limit_capacity else ():
        capability = snapshot.capabilities[suggestion.capability]
        limit = snapshot.suppliers[suggestion.supplier].total_capacity
        assert limit is None or of_supplier[suggestion.supplier] <= limit
        assert capability.capacity_yuan is None or yuan[suggestion.capability] <= capability.capacity_yuan
        assert capability.capacity_units is None or units[suggestion.capability] <= capability.capacity_units


@ENOUGH
@given(worlds(), policies())
def test_every_suggestion_reaches_the_minimum_and_met_every_rule(snapshot: Snapshot, policy: Policy) -> None:
    plan = solve(snapshot, policy, silent)
    pair: Counter[tuple[int, int]] = Counter()
    for suggestion in plan.suggestions:
        line, capability = snapshot.lines[suggestion.line], snapshot.capabilities[suggestion.capability]
        pair[suggestion.line, suggestion.supplier] += suggestion.amount
        assert suggestion.amount > 0
        assert suggestion.score == sum(suggestion.score_parts.values()) <= 1000
        assert all(evidence.verdict is not Verdict.FAILED for evidence in suggestion.evidence)
        factor = unit_factor(capability.unit, line.unit)
        if capability.moq and line.unit_price and factor is not None:
            assert suggestion.amount >= ceil(capability.moq * factor * Fraction(line.unit_price, 10_000_000))
    share = Decimal(str(policy.minimum_share))
    assert all(amount >= ceil(share * snapshot.lines[line].spend) for (line, _), amount in pair.items())


@ENOUGH
@given(worlds(), policies())
def test_the_diagnosis_adds_up(snapshot: Snapshot, policy: Policy) -> None:
    plan = solve(snapshot, policy, silent)
    order = list(SpendClass)
    after = order.index(SpendClass.UNKNOWN_NOT_MOVED)
    suggested: Counter[int] = Counter()
    for suggestion in plan.suggestions:
        suggested[suggestion.line] += suggestion.amount
    for position, (line, spend) in enumerate(zip(snapshot.lines, plan.diagnosis, strict=True)):
        assert sum(spend.values()) == line.spend and all(amount > 0 for amount in spend.values())
        assert spend.get(SpendClass.EXCLUDED, 0) == line.excluded
        assert spend.get(SpendClass.LOCAL_NOW, 0) == line.local_now
        assert spend.get(SpendClass.APPROVED, 0) == line.committed
        assert spend.get(SpendClass.SUGGESTED, 0) == suggested[position]
        unknown = plan.unknown_reasons[position]
        assert sum(unknown.values()) == spend.get(SpendClass.UNKNOWN_NOT_MOVED, 0)
        assert all(amount > 0 and order.index(reason) > after for reason, amount in unknown.items())


@ENOUGH
@given(worlds(), policies())
def test_the_bound_holds_and_greedy_is_no_better(snapshot: Snapshot, policy: Policy) -> None:
    plan = solve(snapshot, policy, silent)
    bound = (plan.bound.toward_target, plan.bound.total, plan.bound.weighted_score)
    for reached in (plan.objective, plan.greedy):
        assert (reached.toward_target, reached.total, reached.weighted_score) <= bound
        assert reached.total <= plan.bound.total
    assert 0 <= plan.gap <= 1
    assert plan.bound.total <= sum(product.attainable_joint for product in plan.products)
    for product in plan.products:
        assert product.attainable_joint <= product.attainable_alone
        assert product.greedy <= product.attainable_alone


@ENOUGH
@given(worlds(), policies(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(snapshot: Snapshot, policy: Policy, random: Random) -> None:
    other = shuffled(random, snapshot)
    assert by_keys(snapshot, solve(snapshot, policy, silent)) == by_keys(other, solve(other, policy, silent))


@ENOUGH
@given(worlds(), policies())
def test_wire_forms_are_faithful_and_deterministic(snapshot: Snapshot, policy: Policy) -> None:
    data = snapshot_to_json(snapshot)
    again = snapshot_from_json(data)
    assert again == snapshot and snapshot_to_json(again) == data
    plan = solve(again, policy, silent)
    assert plan_from_json(plan_to_json(plan)) == plan
    assert plan_to_json(solve(snapshot, policy, silent)) == plan_to_json(plan)


OPEN = Policy(scope="province", candidates_per_need=None, minimum_share=0)


def attainable(snapshot: Snapshot, policy: Policy) -> int:
    """The total that could be moved in all."""
    return sum(product.attainable_joint for product in solve(snapshot, policy, silent).products)


@ENOUGH
@given(worlds(), st.data())
def test_one_more_supplier_never_lowers_the_total_attainable(snapshot: Snapshot, data: st.DataObject) -> None:
    committed = {snapshot.capabilities[row.capability].supplier for row in snapshot.commitments}
    free = [position for position in range(len(snapshot.suppliers)) if position not in committed]
    if not free:
        return
    gone = data.draw(st.sampled_from(free))
    kept = [position for position, row in enumerate(snapshot.capabilities) if row.supplier != gone]
    new = {position: number for number, position in enumerate(kept)}
    fewer = replace(
        snapshot,
        capabilities=[snapshot.capabilities[position] for position in kept],
        commitments=[replace(row, capability=new[row.capability]) for row in snapshot.commitments],
    )
    assert attainable(fewer, OPEN) <= attainable(snapshot, OPEN)


@ENOUGH
@given(worlds(), st.data())
def test_halving_a_capacity_never_raises_what_can_be_reached(snapshot: Snapshot, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(snapshot.capabilities) - 1))
    row = snapshot.capabilities[position]
    half = replace(
        row,
        capacity_yuan=None if row.capacity_yuan is None else row.capacity_yuan // 2,
        capacity_units=None if row.capacity_units is None else row.capacity_units // 2,
    )
    capabilities = [*snapshot.capabilities[:position], half, *snapshot.capabilities[position + 1 :]]
    fewer = replace(snapshot, capabilities=capabilities)
    policy = OPEN.model_copy(update={"minimum_share": 0.15})
    before, after = solve(snapshot, policy, silent), solve(fewer, policy, silent)
    assert after.bound.total <= before.bound.total
    assert sum(p.attainable_joint for p in after.products) <= sum(p.attainable_joint for p in before.products)


def test_a_world_of_some_size_is_solved_near_its_bound_whatever_the_order() -> None:
    snapshot = make_world(Random(7), lines=120, capabilities=300)
    policy = Policy(scope="province")
    plan = solve(snapshot, policy, silent)
    assert plan.objective.toward_target >= 0.99 * plan.bound.toward_target
    assert plan.gap < 0.03
    assert plan.greedy.total < plan.objective.total
    other = shuffled(Random(8), snapshot)
    assert by_keys(other, solve(other, policy, silent)) == by_keys(snapshot, plan)
