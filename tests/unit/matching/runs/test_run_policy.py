"""Which policies a run accepts, and on which day it judges."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.matching.engine.policy import Basis, Policy, Scope
from services.matching.runs.rules import InvalidPolicy, day_of, policy_of


def test_nothing_said_is_the_default_policy() -> None:
    assert policy_of({}) == Policy()


def test_what_is_said_overrides_the_default_and_nothing_else() -> None:
    policy = policy_of({"scope": "province", "weights": {"price": 0}})
    assert policy.scope is Scope.PROVINCE
    assert policy.weights.price == 0
    assert policy.weights.text == Policy().weights.text
    assert policy.supplier_cap == Policy().supplier_cap


def test_the_lines_basis_starts_from_the_lines_mode() -> None:
    policy = policy_of({"basis": "lines", "require_verified": True})
    assert policy.basis is Basis.LINES
    assert (policy.supplier_cap, policy.minimum_share, policy.limit_capacity) == (1, 0, False)
    assert policy.require_verified is True


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"basis": "suppliers"}, "basis"),
    ({"basis": "lines", "supplier_cap": 0.6}, "supplier_cap"),
    ({"weights": {"text": 900}}, "weights"),
]


@pytest.mark.parametrize(("overrides", "field"), WRONG)
def test_a_policy_that_plans_nothing_is_refused_naming_the_field(overrides: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        policy_of(overrides)
    assert refused.value.field == field


def test_the_day_of_a_run_is_that_of_china() -> None:
    assert day_of(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert day_of(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
