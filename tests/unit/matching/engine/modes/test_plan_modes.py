"""Plans in other modes than raise_rate, and the newcomer floor, worked by hand."""

from typing import Any

import pytest

from services.matching.engine.plan import ModeOutcome, NewcomerOutcome, Plan
from services.matching.engine.policy import Mode, Policy
from services.matching.engine.snapshot import Snapshot
from tests.unit.matching.engine.build import PLAIN, capability, line, plan_of, snapshot, supplier

DEAR, CHEAP = 1_100_000, 900_000


def policy(mode: Mode, **terms: Any) -> Policy:
    """No cap, no minimum."""
    return PLAIN.model_copy(update={"mode": mode, **terms})


def amounts(plan: Plan) -> dict[tuple[int, int], int]:
    return {(row.line, row.capability): row.amount for row in plan.suggestions}


def outcome(plan: Plan) -> ModeOutcome:
    assert plan.mode is not None
    return plan.mode


def two_prices(**limits: Any) -> Snapshot:
    """A line of 1,000,000 元 at 100 元, offered at 110 元 without limit and at 90 元 for 300,000 元."""
    return snapshot(
        suppliers=[supplier(), supplier("S2")],
        capabilities=[
            capability(unit_price=DEAR, **limits),
            capability("C2", 1, unit_price=CHEAP, capacity_yuan=300_000),
        ],
    )


def test_the_target_is_reached_at_the_least_cost() -> None:
    plan = plan_of(two_prices(), policy(Mode.LEAST_CHANGE))
    assert amounts(plan) == {(0, 0): 200_000, (0, 1): 300_000}
    found = outcome(plan)
    assert (found.status, found.local, found.asked, found.counted) == ("optimal", 500_000, 500_000, 1_000_000)
    assert found.extra_cost == found.bound == -10_000
    assert found.gap == 0


def test_a_new_supplier_costs_something() -> None:
    """The cheaper one beside the dearer one saves 60,000 元: not enough, where a switch costs 70,000."""
    plan = plan_of(two_prices(), policy(Mode.LEAST_CHANGE, switching_per_pair=70_000))
    assert amounts(plan) == {(0, 0): 500_000}
    assert outcome(plan).extra_cost == 120_000


def test_a_target_out_of_reach_is_said_to_be_so_with_the_most_that_can_be() -> None:
    """499,999 of 1,000,000 元 is not a half."""
    plan = plan_of(two_prices(capacity_yuan=199_999), policy(Mode.LEAST_CHANGE))
    found = outcome(plan)
    assert (found.status, found.local, found.asked, found.bound) == ("unreachable", 499_999, 500_000, 499_999)
    assert sum(amounts(plan).values()) == 499_999


def test_within_todays_cost_the_cheaper_pays_for_the_dearer() -> None:
    plan = plan_of(two_prices(), policy(Mode.WITHIN_COST))
    assert amounts(plan) == {(0, 0): 300_000, (0, 1): 300_000}
    found = outcome(plan)
    assert (found.status, found.extra_cost, found.local, found.bound) == ("optimal", 0, 600_000, 600_000)


def test_a_tolerance_buys_more() -> None:
    plan = plan_of(two_prices(), policy(Mode.WITHIN_COST, cost_tolerance=0.01))
    assert sum(amounts(plan).values()) == 700_000
    assert outcome(plan).extra_cost == 10_000


@pytest.mark.parametrize("cap", [0.6, 1.0])
def test_a_line_goes_whole_to_one_source_whatever_the_cap(cap: float) -> None:
    of = snapshot(
        suppliers=[supplier(), supplier("S2")],
        capabilities=[capability(capacity_yuan=1_700_000), capability("C2", 1, capacity_yuan=900_000)],
        lines=[line(), line("N2", spend=800_000, outside=800_000, movable=800_000)],
    )
    plan = plan_of(of, policy(Mode.SINGLE_SOURCE, supplier_cap=cap))
    assert amounts(plan) == {(0, 0): 1_000_000, (1, 1): 800_000}
    assert (outcome(plan).status, outcome(plan).gap) == ("optimal", 0)


def test_raising_the_rate_has_no_other_outcome() -> None:
    plan = plan_of(snapshot())
    assert (plan.mode, plan.newcomers) == (None, None)


def known_and_new() -> Snapshot:
    """A line that either firm could serve; the known one by a better offer."""
    return snapshot(
        suppliers=[supplier(known=True), supplier("S2")],
        capabilities=[capability(lead_time_days=1), capability("C2", 1, capacity_yuan=200_000, lead_time_days=80)],
    )


def test_a_floor_for_newcomers_is_kept_and_says_what_it_costs() -> None:
    """200,000 元 is all that newcomers can do; at least 40 % are to be theirs, so that 500,000 元 move and not all."""
    plan = plan_of(known_and_new(), PLAIN.model_copy(update={"newcomer_share": 0.4}))
    assert amounts(plan) == {(0, 0): 300_000, (0, 1): 200_000}
    assert plan.newcomers == NewcomerOutcome(0.4, True, 200_000, 500_000, 500_000)


def test_the_floor_holds_under_minimums() -> None:
    asked = Policy(newcomer_share=0.4)
    plan = plan_of(known_and_new(), asked)
    assert plan.newcomers is not None and plan.newcomers.reached
    assert plan.newcomers.newcomers * 10 >= plan.newcomers.moved * 4


def test_where_no_newcomer_can_do_anything_nothing_is_moved() -> None:
    of = snapshot(suppliers=[supplier(known=True)])
    plan = plan_of(of, PLAIN.model_copy(update={"newcomer_share": 0.1}))
    assert plan.newcomers == NewcomerOutcome(0.1, True, 0, 0, 1_000_000)
