"""Size by staff and revenue, which status may follow which, who may write for whom."""

from decimal import Decimal
from uuid import uuid4

import pytest

from services.catalog.enterprises.rules import (
    TRANSITIONS,
    Decision,
    Size,
    Status,
    may_write_for,
    refusal,
    region_prefix,
    size,
)
from shared.security.actor import Actor, Role


@pytest.mark.parametrize(
    ("staff", "revenue_wan", "expected"),
    [
        (1000, 40000, Size.LARGE),
        (999, 40000, Size.MEDIUM),
        (1000, 39999, Size.MEDIUM),
        (300, 2000, Size.MEDIUM),
        (300, 1999, Size.SMALL),
        (299, 999999, Size.SMALL),
        (20, 300, Size.SMALL),
        (19, 300, Size.MICRO),
        (5000, 299, Size.MICRO),
        (0, 0, Size.MICRO),
    ],
)
def test_size_needs_both_thresholds(staff: int, revenue_wan: int, expected: Size) -> None:
    assert size(staff, Decimal(revenue_wan)) is expected


@pytest.mark.parametrize(
    ("staff", "revenue_wan", "expected"),
    [
        (15, None, Size.MICRO),
        (None, Decimal(299), Size.MICRO),
        (20, None, None),
        (None, Decimal(50000), None),
        (None, None, None),
    ],
)
def test_size_with_one_figure_is_told_only_where_the_other_cannot_change_it(
    staff: int | None, revenue_wan: Decimal | None, expected: Size | None
) -> None:
    assert size(staff, revenue_wan) is expected


def test_a_retired_enterprise_stays_retired() -> None:
    assert not any(Status.RETIRED in before for before, _ in TRANSITIONS.values())


def test_every_other_status_can_be_left_and_reached_again_where_it_should() -> None:
    ways = {(before, after) for allowed, after in TRANSITIONS.values() for before in allowed}
    assert (Status.SUBMITTED, Status.VERIFIED) in ways
    assert (Status.SUSPENDED, Status.VERIFIED) in ways
    assert (Status.SUBMITTED, Status.SUSPENDED) not in ways
    assert set(TRANSITIONS) == set(Decision)


@pytest.mark.parametrize(
    ("status", "credit_code", "refused"),
    [
        (Status.SUBMITTED, "91", False),
        (Status.SUBMITTED, None, True),
        (Status.VERIFIED, None, False),
        (Status.SUSPENDED, "91", True),
        (Status.RETIRED, "91", True),
    ],
)
def test_who_cannot_be_verified(status: Status, credit_code: str | None, refused: bool) -> None:
    assert (refusal(status, credit_code) is not None) is refused


@pytest.mark.parametrize(("code", "prefix"), [("370000", "37"), ("370200", "3702"), ("370214", "370214")])
def test_a_region_holds_what_begins_like_it(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix


def test_an_enterprise_writes_for_itself_in_its_role_and_a_reviewer_for_all() -> None:
    own, other = uuid4(), uuid4()
    leader = Actor("l", Role.CHAIN_LEADER, own)
    assert may_write_for(leader, Role.CHAIN_LEADER, own)
    assert not may_write_for(leader, Role.CHAIN_LEADER, other)
    assert not may_write_for(leader, Role.SUPPLIER, own)
    assert not may_write_for(leader, Role.CHAIN_LEADER, None)
    assert may_write_for(Actor("r", Role.REVIEWER), Role.SUPPLIER, other)
    assert not may_write_for(Actor("s", Role.SERVICE), Role.SUPPLIER, other)
