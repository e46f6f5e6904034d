"""Each part of the score: its weight times a measure between 0 and 1."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.matching.engine.judgement.scores import score_parts
from services.matching.engine.policy import Policy, Weights
from services.matching.engine.snapshot import Preference, Snapshot
from shared.codes.parameters import Parameter
from tests.unit.matching.engine.build import (
    WEIFANG,
    capability,
    certificate,
    first_pair,
    line,
    product,
    snapshot,
    supplier,
)


def part(name: str, of: Snapshot, policy: Policy | None = None, text: float = 1.0) -> int:
    """One part of the first pair's score."""
    facts, pair = first_pair(of, policy or Policy())
    return score_parts(facts, pair, text)[name]


def test_the_parts_stand_in_the_order_of_the_weights_and_fill_a_thousand() -> None:
    facts, pair = first_pair(snapshot())
    assert list(score_parts(facts, pair, 1)) == list(Weights.model_fields)
    assert sum(points for _, points in Weights()) == 1000


@pytest.mark.parametrize(("text", "points"), [(0.0, 0), (0.5, 170), (0.999, 339), (1.0, 340)])
def test_text(text: float, points: int) -> None:
    assert part("text", snapshot(), text=text) == points


@pytest.mark.parametrize(("offered", "points"), [("3670", 160), (None, 0)])
def test_class_nearness(offered: str | None, points: int) -> None:
    assert part("class_nearness", snapshot(capabilities=[capability(class_code=offered)])) == points


def test_a_class_far_away_is_less_near() -> None:
    near, far = (
        part("class_nearness", snapshot(capabilities=[capability(class_code=code)])) for code in ("3660", "2911")
    )
    assert 160 > near > far > 0


def test_parameter_margin() -> None:
    asked = Parameter(name="外径", low=Decimal(100), high=Decimal(200), unit="mm")
    wide = Parameter(name="外径", low=Decimal(10), high=Decimal(900), unit="mm")
    of = snapshot(lines=[line(parameters=(asked,))], capabilities=[capability(parameters=(wide,))])
    tight = snapshot(lines=[line(parameters=(asked,))], capabilities=[capability(parameters=(asked,))])
    assert part("parameter_margin", of) > part("parameter_margin", tight)
    assert part("parameter_margin", snapshot()) == 80
    assert part("parameter_margin", snapshot(lines=[line(parameters=(asked,))])) == 0


def test_extra_certificates_count_while_they_are_valid() -> None:
    held = [certificate("ISO 14001", date(2027, 1, 1)), certificate("ISO 45001", date(2026, 10, 31))]
    assert part("extra_certificates", snapshot(certificates=held)) == 16
    assert part("extra_certificates", snapshot()) == 0


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, 90),
        ({"capacity_yuan": 500_000}, 45),
        ({"capacity_units": 2_500_000}, 22),
        ({"capacity_yuan": 9_000_000}, 90),
    ],
)
def test_capacity_headroom(changes: dict[str, Any], points: int) -> None:
    assert part("capacity_headroom", snapshot(capabilities=[capability(**changes)])) == points


def test_capacity_is_no_matter_where_it_does_not_limit() -> None:
    of = snapshot(capabilities=[capability(capacity_yuan=1)])
    assert part("capacity_headroom", of, Policy(limit_capacity=False)) == 90


@pytest.mark.parametrize(
    ("price", "points"), [(1_000_000, 45), (800_000, 90), (500_000, 90), (1_300_000, 0), (None, 0)]
)
def test_price(price: int | None, points: int) -> None:
    assert part("price", snapshot(capabilities=[capability(unit_price=price)])) == points


def test_distance() -> None:
    here = snapshot(suppliers=[supplier(region="370214")])
    there = snapshot(suppliers=[supplier(region=WEIFANG)])
    assert part("distance", here) == 80 > part("distance", there) > 0
    assert part("distance", snapshot(products=[product(leader_region=None)])) == 0


@pytest.mark.parametrize(
    ("asked", "days", "points"), [(40, 20, 30), (None, 45, 30), (None, 90, 0), (10, 20, 0), (40, None, 0)]
)
def test_lead_time(asked: int | None, days: int | None, points: int) -> None:
    of = snapshot(lines=[line(lead_time_days=asked)], capabilities=[capability(lead_time_days=days)])
    assert part("lead_time", of) == points


def test_newcomer() -> None:
    assert part("newcomer", snapshot()) == 50
    assert part("newcomer", snapshot(suppliers=[supplier(known=True)])) == 0


def test_heavier_weights_are_scaled_down_to_a_thousand() -> None:
    heavy = Policy(weights=Weights(text=3000))
    facts, pair = first_pair(snapshot(), heavy)
    assert sum(score_parts(facts, pair, 1).values()) <= 1000
    assert part("text", snapshot(), heavy) == 819


@pytest.mark.parametrize(("bonus", "weight", "expected"), [(50, 340, 50), (0, 340, 0), (1000, 340, 1000)])
def test_whom_the_leader_prefers_has_a_bonus_as_far_as_there_is_room(bonus: int, weight: int, expected: int) -> None:
    facts, pair = first_pair(
        snapshot(preferences=[Preference(0, 0, False)]), Policy(preferred_bonus=bonus, weights=Weights(text=weight))
    )
    parts = score_parts(facts, pair, 0.5)
    assert parts["preferred"] == min(expected, 1000 - sum(parts.values()) + parts["preferred"])
    assert sum(parts.values()) <= 1000


def test_whom_the_leader_does_not_name_has_no_such_part() -> None:
    facts, pair = first_pair(snapshot(preferences=[Preference(0, 0, True)]))
    assert "preferred" not in score_parts(facts, pair, 1)
