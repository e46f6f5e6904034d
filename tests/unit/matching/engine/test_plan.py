"""Hand-worked plans: what moves, how much, and why no more."""

from datetime import date
from typing import Any

import pytest

from services.matching.engine.plan import Objective, Plan, Rule, SpendClass
from services.matching.engine.policy import Basis, Policy, Scope
from services.matching.engine.snapshot import CertificateAsked, Commitment, Exclusion, Incumbent, Preference, Snapshot
from services.matching.engine.solve import solve
from tests.unit.matching.engine.build import (
    PLAIN,
    WEIFANG,
    YANTAI,
    capability,
    certificate,
    cluster,
    line,
    plan_of,
    product,
    snapshot,
    supplier,
)

TWO_SUPPLIERS: dict[str, Any] = {
    "suppliers": [supplier(), supplier("S2", region=YANTAI)],
    "capabilities": [capability(), capability("C2", 1)],
}


def amounts(plan: Plan) -> dict[tuple[int, int], int]:
    """元 by line and capability."""
    return {(row.line, row.capability): row.amount for row in plan.suggestions}


def test_everything_moves_where_nothing_stands_in_the_way() -> None:
    plan = plan_of(snapshot())
    assert amounts(plan) == {(0, 0): 1_000_000}
    assert plan.suggestions[0].quantity == 10_000_000
    assert plan.objective.toward_target == 500_000 and plan.objective.total == 1_000_000
    assert plan.gap == 0 and plan.bound == plan.objective
    assert plan.diagnosis == [{SpendClass.SUGGESTED: 1_000_000}]


def test_the_cap_leaves_room_for_a_second_supplier() -> None:
    policy = PLAIN.model_copy(update={"supplier_cap": 0.6})
    assert sorted(amounts(plan_of(snapshot(**TWO_SUPPLIERS), policy)).values()) == [400_000, 600_000]
    alone = plan_of(snapshot(), policy)
    assert amounts(alone) == {(0, 0): 600_000}
    assert alone.diagnosis == [{SpendClass.SUGGESTED: 600_000, SpendClass.KEPT_BY_CAP: 400_000}]


def test_a_line_s_own_cap_goes_before_the_policy_s() -> None:
    policy = PLAIN.model_copy(update={"supplier_cap": 0.6})
    tight = {**TWO_SUPPLIERS, "lines": [line(supplier_cap=3_333)]}
    assert sorted(amounts(plan_of(snapshot(**tight), policy)).values()) == [333_300, 333_300]
    assert amounts(plan_of(snapshot(lines=[line(supplier_cap=10_000)]), policy)) == {(0, 0): 1_000_000}


def test_whom_the_leader_does_not_take_gets_nothing_and_whom_it_prefers_comes_first() -> None:
    refused = plan_of(snapshot(**TWO_SUPPLIERS, preferences=[Preference(0, 0, True)]))
    assert {supplier for _, supplier in amounts(refused)} == {1}
    assert amounts(plan_of(snapshot(preferences=[Preference(0, 0, True)]))) == {}
    for at in (0, 1):
        preferred = plan_of(snapshot(**TWO_SUPPLIERS, preferences=[Preference(0, at, False)]))
        assert amounts(preferred) == {(0, at): 1_000_000}


def test_what_a_supplier_already_has_counts_into_its_cap() -> None:
    policy = PLAIN.model_copy(update={"supplier_cap": 0.6})
    of = snapshot(
        lines=[line(local_now=350_000, outside=600_000, committed=50_000, movable=600_000)],
        incumbents=[Incumbent(0, 0, 350_000)],
        commitments=[Commitment(0, 0, 50_000)],
    )
    plan = plan_of(of, policy)
    assert amounts(plan) == {(0, 0): 200_000}
    assert plan.diagnosis == [
        {
            SpendClass.LOCAL_NOW: 350_000,
            SpendClass.APPROVED: 50_000,
            SpendClass.SUGGESTED: 200_000,
            SpendClass.KEPT_BY_CAP: 400_000,
        }
    ]


def test_several_capabilities_of_one_supplier_share_its_cap_and_its_minimum() -> None:
    policy = PLAIN.model_copy(update={"supplier_cap": 0.6, "minimum_share": 0.5})
    two = [capability(capacity_yuan=300_000), capability("C2", capacity_yuan=400_000)]
    assert sum(amounts(plan_of(snapshot(capabilities=two), policy)).values()) == 600_000
    small = [capability(capacity_yuan=200_000), capability("C2", capacity_yuan=200_000)]
    assert amounts(plan_of(snapshot(capabilities=small), policy)) == {}


def test_a_minimum_order_holds_for_each_capability() -> None:
    two = [capability(capacity_yuan=300_000), capability("C2", capacity_yuan=400_000, moq=5_000_000)]
    assert amounts(plan_of(snapshot(capabilities=two))) == {(0, 0): 300_000}


def test_below_the_minimum_nothing_moves_and_the_diagnosis_says_so() -> None:
    policy = PLAIN.model_copy(update={"minimum_share": 0.15})
    plan = plan_of(snapshot(capabilities=[capability(capacity_yuan=149_999)]), policy)
    assert amounts(plan) == {}
    assert plan.bound == Objective(0, 0, 0) and plan.gap == 0
    assert plan.products[0].attainable_joint == 149_999
    assert plan.diagnosis == [{SpendClass.BELOW_MINIMUM: 149_999, SpendClass.CAPACITY_TAKEN: 850_001}]
    enough = plan_of(snapshot(capabilities=[capability(capacity_yuan=150_000)]), policy)
    assert amounts(enough) == {(0, 0): 150_000}


def test_capacity_in_pieces_is_exact_for_one_price() -> None:
    plan = plan_of(snapshot(capabilities=[capability(capacity_units=2_500_999)]))
    assert amounts(plan) == {(0, 0): 250_099}


def test_capacity_in_pieces_goes_to_the_dear_line_when_it_is_short() -> None:
    """1,000 pieces: the line at 100 元 takes all, the one at 10 元 would be worth a tenth."""
    cheap = line("N2", unit_price=100_000, spend=100_000, outside=100_000, movable=100_000)
    plan = plan_of(snapshot(lines=[line(), cheap], capabilities=[capability(capacity_units=1_000_000)]))
    assert amounts(plan) == {(0, 0): 100_000}


def test_capacity_is_converted_between_units() -> None:
    """2 吨 at 4,000 元 each, of a supplier that counts in 千克."""
    asked = line(unit="吨", quantity=100_000, unit_price=40_000_000, spend=400_000, outside=400_000, movable=400_000)
    of = snapshot(lines=[asked], capabilities=[capability(unit="千克", capacity_units=2_000_000)])
    assert amounts(plan_of(of)) == {(0, 0): 8_000}


def test_commitments_take_capacity() -> None:
    lines = [line(), line("N2", committed=200_000, outside=800_000, movable=800_000)]
    of = snapshot(
        lines=lines, capabilities=[capability(capacity_yuan=500_000)], commitments=[Commitment(1, 0, 200_000)]
    )
    assert sum(amounts(plan_of(of)).values()) == 300_000
    in_pieces = snapshot(
        lines=lines, capabilities=[capability(capacity_units=5_000_000)], commitments=[Commitment(1, 0, 200_000)]
    )
    assert sum(amounts(plan_of(in_pieces)).values()) == 300_000


def test_a_suppliers_total_holds_over_its_capabilities() -> None:
    of = snapshot(
        suppliers=[supplier(total_capacity=700_000)],
        capabilities=[capability(), capability("C2")],
        lines=[line(), line("N2")],
    )
    assert sum(amounts(plan_of(of)).values()) == 700_000


def test_the_target_comes_first() -> None:
    """Both want the 600,000; the product below its target gets the 500,000 it lacks, though it scores less."""
    lines = [
        line("N1", 0, local_now=500_000, outside=500_000, movable=500_000),
        line("N2", 1, price_ceiling=2_000_000, unit_price=900_000),
    ]
    of = snapshot(products=[product(), product("P2")], lines=lines, capabilities=[capability(capacity_yuan=600_000)])
    plan = plan_of(of)
    assert plan.objective.toward_target == 500_000
    assert amounts(plan) == {(0, 0): 100_000, (1, 0): 500_000}
    assert plan.suggestions[0].score > plan.suggestions[1].score


def test_a_rejected_pair_does_not_come_back() -> None:
    plan = plan_of(snapshot(exclusions=[Exclusion(0, 0, "价格不合适")]))
    assert amounts(plan) == {}
    assert plan.diagnosis == [{SpendClass.ONE_OTHER_RULE: 1_000_000}]


def test_not_released_and_unknown_origin_are_told_apart() -> None:
    of = snapshot(lines=[line(excluded=100_000, outside=500_000, unknown=400_000, movable=450_000)])
    plan = plan_of(of)
    assert plan.diagnosis == [
        {
            SpendClass.EXCLUDED: 100_000,
            SpendClass.SUGGESTED: 450_000,
            SpendClass.UNKNOWN_NOT_MOVED: 400_000,
            SpendClass.NOT_RELEASED: 50_000,
        }
    ]
    assert plan.unknown_reasons == [{SpendClass.NOT_RELEASED: 400_000}]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"certificates": (CertificateAsked("ISO 9001", date(2026, 12, 31)),)}, SpendClass.NEAR_CERTIFICATE),
        ({"lead_time_days": 5}, SpendClass.NEAR_LEAD_TIME),
        ({"price_ceiling": 1}, SpendClass.NEAR_PRICE),
        ({"max_moq": 1}, SpendClass.NEAR_MOQ),
        ({"distance_limit_km": 0}, SpendClass.ONE_OTHER_RULE),
        ({"unit": "套"}, SpendClass.ONE_OTHER_RULE),
        ({"lead_time_days": 5, "price_ceiling": 1}, SpendClass.SEVERAL_RULES),
        ({"part_name": "电线"}, SpendClass.NO_CANDIDATE),
    ],
)
def test_each_reason_for_what_stays(asked: dict[str, Any], reason: SpendClass) -> None:
    of = snapshot(lines=[line(**asked)], capabilities=[capability(moq=2)])
    assert plan_of(of).diagnosis == [{reason: 1_000_000}]


def test_what_is_eligible_elsewhere_is_taken_by_others() -> None:
    of = snapshot(lines=[line(), line("N2")], capabilities=[capability(capacity_yuan=1_000_000)])
    assert sorted(map(sorted, plan_of(of).diagnosis)) == [["capacity_taken"], ["suggested"]]


def test_near_misses_stand_beside_the_candidates_with_what_a_cure_could_bring() -> None:
    asked = line(certificates=(CertificateAsked("IATF 16949", date(2026, 12, 31)),))
    of = snapshot(
        lines=[asked],
        certificates=[certificate("IATF 16949", date(2027, 1, 1), 1)],
        **TWO_SUPPLIERS,
    )
    policy = PLAIN.model_copy(update={"supplier_cap": 0.6})
    plan = plan_of(of, policy)
    assert amounts(plan) == {(0, 1): 600_000}
    (near,) = plan.near_misses
    assert (near.supplier, near.rule, near.potential) == (0, Rule.CERTIFICATE, 400_000)
    assert near.evidence.sentence == "要求 IATF 16949 于 2026-12-31 有效，该企业没有登记任何证书"
    (funnel,) = plan.funnels
    assert (funnel.retrieved, funnel.eligible, funnel.taken) == (2, 1, 1)
    assert funnel.removed == {Rule.CERTIFICATE: 1}


def test_a_lever_is_told_with_its_city_and_what_each_cluster_gains() -> None:
    asked = (CertificateAsked("IATF 16949", date(2026, 12, 31)),)
    of = snapshot(
        clusters=[cluster(), cluster("B", cities=(WEIFANG,))],
        products=[product(), product("P2", cluster=1)],
        lines=[line(certificates=asked), line("N2", 1, certificates=asked)],
        suppliers=[supplier(), supplier("S2"), supplier("S3", region=WEIFANG)],
        capabilities=[
            capability(capacity_yuan=300_000),
            capability("C2", 1, capacity_yuan=200_000),
            capability("C3", 2),
        ],
    )
    levers = [
        (lever.rule, lever.what, lever.city, lever.suppliers, lever.gain, lever.cluster_gain)
        for lever in plan_of(of).levers
    ]
    assert levers == [
        (Rule.CERTIFICATE, "IATF 16949", WEIFANG, [2], 1_000_000, {1: 1_000_000}),
        (Rule.CERTIFICATE, "IATF 16949", "370200", [0, 1], 500_000, {0: 500_000}),
    ]


def test_a_lever_that_only_moves_money_around_is_none() -> None:
    """The second supplier could only take what the first one serves already."""
    asked = line(lead_time_days=30)
    of = snapshot(
        lines=[asked],
        suppliers=[supplier(), supplier("S2")],
        capabilities=[capability(), capability("C2", 1, lead_time_days=60)],
    )
    plan = plan_of(of)
    assert plan.levers == [] and plan.near_misses == []


def test_each_product_alone_can_reach_more_than_all_together() -> None:
    of = snapshot(
        products=[product(), product("P2")],
        lines=[line(), line("N2", 1)],
        capabilities=[capability(capacity_yuan=600_000)],
    )
    plan = plan_of(of)
    assert [row.attainable_alone for row in plan.products] == [600_000, 600_000]
    assert sum(row.attainable_joint for row in plan.products) == 600_000
    assert sum(row.greedy for row in plan.products) == 600_000


def test_greedy_is_the_rival_and_falls_short() -> None:
    """The best score takes the only supplier that the other line could have."""
    suppliers = [supplier(), supplier("S2")]
    capabilities = [
        capability(capacity_yuan=1_000_000),
        capability("C2", 1, capacity_yuan=1_000_000, lead_time_days=50),
    ]
    lines = [line("N1", unit_price=1_200_000), line("N2", lead_time_days=30)]
    plan = plan_of(snapshot(suppliers=suppliers, capabilities=capabilities, lines=lines))
    assert plan.objective.total == 2_000_000
    assert plan.greedy.total == 1_000_000


def lines_input() -> Snapshot:
    """As from input without quantities or prices: each need counts 1, its origin is unknown, nobody is verified."""
    bare: dict[str, Any] = {
        "unit": None,
        "quantity": None,
        "unit_price": None,
        "spend": 1,
        "outside": 0,
        "unknown": 1,
        "movable": 1,
        "class_code": None,
    }
    offer: dict[str, Any] = {"unit": None, "unit_price": None, "lead_time_days": None, "class_code": None}
    return snapshot(
        suppliers=[supplier(region="370000", status="submitted")],
        capabilities=[capability(capacity_units=1, moq=10, **offer)],
        products=[product(leader_key=None, leader_name=None, leader_region=None, cluster=None)],
        lines=[line(**bare), line("N2", part_name="电线", **bare)],
        clusters=[],
    )


def test_lines_mode_counts_each_need_once() -> None:
    plan = plan_of(lines_input(), Policy.lines_mode())
    assert amounts(plan) == {(0, 0): 1}
    assert plan.suggestions[0].quantity is None
    assert plan.objective.total == plan.bound.total == 1
    assert plan.diagnosis == [{SpendClass.SUGGESTED: 1}, {SpendClass.UNKNOWN_NOT_MOVED: 1}]
    assert plan.unknown_reasons == [{}, {SpendClass.NO_CANDIDATE: 1}]


def test_the_scope_decides_who_is_local() -> None:
    of = snapshot(suppliers=[supplier(region=WEIFANG)])
    assert amounts(plan_of(of)) == {}
    for scope in (Scope.CIRCLE, Scope.PROVINCE):
        assert amounts(plan_of(of, PLAIN.model_copy(update={"scope": scope}))) == {(0, 0): 1_000_000}


def test_an_empty_snapshot_has_an_empty_plan() -> None:
    plan = plan_of(Snapshot(as_of=date(2026, 11, 1), cursor="0:0"))
    assert plan.suggestions == [] and plan.gap == 0 and plan.objective == Objective(0, 0, 0)


def test_progress_names_each_step_once() -> None:
    steps: list[str] = []
    solve(snapshot(), Policy(basis=Basis.VALUE), steps.append)
    assert len(steps) == len(set(steps)) == 8


def test_a_cure_that_helps_another_line_through_a_chain_is_a_near_miss_with_its_gain() -> None:
    """N1 is full by C1, which N2 needs, too; a second supplier for N1 would set C1 free."""
    asked = (CertificateAsked("ISO 9001", date(2026, 12, 31)),)
    of = snapshot(
        lines=[line("N1", certificates=asked), line("N2", certificates=asked, lead_time_days=30)],
        suppliers=[supplier(), supplier("S2")],
        capabilities=[
            capability(capacity_yuan=1_000_000, lead_time_days=20),
            capability("C2", 1, capacity_yuan=1_000_000, lead_time_days=40),
        ],
        certificates=[certificate("ISO 9001", date(2027, 1, 1), 0)],
    )
    plan = plan_of(of)
    assert sum(amounts(plan).values()) == 1_000_000
    gains = {(near.line, near.supplier): near.gain for near in plan.near_misses}
    assert gains[0, 1] == 1_000_000
